#pragma once

#include <memory>
#include <mutex>

#include "weft/api/interceptor.h"

namespace weft::detail {

// A transport behind one interceptor.
class InterceptedTransport final : public Transport,
                                   public std::enable_shared_from_this<InterceptedTransport> {
 public:
  InterceptedTransport(std::shared_ptr<Transport> next, std::shared_ptr<Interceptor> interceptor)
      : next_(std::move(next)), interceptor_(std::move(interceptor)) {}

  Transport& next() const { return *next_; }
  Interceptor& interceptor() const { return *interceptor_; }

  const Capabilities& capabilities() const override { return next_->capabilities(); }
  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;
  ConnectivityState connectivity(bool try_to_connect) override {
    return next_->connectivity(try_to_connect);
  }
  void wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                       ConnectivityCompletion& changed) override {
    next_->wait_for_change(loop, last, deadline, changed);
  }
  void cancel_wait(ConnectivityCompletion& changed) override { next_->cancel_wait(changed); }
  void shutdown(ShutdownMode mode, const CallStatus& status) override;
  Bytes allocate(std::size_t size) override { return next_->allocate(size); }

  // Live streams, which may be held by the interceptor where `next` does not know of them (T82).
  void enter(InterceptedStream& stream);
  void leave(InterceptedStream& stream);

 private:
  const std::shared_ptr<Transport> next_;
  const std::shared_ptr<Interceptor> interceptor_;
  std::mutex mutex_;
  InterceptedStream* live_ = nullptr;
};

}  // namespace weft::detail
