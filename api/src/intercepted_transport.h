#pragma once

#include <memory>
#include <mutex>

#include "weft/api/interceptor.h"
#include "weft/transport/wrapping_transport.h"

namespace weft::detail {

// A transport behind one interceptor.
class InterceptedTransport final : public WrappingTransport,
                                   public std::enable_shared_from_this<InterceptedTransport> {
 public:
  InterceptedTransport(std::shared_ptr<Transport> next, std::shared_ptr<Interceptor> interceptor)
      : WrappingTransport(std::move(next)), interceptor_(std::move(interceptor)) {}

  Transport& next() const { return inner(); }
  Interceptor& interceptor() const { return *interceptor_; }

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;
  void shutdown(ShutdownMode mode, const CallStatus& status) override;

  // Live streams, which may be held by the interceptor where `next` does not know of them (T82).
  void enter(InterceptedStream& stream);
  void leave(InterceptedStream& stream);

 private:
  const std::shared_ptr<Interceptor> interceptor_;
  std::mutex mutex_;
  InterceptedStream* live_ = nullptr;
};

}  // namespace weft::detail
