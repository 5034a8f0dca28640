#include "weft/api/interceptor.h"

#include <utility>

#include "intercepted_stream.h"

namespace weft::detail {

ProceedAwaiter::ProceedAwaiter(InterceptedStream& stream)
    : LoopTask(
          [](LoopTask& task) noexcept { static_cast<ProceedAwaiter&>(task).handle_.resume(); }),
      stream_(&stream) {}

ProceedAwaiter::~ProceedAwaiter() {
  stream_->abandon(*this);
}

void ProceedAwaiter::await_suspend(std::coroutine_handle<> handle, std::source_location where) {
  handle_ = handle;
  wait_.begin(stream_->loop(), handle, "proceed", where);
  stream_->proceed(*this);
}

CallStatus ProceedAwaiter::await_resume() {
  wait_.end();
  stream_->abandon(*this);
  return std::move(status_);
}

}  // namespace weft::detail

namespace weft {

EventLoop& InterceptedCall::loop() const {
  return stream_->loop();
}
StreamOptions& InterceptedCall::options() const {
  return stream_->options();
}
bool InterceptedCall::can_proceed() const {
  return stream_->can_proceed();
}
void InterceptedCall::keep_requests(std::size_t bytes_max) const {
  stream_->keep_requests(bytes_max);
}
void InterceptedCall::respond(Bytes message) const {
  stream_->respond(std::move(message));
}
void InterceptedCall::respond_headers(Metadata metadata) const {
  stream_->respond_headers(std::move(metadata));
}
void InterceptedCall::on_request(absl::AnyInvocable<void(Bytes&)> hook) const {
  stream_->on_request.set(std::move(hook));
}
void InterceptedCall::on_initial_metadata(absl::AnyInvocable<void(Metadata&)> hook) const {
  stream_->on_initial_metadata.set(std::move(hook));
}
void InterceptedCall::on_response(absl::AnyInvocable<void(Bytes&)> hook) const {
  stream_->on_response.set(std::move(hook));
}

detail::ProceedAwaiter InterceptedCall::Proceed::operator co_await() const {
  return detail::ProceedAwaiter(*stream_);
}

}  // namespace weft
