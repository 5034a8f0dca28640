#pragma once

#include "weft/transport/assert.h"

namespace weft {

class LoopTaskQueue;

// Something an EventLoop runs once: an intrusive node, owned by whoever embeds it. Queueing it
// allocates nothing, and destroying it while it waits in a loop's queue takes it out, so a frame
// that is torn down is never run into. (A task handed over with EventLoop::post from another thread
// must outlive its run.)
class LoopTask {
 public:
  using Run = void (*)(LoopTask&) noexcept;

  explicit LoopTask(Run function) noexcept : run_(function) {}
  LoopTask(const LoopTask&) = delete;
  LoopTask& operator=(const LoopTask&) = delete;
  ~LoopTask() { unlink(); }

  bool is_queued() const { return next_ != nullptr; }
  void run() noexcept { run_(*this); }

  // Takes the task out of the loop's queue, if it is in it. Loop's thread only.
  void unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = nullptr;
    previous_ = nullptr;
  }

 private:
  friend class LoopTaskQueue;
  friend class LoopInbox;

  Run run_;
  LoopTask* next_ = nullptr;
  LoopTask* previous_ = nullptr;
};

// A FIFO of tasks. Not thread-safe.
class LoopTaskQueue {
 public:
  LoopTaskQueue() noexcept = default;
  ~LoopTaskQueue() {
    if (head_.next_ == nullptr) return;
    while (LoopTask* task = pop()) (void)task;
    head_.next_ = head_.previous_ = nullptr;
  }

  bool empty() const { return head_.next_ == nullptr || head_.next_ == &head_; }
  void push(LoopTask& task) noexcept {
    WEFT_ASSERT(!task.is_queued());
    if (head_.next_ == nullptr) head_.next_ = head_.previous_ = &head_;
    task.next_ = &head_;
    task.previous_ = head_.previous_;
    head_.previous_->next_ = &task;
    head_.previous_ = &task;
  }
  // The oldest, or null.
  LoopTask* pop() noexcept {
    if (empty()) return nullptr;
    LoopTask* task = head_.next_;
    task->unlink();
    return task;
  }

 private:
  LoopTask head_{nullptr};  // linked to itself from the first push on
};

}  // namespace weft
