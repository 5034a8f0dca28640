#pragma once

#include <coroutine>

#include "weft/transport/event_loop.h"

namespace weft::test {

// Awaits the loop's next turn: what was ready has run.
class LoopTurn final : public LoopTask {
 public:
  explicit LoopTurn(EventLoop& loop)
      : LoopTask([](LoopTask& task) noexcept { static_cast<LoopTurn&>(task).handle_.resume(); }),
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

}  // namespace weft::test
