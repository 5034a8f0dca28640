#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "weft/adapters/detail/run_of.h"

namespace weft {

// The way into a loop for code of other worlds: other threads, callbacks, futures, Asio, senders.
// Each adapter gives a piece of work to a port, and the port runs it on its loop.
//
// Work is an awaitable of Weft's (a call with one response, call.read(), a Task, ...), or a
// function that is called on the loop's thread and gives one, or gives a plain value or nothing:
//
//   on_done(port, [&] { return channel.unary_unary(get, key); }, use);   // from any thread
//   on_done(port, call.read(), use);                                     // on the loop's thread
//
// It begins in a later turn of the loop, never on the stack that starts it, and ends exactly once:
// with its value, with the exception that left it, or stopped.
//
// Lifetime: closing the port, or destroying it, stops what still runs. It must not happen inside
// the work of a run. The loop outlives the port, and Running handles may outlive both. What a run
// was given is destroyed on the loop's thread when it has ended.
// Threads: made and closed on the loop's thread; everything else is for any thread. Threads that
// may still use a port outlive its close(), not its destructor.
class LoopPort {
 public:
  explicit LoopPort(EventLoop& loop) : state_(std::make_shared<detail::PortState>(loop)) {}
  LoopPort(const LoopPort&) = delete;
  LoopPort& operator=(const LoopPort&) = delete;
  ~LoopPort() { close(); }

  // Stops every run, before it returns: calls that they wait for end with CANCELLED. Work that is
  // started later is stopped at once, on the thread that starts it. Idempotent.
  void close();

  EventLoop& loop() const { return state_->loop; }

  // For adapters.
  const std::shared_ptr<detail::PortState>& state() const { return state_; }

 private:
  std::shared_ptr<detail::PortState> state_;
};

// Work that a port runs. A handle: copies are the same run, and dropping them changes nothing.
// Threads: any.
class Running {
 public:
  explicit Running(std::shared_ptr<detail::ForeignRun> run) : run_(std::move(run)) {}

  // Stops it; false if it is known to have ended. Takes effect in a turn of the loop.
  //   What waits for an operation of a call (response, read, write) ends the call with CANCELLED
  //   and `reason`, and then ends as the call did: if the call's own end was first, with that.
  //   What only watches a call (status, metadata) stops watching.
  //   A task is torn down where it waits, as by TaskScope::cancel, and is stopped.
  //   What has not begun never does, and is stopped.
  bool cancel(std::string_view reason = "") const {
    return run_->stop(detail::Stop::end(), reason);
  }
  bool ended() const { return run_->ended(); }

  // Only of what prepare() gives, once.
  void begin() const { run_->start(); }

 private:
  std::shared_ptr<detail::ForeignRun> run_;
};

// Runs `work` and tells `receiver` how it ended, by exactly one of
//   set_value(result), or set_value() if there is none
//   set_error(std::exception_ptr)      an exception left the work
//   set_stopped(std::string_view why)  it was stopped, and has no result
// on the loop's thread, in a turn of its own; on a closed port set_stopped, here. They must not
// throw. What all adapters stand on, and senders are made of (docs/senders.md).
template <class Work, class Receiver>
Running start(LoopPort& port, Work work, Receiver receiver);

// The same, for whoever needs the handle before anything can end: it starts with begin(). A cancel
// that came first is what happens then.
template <class Work, class Receiver>
Running prepare(LoopPort& port, Work work, Receiver receiver) {
  return Running(make_recycled<detail::RunOf<Work, Receiver>>(port.state(), std::move(work),
                                                              std::move(receiver)));
}

template <class Work, class Receiver>
Running start(LoopPort& port, Work work, Receiver receiver) {
  Running running = prepare(port, std::move(work), std::move(receiver));
  running.begin();
  return running;
}

}  // namespace weft
