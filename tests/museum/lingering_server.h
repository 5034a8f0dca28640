#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/transport/event_loop.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// A server that takes one call of any kind, sends what it was given to send, reads everything, and
// never ends the call: it waits to be told that the client did.
class LingeringServer {
 public:
  LingeringServer(sim::World& world, std::string_view method,
                  std::vector<std::string> messages = {})
      : state_(std::make_shared<State>(world.loop(), std::move(messages))) {
    world.server().serve_program(method, [state = state_](sim::PeerCall&) {
      state->reached = true;
      return std::make_unique<Program>(state);
    });
  }

  bool reached() const { return state_->reached; }
  std::size_t messages_read() const { return state_->messages_read; }

  class ToldAwaiter;
  // For a call that has ended: awaits that this server is told so, which hangs if it never is.
  // Completes at once if the call did not get here.
  ToldAwaiter until_told() const;

 private:
  class State {
   public:
    State(EventLoop& its_loop, std::vector<std::string> to_send)
        : loop(its_loop), messages(std::move(to_send)) {}
    EventLoop& loop;
    std::vector<std::string> messages;
    std::size_t messages_read = 0;
    bool reached = false;
    bool told = false;
    LoopTaskQueue waiters;
  };

  class Program final : public sim::PeerProgram {
   public:
    explicit Program(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void opened(sim::PeerCall& call) override {
      call.want_message(true);
      for (const std::string& message : state_->messages) {
        call.send_message(Bytes::copy_of(message));
      }
    }
    void message(sim::PeerCall&, Bytes) override { ++state_->messages_read; }
    void half_closed(sim::PeerCall&) override {}
    void cancelled(sim::PeerCall&) override {
      state_->told = true;
      while (LoopTask* waiter = state_->waiters.pop()) state_->loop.defer(*waiter);
    }
    bool cares_for_cancel() const override { return !state_->told; }

   private:
    std::shared_ptr<State> state_;
  };

  std::shared_ptr<State> state_;
};

class LingeringServer::ToldAwaiter final : public LoopTask {
 public:
  explicit ToldAwaiter(std::shared_ptr<State> state)
      : LoopTask([](LoopTask& task) noexcept { static_cast<ToldAwaiter&>(task).handle_.resume(); }),
        state_(std::move(state)) {}
  bool await_ready() const { return state_->told || !state_->reached; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    state_->waiters.push(*this);
  }
  void await_resume() const {}

 private:
  std::shared_ptr<State> state_;
  std::coroutine_handle<> handle_;
};

inline LingeringServer::ToldAwaiter LingeringServer::until_told() const {
  return ToldAwaiter(state_);
}

}  // namespace weft::test
