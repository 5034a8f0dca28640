#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include "weft/transport/loop_task.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// Something that a test waits for: `co_await latch` goes on, in the step that opens it, once
// open() was called. Copies are the same latch, so that a server's handler can keep one longer than
// the test's body lives.
class Latch {
 public:
  explicit Latch(sim::World& world) : state_(std::make_shared<State>(world)) {}

  void open() const {
    state_->opened = true;
    while (LoopTask* waiter = state_->waiters.pop()) state_->world.defer(*waiter);
  }
  bool is_open() const { return state_->opened; }

 private:
  class State {
   public:
    explicit State(sim::World& its_world) : world(its_world) {}
    sim::World& world;
    bool opened = false;
    LoopTaskQueue waiters;
  };

 public:
  class Awaiter final : public LoopTask {
   public:
    explicit Awaiter(std::shared_ptr<State> state)
        : LoopTask([](LoopTask& task) noexcept { static_cast<Awaiter&>(task).handle_.resume(); }),
          state_(std::move(state)) {}
    bool await_ready() const { return state_->opened; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      state_->waiters.push(*this);
    }
    void await_resume() const {}

   private:
    std::shared_ptr<State> state_;
    std::coroutine_handle<> handle_;
  };
  Awaiter operator co_await() const { return Awaiter(state_); }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace weft::test
