#include "weft/api/codec.h"

#include <exception>

#include "weft/transport/detail/text.h"

namespace weft::detail {

absl::Status codec_exception() {
  try {
    throw;
  } catch (const std::exception& error) {
    return absl::InternalError(text("the codec threw: ", error.what()));
  } catch (...) {
    return absl::InternalError("the codec threw an exception of unknown type");
  }
}

}  // namespace weft::detail
