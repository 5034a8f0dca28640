#pragma once

#include <cstddef>
#include <vector>

#include "weft/transport/deadline.h"
#include "weft/transport/instant.h"

namespace weft {

class TimerQueue;

// A one-shot timer: an intrusive node, owned by whoever embeds it. Destroying an armed timer
// disarms it. It is touched only on its loop's thread.
class Timer {
 public:
  using Fire = void (*)(Timer&) noexcept;

  explicit Timer(Fire fire) noexcept : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  bool is_armed() const { return queue_ != nullptr; }
  Instant due() const { return due_; }
  Fire function() const { return fire_; }
  // How many were armed on its queue before it; says which timer it is, in any run.
  unsigned long long order() const { return order_; }
  // Harmless when not armed.
  void disarm() noexcept;

 private:
  friend class TimerQueue;

  Fire fire_;
  Instant due_;
  TimerQueue* queue_ = nullptr;
  std::size_t index_ = 0;
  unsigned long long order_ = 0;
};

// Armed timers, earliest first; equal instants in the order in which they were armed. It is told
// the time by its owner and never reads a clock. Costs nothing while no timer is armed.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  bool empty() const { return heap_.empty(); }
  // Never, if nothing is armed.
  Deadline next_due() const {
    return heap_.empty() ? Deadline::infinite() : Deadline::at(heap_.front()->due_);
  }

  // Re-arms a timer that is already armed.
  void arm(Timer& timer, Instant due);
  void disarm(Timer& timer) noexcept;

  // Fires the earliest timer if it is due at `now`; whether it did. A fired timer is disarmed
  // before its function runs, which may arm and disarm timers, this one included.
  bool fire_next(Instant now) noexcept;

  // For loops that choose: the timers that share the earliest instant, in the order in which they
  // were armed, appended to `timers`; and firing one of them.
  void collect_earliest(std::vector<Timer*>& timers) const;
  void fire(Timer& timer) noexcept;
  // How many were armed so far.
  unsigned long long armed_so_far() const { return next_order_; }

 private:
  bool before(const Timer& a, const Timer& b) const;
  void place(Timer& timer, std::size_t index);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Timer*> heap_;
  unsigned long long next_order_ = 0;
};

}  // namespace weft
