#pragma once

#include <thread>

#include "weft/transport/event_loop.h"

namespace weft::test {

// A loop of virtual time that runs only when the test says so.
class ManualLoop final : public EventLoop {
 public:
  using EventLoop::post;

  Instant now() const noexcept override { return now_; }
  void post(LoopTask& task) noexcept override { inbox_.push(task); }
  bool is_current() const noexcept override { return std::this_thread::get_id() == owner_; }

  // The next task or, if there is none, the next timer, whose instant then is the time.
  bool run_one() override {
    if (run_one_task()) return true;
    const Deadline due = timers_.next_due();
    if (due.is_infinite()) return false;
    if (due.instant() > now_) now_ = due.instant();
    return timers_.fire_next(now_);
  }

  // One task, without letting time pass.
  bool run_one_task() {
    if (ready_.empty()) inbox_.drain_into(ready_);
    LoopTask* task = ready_.pop();
    if (task != nullptr) task->run();
    return task != nullptr;
  }

  // Every task that is ready and those they make ready; time stands still.
  void settle() {
    while (run_one_task()) {
    }
  }

  // Lets time pass, running whatever falls due on the way.
  void advance(absl::Duration duration) {
    const Instant until = now_ + duration;
    settle();
    while (!timers_.empty() && timers_.next_due().instant() <= until) {
      run_one();
      settle();
    }
    now_ = until;
  }

  bool has_timers() const { return !timers_.empty(); }

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  Instant now_ = Instant::from_nanoseconds(1'000'000'000);
};

}  // namespace weft::test
