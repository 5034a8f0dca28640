#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "weft/transport/transport.h"

namespace weft {

// A rule of the contract that a transport broke.
class RuleViolation {
 public:
  RuleViolation(std::string broken_rule, std::string what_happened, std::string stream_state)
      : rule(std::move(broken_rule)),
        event(std::move(what_happened)),
        state(std::move(stream_state)) {}

  std::string rule;   // "T12"
  std::string event;  // what came, and what it broke
  std::string state;  // the stream's state then
};

// Wraps any transport and holds it to the rules: the order of what it delivers (T10-T12, T17, T24),
// exactly one completion for each accepted operation (T05), none on the starting stack (T61) nor
// inside another (T60), usage errors refused without effect (T20-T22, T25), cancel() false after
// the end (T36). Everything passes through unchanged.
//
// A violation goes to the handler, on the loop's thread; the default prints it and aborts. Use it
// in tests and debug builds, also around a transport of your own. Each stream costs one allocation.
class CheckedTransport final : public Transport {
 public:
  using ViolationHandler = absl::AnyInvocable<void(const RuleViolation&)>;

  explicit CheckedTransport(std::shared_ptr<Transport> inner, ViolationHandler handler = nullptr);
  ~CheckedTransport() override;

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;
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

 private:
  std::shared_ptr<Transport> inner_;
  std::shared_ptr<ViolationHandler> handler_;
};

}  // namespace weft
