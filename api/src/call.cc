#include "weft/api/call.h"

#include <ostream>

namespace weft {

std::optional<absl::Duration> Call::time_remaining() const {
  const Deadline deadline = core().deadline();
  if (deadline.is_infinite()) return std::nullopt;
  return deadline.remaining(core().loop().now());
}

namespace {

// Callbacks see the call through a handle that lives as long as they run.
class CallView final : public Call {
 public:
  explicit CallView(detail::CallCore& core)
      : Call(detail::CallHandle(detail::CallReference(core))) {}
};

}  // namespace

void Call::add_done_callback(absl::AnyInvocable<void(const Call&)> callback) const {
  core().add_done_callback([callback = std::move(callback)](detail::CallCore& done) mutable {
    const CallView view(done);
    callback(view);
  });
}

std::ostream& operator<<(std::ostream& out, const Call& call) {
  return out << call.to_string();
}

}  // namespace weft
