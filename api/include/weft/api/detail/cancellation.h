#pragma once

#include <string>

namespace weft::detail {

// Why frames of a task are being destroyed. A task that is cancelled is torn down from its root; an
// awaiter that is destroyed while it waits asks here whether that is a cancellation, which ends the
// call it waits for (B191-B194), or just nobody waiting any more, which leaves it alone (T39,
// B197).
class Cancellation {
 public:
  Cancellation() = default;

  void request(std::string reason) {
    requested_ = true;
    reason_ = std::move(reason);
  }
  bool requested() const { return requested_; }
  // Carried to the call's status (B204); may be empty.
  const std::string& reason() const { return reason_; }

 private:
  bool requested_ = false;
  std::string reason_;
};

// The cancellation that a coroutine with this promise stands under; null for foreign coroutines.
template <class Promise>
Cancellation* cancellation_of(Promise& promise) {
  if constexpr (requires { promise.cancellation(); }) {
    return promise.cancellation();
  } else {
    return nullptr;
  }
}

}  // namespace weft::detail
