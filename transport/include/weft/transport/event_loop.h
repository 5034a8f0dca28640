#pragma once

#include <atomic>

#include "absl/functional/any_invocable.h"
#include "weft/transport/instant.h"
#include "weft/transport/loop_task.h"
#include "weft/transport/timer_queue.h"
#include "weft/transport/wait_observer.h"

namespace weft {

// Tasks handed over from other threads: a lock-free list, emptied by the loop in the order in which
// the tasks came.
class LoopInbox {
 public:
  // Any thread. True if the inbox was empty, so that the loop may have to be woken.
  bool push(LoopTask& task) noexcept;
  // Loop's thread. Moves everything to the end of `queue`.
  void drain_into(LoopTaskQueue& queue) noexcept;
  bool empty() const { return top_.load(std::memory_order_acquire) == nullptr; }

 private:
  std::atomic<LoopTask*> top_ = nullptr;
};

// Drives calls: runs tasks, timers and a transport's completions, one at a time, on one thread.
//
// Everything of a call - its object, its awaiters, its transport stream - belongs to one loop and
// is touched only on the thread that runs it (D4, T60). The loop is the only source of time (T40).
//
// Threads: post() and is_current() may be called from any thread; all else belongs to the loop's
// thread, which is the one that runs it.
// Order: tasks run in the order in which they were deferred; posted ones in the order of their
// posting, behind the tasks deferred before the loop took them over.
class EventLoop {
 public:
  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  virtual ~EventLoop() = default;

  virtual Instant now() const noexcept = 0;

  // Runs `task` once, later: never on this stack (T61), and before the loop waits again. The task
  // must not be queued already.
  void defer(LoopTask& task) noexcept { ready_.push(task); }

  // As defer, from any thread, and wakes the loop. The task must outlive its run.
  virtual void post(LoopTask& task) noexcept = 0;
  // Convenience: allocates. `function` must not throw.
  void post(absl::AnyInvocable<void() &&> function);

  // Fires `timer` once, at `due` or as soon after as the loop gets to it. Re-arms an armed one.
  void arm(Timer& timer, Instant due) { timers_.arm(timer, due); }

  // True on the thread that runs this loop now or, before it ever ran, that made it. A loop that
  // nobody runs any more may say so on any thread (GrpcEventLoop).
  virtual bool is_current() const noexcept = 0;

  // Runs whatever comes next - a task, a timer, a transport event - waiting for it if nothing is
  // ready. False if nothing can ever come (only a virtual loop knows), with nothing run.
  virtual bool run_one() = 0;
  // run_one() until `done`, which something that runs sets. False as there, with `done` not set.
  virtual bool run_until(const bool& done);

  // Null in production.
  WaitObserver* wait_observer() const { return wait_observer_; }
  void set_wait_observer(WaitObserver* observer) { wait_observer_ = observer; }

 protected:
  LoopTaskQueue ready_;
  TimerQueue timers_;
  LoopInbox inbox_;

 private:
  WaitObserver* wait_observer_ = nullptr;
};

}  // namespace weft
