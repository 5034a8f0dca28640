#pragma once

#include <coroutine>

#include "weft/transport/event_loop.h"

namespace weft::test {

// Something that tasks wait for: `co_await latch` goes on once open() was called. Outlives them.
class Latch {
 public:
  explicit Latch(EventLoop& loop) : loop_(loop) {}

  void open() {
    opened_ = true;
    while (LoopTask* waiter = waiters_.pop()) loop_.defer(*waiter);
  }
  bool is_open() const { return opened_; }

  class Awaiter final : public LoopTask {
   public:
    explicit Awaiter(Latch& latch)
        : LoopTask([](LoopTask& task) noexcept { static_cast<Awaiter&>(task).handle_.resume(); }),
          latch_(latch) {}
    bool await_ready() const { return latch_.opened_; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      latch_.waiters_.push(*this);
    }
    void await_resume() const {}

   private:
    Latch& latch_;
    std::coroutine_handle<> handle_;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  EventLoop& loop_;
  bool opened_ = false;
  LoopTaskQueue waiters_;
};

}  // namespace weft::test
