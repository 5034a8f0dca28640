#include "weft/adapters/future.h"

#include <system_error>

namespace weft::detail {

void throw_would_wait_for_itself() {
  throw std::system_error(
      std::make_error_code(std::errc::resource_deadlock_would_occur),
      "a LoopFuture that is not ready was waited for on the thread of its own loop");
}

}  // namespace weft::detail
