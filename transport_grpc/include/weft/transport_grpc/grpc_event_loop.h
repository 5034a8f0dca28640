#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "weft/transport/event_loop.h"

struct grpc_completion_queue;

namespace weft {

class ConnectivityWatch;
class GrpcStream;
class StreamSpares;

// An EventLoop over one gRPC completion queue. It owns no thread: the thread that makes it is the
// loop's thread, until another one calls run(), run_one() or block_on(). After run() has returned
// it is whichever thread uses it next: then is_current() is true on all of them, and of what may
// otherwise be done from any thread only post() and stop() may be, not cancelling a call or using a
// port, while another thread uses the loop.
//
//   weft::GrpcEventLoop loop;
//   auto transport = weft::GrpcTransport::create("localhost:50051", options).value();
//   weft::Channel channel(transport, loop);
//   weft::block_on(loop, use(channel));
//
// Many loops may live in a process, one a thread, and share transports. Polling threads of one
// process share gRPC's sockets, so a second loop pays off when the first is busy.
//
// Lifetime: outlives every Channel and call made for it; transports may outlive it. The destructor
// cancels what still runs and lets it end, which takes no peer's help, so it does not block for
// long; but the last user of gRPC in a process shuts gRPC's library down, which may take seconds
// while a socket has bytes that its peer does not take.
class GrpcEventLoop final : public EventLoop {
 public:
  GrpcEventLoop();
  ~GrpcEventLoop() override;

  Instant now() const noexcept override;

  using EventLoop::post;
  void post(LoopTask& task) noexcept override;
  bool is_current() const noexcept override;

  // Always true: something may always come. Must not be called from inside the loop (T64).
  bool run_one() override;
  bool run_until(const bool& done) override;

  // Runs until stop() is called, by any thread, before or after.
  void run();
  void stop();

  // How many times gRPC core was asked to start a batch for this loop's calls: what a call costs in
  // the unit of D19 and D20. Loop's thread.
  std::uint64_t batches_started() const { return batches_started_; }

 private:
  friend class GrpcStream;
  friend class ConnectivityWatch;
  class Wakeup;

  // Runs `task` once when nothing is ready: no task, no timer, nothing in the completion queue.
  void when_idle(LoopTask& task) {
    if (!task.is_queued()) idle_.push(task);
  }
  bool has_ready() const { return !ready_.empty(); }
  class Running;
  bool is_run_by_this_thread() const noexcept;
  void take_one();
  void poll();
  // The time, read at most once a turn: for what need not be told apart within one.
  Instant time_of_turn() const noexcept {
    const bool is_running = runner_.load(std::memory_order_relaxed) != nullptr;
    return is_running && turn_time_.has_value() ? *turn_time_ : now();
  }

  grpc_completion_queue* completion_queue_;
  std::unique_ptr<Wakeup> wakeup_;
  std::unique_ptr<StreamSpares> spares_;
  std::atomic<const void*> thread_;
  std::atomic<bool> stopping_ = false;
  std::atomic<const void*> runner_ = nullptr;  // the thread that runs this now
  mutable std::optional<Instant> turn_time_;
  LoopTaskQueue idle_;
  unsigned tasks_since_poll_ = 0;
  std::uint64_t batches_started_ = 0;
  // Streams and watches that exist: they may have something in the completion queue.
  std::uint64_t live_users_ = 0;
  GrpcStream* streams_ = nullptr;         // linked through the streams
  ConnectivityWatch* watches_ = nullptr;  // linked through the watches
};

}  // namespace weft
