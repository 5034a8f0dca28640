#include "intercepted_transport.h"

#include <utility>

#include "intercepted_stream.h"

namespace weft {
namespace detail {

StreamPtr InterceptedTransport::create_stream(EventLoop& loop, StreamOptions options) {
  return StreamPtr(new InterceptedStream(shared_from_this(), loop, std::move(options)));
}

void InterceptedTransport::shutdown(ShutdownMode mode, const CallStatus& status) {
  next().shutdown(mode, status);
  if (mode != ShutdownMode::immediate) return;
  const std::lock_guard lock(mutex_);
  for (InterceptedStream* stream = live_; stream != nullptr; stream = stream->next_live) {
    stream->end(status);
  }
}

void InterceptedTransport::enter(InterceptedStream& stream) {
  const std::lock_guard lock(mutex_);
  stream.next_live = live_;
  if (live_ != nullptr) live_->previous_live = &stream;
  live_ = &stream;
}

void InterceptedTransport::leave(InterceptedStream& stream) {
  const std::lock_guard lock(mutex_);
  if (stream.previous_live == nullptr && live_ != &stream) return;  // it left before
  (stream.previous_live != nullptr ? stream.previous_live->next_live : live_) = stream.next_live;
  if (stream.next_live != nullptr) stream.next_live->previous_live = stream.previous_live;
  stream.next_live = stream.previous_live = nullptr;
}

}  // namespace detail

std::shared_ptr<Transport> intercept(std::shared_ptr<Transport> transport,
                                     std::vector<std::shared_ptr<Interceptor>> interceptors) {
  for (auto interceptor = interceptors.rbegin(); interceptor != interceptors.rend();
       ++interceptor) {
    transport = std::make_shared<detail::InterceptedTransport>(std::move(transport),
                                                               std::move(*interceptor));
  }
  return transport;
}

}  // namespace weft
