#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "weft/transport/wait_observer.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// What the server knows of its calls, and whether its handlers are through: one that goes on
// although its client has ended the call is waited for in vain. Copies are the same ledger.
class Ledger {
  class State {
   public:
    explicit State(sim::World& its_world) : world(its_world) {}
    sim::World& world;
    std::size_t running = 0;
    std::vector<std::string> requests;
    LoopTaskQueue waiters;
  };

 public:
  explicit Ledger(sim::World& world) : state_(std::make_shared<State>(world)) {}

  void note(std::string request) const { state_->requests.push_back(std::move(request)); }
  // What handlers took so far.
  const std::vector<std::string>& requests() const { return state_->requests; }

  // Lives as long as a handler runs.
  class Visit {
   public:
    explicit Visit(const Ledger& ledger) : state_(ledger.state_) { ++state_->running; }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
      if (--state_->running > 0) return;
      while (LoopTask* waiter = state_->waiters.pop()) state_->world.defer(*waiter);
    }

   private:
    std::shared_ptr<State> state_;
  };

  class IdleAwaiter final : public LoopTask {
   public:
    explicit IdleAwaiter(std::shared_ptr<State> state)
        : LoopTask([](LoopTask& task) noexcept { static_cast<IdleAwaiter&>(task).resume(); }),
          state_(std::move(state)) {}
    bool await_ready() const { return state_->running == 0; }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      handle_ = handle;
      state_->waiters.push(*this);
      if (WaitObserver* observer = state_->world.loop().wait_observer()) {
        observer->waits(handle.address(), "the handlers' ends", "the server", where);
      }
    }
    void await_resume() const {}

   private:
    void resume() {
      if (WaitObserver* observer = state_->world.loop().wait_observer()) {
        observer->waits_no_more(handle_.address());
      }
      handle_.resume();
    }

    std::shared_ptr<State> state_;
    std::coroutine_handle<> handle_;
  };
  // Awaits that no handler runs.
  IdleAwaiter idle() const { return IdleAwaiter(state_); }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace weft::test
