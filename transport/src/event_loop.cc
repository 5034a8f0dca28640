#include "weft/transport/event_loop.h"

#include <utility>

namespace weft {

bool LoopInbox::push(LoopTask& task) noexcept {
  LoopTask* top = top_.load(std::memory_order_relaxed);
  do {
    task.next_ = top;
  } while (!top_.compare_exchange_weak(top, &task, std::memory_order_release,
                                       std::memory_order_relaxed));
  return top == nullptr;
}

void LoopInbox::drain_into(LoopTaskQueue& queue) noexcept {
  LoopTask* newest_first = top_.exchange(nullptr, std::memory_order_acquire);
  LoopTask* oldest_first = nullptr;
  while (newest_first != nullptr) {
    LoopTask* task = newest_first;
    newest_first = std::exchange(task->next_, oldest_first);
    oldest_first = task;
  }
  while (oldest_first != nullptr) {
    LoopTask* task = oldest_first;
    oldest_first = std::exchange(task->next_, nullptr);
    queue.push(*task);
  }
}

namespace {

class FunctionTask final : public LoopTask {
 public:
  explicit FunctionTask(absl::AnyInvocable<void() &&> function)
      : LoopTask(&run_and_delete), function_(std::move(function)) {}

 private:
  static void run_and_delete(LoopTask& task) noexcept {
    auto& self = static_cast<FunctionTask&>(task);
    auto function = std::move(self.function_);
    delete &self;
    std::move(function)();
  }

  absl::AnyInvocable<void() &&> function_;
};

}  // namespace

bool EventLoop::run_until(const bool& done) {
  while (!done) {
    if (!run_one()) return false;
  }
  return true;
}

void EventLoop::post(absl::AnyInvocable<void() &&> function) {
  post(*new FunctionTask(std::move(function)));
}

}  // namespace weft
