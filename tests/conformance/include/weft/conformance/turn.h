#pragma once

#include <coroutine>

#include "weft/transport/event_loop.h"

namespace weft::conformance {

// Await it to go on in the loop's next turn, with nothing of a completion on the stack.
class [[nodiscard]] Turn {
 public:
  explicit Turn(EventLoop& loop) : loop_(&loop) {}

  class Awaiter final : public LoopTask {
   public:
    explicit Awaiter(EventLoop& loop)
        : LoopTask([](LoopTask& task) noexcept { static_cast<Awaiter&>(task).handle_.resume(); }),
          loop_(loop) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      loop_.defer(*this);
    }
    void await_resume() const noexcept {}

   private:
    EventLoop& loop_;
    std::coroutine_handle<> handle_;
  };
  Awaiter operator co_await() const { return Awaiter(*loop_); }

 private:
  EventLoop* loop_;
};

}  // namespace weft::conformance
