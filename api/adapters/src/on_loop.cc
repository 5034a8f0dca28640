#include "weft/adapters/on_loop.h"

#include <system_error>

namespace weft::detail {

void refuse_making_on_own_thread(PortState& port) {
  if (!port.is_own_thread()) return;
  throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur),
                          "an OnLoop was made on the thread of its own loop");
}

void throw_not_made() {
  throw std::system_error(std::make_error_code(std::errc::operation_canceled),
                          "an OnLoop was not made: the port of the loop is closed");
}

}  // namespace weft::detail
