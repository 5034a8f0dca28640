#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "weft/transport/transport.h"

namespace weft {

// A transport around another, to derive from: everything but create_stream() goes to the inner one
// unchanged, so a wrapper says only what it does differently. What it makes of the inner streams is
// its own affair; it keeps the rules only if they do.
//
// Threads, lifetime and errors: those of the inner transport, which it shares the ownership of.
class WrappingTransport : public Transport {
 public:
  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  ConnectivityState connectivity(bool try_to_connect) override {
    return inner_->connectivity(try_to_connect);
  }
  void wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                       ConnectivityCompletion& changed) override {
    inner_->wait_for_change(loop, last, deadline, changed);
  }
  void cancel_wait(ConnectivityCompletion& changed) override { inner_->cancel_wait(changed); }
  void shutdown(ShutdownMode mode, const CallStatus& status) override {
    inner_->shutdown(mode, status);
  }
  Bytes allocate(std::size_t size) override { return inner_->allocate(size); }

 protected:
  // `inner` is not null.
  explicit WrappingTransport(std::shared_ptr<Transport> inner) : inner_(std::move(inner)) {}

  Transport& inner() const { return *inner_; }

 private:
  const std::shared_ptr<Transport> inner_;
};

}  // namespace weft
