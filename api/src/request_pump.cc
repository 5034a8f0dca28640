#include "weft/api/detail/request_pump.h"

#include "weft/transport/detail/text.h"

namespace weft::detail {

std::string unserialisable_text(const absl::Status& why) {
  return detail::text("cannot serialise the request: ", why.message());
}

Task<bool> pump_one(CallCore& call, absl::StatusOr<Bytes> message) {
  if (!message.ok()) {
    call.fail(StatusCode::kInternal, unserialisable_text(message.status()));
    co_return false;
  }
  CallAwaitable<WriteAwaiter, absl::StatusOr<Bytes>, SendOptions, Writer> write(
      CallReference(call), std::move(message), SendOptions(), Writer::source);
  const absl::Status written = co_await std::move(write);
  co_return written.ok();
}

}  // namespace weft::detail
