#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "weft/transport/wrapping_transport.h"

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
class CheckedTransport final : public WrappingTransport {
 public:
  using ViolationHandler = absl::AnyInvocable<void(const RuleViolation&)>;

  explicit CheckedTransport(std::shared_ptr<Transport> inner, ViolationHandler handler = nullptr);
  ~CheckedTransport() override;

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;

 private:
  std::shared_ptr<ViolationHandler> handler_;
};

}  // namespace weft
