#pragma once

#include <string>
#include <utility>

namespace weft::detail {

// Why frames of a task are being destroyed. A task that is cancelled is torn down from its root; an
// awaiter that is destroyed while it waits asks here whether that is a cancellation, which ends the
// call it waits for (B191-B194), or just nobody waiting any more, which leaves it alone (T39,
// B197).
//
// Frames keep a pointer to it, so it outlives those of its task. A generator may outlive the task
// that asked it: its frames have one of their own, which follows that task's as long as that lives.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation() {
    follow(nullptr);
    lose_followers();
  }

  // The first reason counts.
  void request(std::string reason) {
    if (std::exchange(requested_, true)) return;
    reason_ = std::move(reason);
  }
  bool requested() const { return requested_ || (leader_ != nullptr && leader_->requested()); }
  // Carried to the call's status (B204); may be empty.
  const std::string& reason() const {
    return requested_ || leader_ == nullptr ? reason_ : leader_->reason();
  }

  // From now on a request of the leader's, or of nobody else's, counts here as well.
  void follow(Cancellation* leader) noexcept {
    if (leader_ == leader) return;
    if (leader_ != nullptr) {
      *link_ = next_;
      if (next_ != nullptr) next_->link_ = link_;
    }
    leader_ = leader;
    if (leader == nullptr) return;
    next_ = leader->followers_;
    if (next_ != nullptr) next_->link_ = &next_;
    link_ = &leader->followers_;
    leader->followers_ = this;
  }
  // The frames of its task are gone: it means nothing to anybody any more.
  void lose_followers() noexcept {
    while (followers_ != nullptr) followers_->follow(nullptr);
  }

 private:
  bool requested_ = false;
  std::string reason_;
  Cancellation* leader_ = nullptr;
  Cancellation* followers_ = nullptr;
  Cancellation* next_ = nullptr;   // among the leader's followers
  Cancellation** link_ = nullptr;  // what points to this one there
};

// Lives while frames are destroyed. A scope that is among what they hold tears its children down
// for the same reason, wherever the coroutine that holds it was waiting.
class TearDown {
 public:
  explicit TearDown(const Cancellation* of_frames) noexcept
      : outer_(std::exchange(innermost, of_frames)) {}
  TearDown(const TearDown&) = delete;
  TearDown& operator=(const TearDown&) = delete;
  ~TearDown() { innermost = outer_; }

  // Of the one that is under way on this thread; empty if none is, or it is no cancellation.
  static std::string reason() {
    return innermost != nullptr && innermost->requested() ? innermost->reason() : std::string();
  }

 private:
  static inline thread_local constinit const Cancellation* innermost = nullptr;
  const Cancellation* outer_;
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
