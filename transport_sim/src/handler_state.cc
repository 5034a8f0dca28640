#include <exception>

#include "weft/transport/detail/text.h"
#include "weft/transport_sim/detail/handler_program.h"
#include "weft/transport_sim/world.h"

namespace weft::sim::detail {

void HandlerState::Waiter::suspend(HandlerState& state, std::coroutine_handle<> handle,
                                   LoopTaskQueue& queue, std::string_view what,
                                   const std::source_location& where) {
  handle_ = handle;
  queue.push(*this);
  observer_ = state.call.world().loop().wait_observer();
  if (observer_ == nullptr) return;
  observer_->waits(handle.address(), what,
                   weft::detail::text("the handler of call", state.call.number()), where);
}

void HandlerState::wake(LoopTaskQueue& queue) {
  while (LoopTask* waiter = queue.pop()) call.world().defer(*waiter);
}

void HandlerState::wake_all() {
  wake(readers);
  wake(writers);
  wake(cancel_watchers);
}

CallStatus to_call_status(const absl::Status& status, Metadata trailing_metadata) {
  CallStatus call_status(status.code(), weft::detail::text(status.message()));
  call_status.trailing_metadata = std::move(trailing_metadata);
  return call_status;
}

absl::Status handler_exception() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return absl::UnknownError(exception.what());
  } catch (...) {
    return absl::UnknownError("the handler threw");
  }
}

}  // namespace weft::sim::detail
