#include "weft/adapters/outcome.h"

#include "weft/api/rpc_error.h"
#include "weft/transport/detail/text.h"

namespace weft::detail {

absl::Status stopped_status(std::string_view why) {
  return absl::CancelledError(as_absl(why.empty() ? std::string_view("stopped") : why));
}

absl::Status status_of(std::exception_ptr error) noexcept {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const RpcError& failure) {
    return failure.status().to_status();
  } catch (const std::exception& failure) {
    return absl::UnknownError(failure.what());
  } catch (...) {
    return absl::UnknownError("an exception of unknown type");
  }
}

}  // namespace weft::detail
