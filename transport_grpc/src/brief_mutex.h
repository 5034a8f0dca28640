#pragma once

#include <atomic>

namespace weft {

// A mutex for a few instructions under it, hardly ever contended: taking and releasing it costs one
// atomic operation each, compiled in. Whoever has to wait sleeps.
class BriefMutex {
 public:
  void lock() noexcept {
    State expected = State::unlocked;
    if (state_.compare_exchange_strong(expected, State::locked, std::memory_order_acquire)) return;
    while (state_.exchange(State::awaited, std::memory_order_acquire) != State::unlocked) {
      state_.wait(State::awaited, std::memory_order_relaxed);
    }
  }
  void unlock() noexcept {
    if (state_.exchange(State::unlocked, std::memory_order_release) == State::awaited) {
      state_.notify_one();
    }
  }

 private:
  // awaited: locked, and perhaps somebody sleeps.
  enum class State : int { unlocked, locked, awaited };
  std::atomic<State> state_ = State::unlocked;
};

}  // namespace weft
