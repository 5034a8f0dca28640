#include "weft/transport_grpc/grpc_event_loop.h"

#include <grpc/grpc.h>

#include <cstdint>

#include "connectivity_watch.h"
#include "convert.h"
#include "grpc_stream.h"
#include "queue_tag.h"
#include "stream_spares.h"
#include "weft/transport/assert.h"

namespace weft {
namespace {

// After so many tasks in a row the completion queue is looked at, so that tasks which keep posting
// tasks cannot starve it.
constexpr unsigned tasks_between_polls = 64;

// As gpr_inf_past and gpr_inf_future have them.
constexpr gpr_timespec instant_past = {INT64_MIN, 0, GPR_CLOCK_MONOTONIC};
constexpr gpr_timespec instant_never = {INT64_MAX, 0, GPR_CLOCK_MONOTONIC};

// The address stands for the thread.
const void* this_thread() {
  static thread_local char mark;
  return &mark;
}

}  // namespace

// Wakes a thread that waits in the completion queue. Core's public interface has no such thing, but
// an empty batch completes at once, on any call, from any thread: this keeps a call for it, on a
// channel that leads nowhere.
class GrpcEventLoop::Wakeup {
 public:
  explicit Wakeup(grpc_completion_queue* queue)
      : channel_(grpc_lame_client_channel_create("weft.wakeup", GRPC_STATUS_UNAVAILABLE, "wakeup")),
        call_(grpc_channel_create_call(channel_, nullptr, GRPC_PROPAGATE_DEFAULTS, queue,
                                       grpc_slice_from_static_string("/weft/wakeup"), nullptr,
                                       gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr)) {}
  ~Wakeup() {
    grpc_call_unref(call_);
    grpc_channel_destroy(channel_);
  }

  void wake() noexcept {
    const grpc_call_error error =
        grpc_call_start_batch(call_, nullptr, 0, tag_.hand_over(), nullptr);
    WEFT_ASSERT(error == GRPC_CALL_OK, grpc_call_error_to_string(error));
  }

 private:
  grpc_channel* channel_;
  grpc_call* call_;
  QueueTag tag_{[](QueueTag&, unsigned, bool) noexcept {}};
};

GrpcEventLoop::GrpcEventLoop() : spares_(std::make_unique<StreamSpares>()), thread_(this_thread()) {
  grpc_init();
  completion_queue_ = grpc_completion_queue_create_for_next(nullptr);
  wakeup_ = std::make_unique<Wakeup>(completion_queue_);
}

GrpcEventLoop::~GrpcEventLoop() {
  GrpcStream::cancel_all(streams_);
  ConnectivityWatch::cancel_all(watches_);
  while (live_users_ > 0 || !inbox_.empty() || !ready_.empty()) {
    WEFT_ASSERT(!GrpcStream::only_held(streams_), "a stream outlives its event loop");
    run_one();
  }
  wakeup_.reset();
  spares_.reset();
  grpc_completion_queue_shutdown(completion_queue_);
  for (;;) {
    const grpc_event event =
        grpc_completion_queue_next(completion_queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr);
    if (event.type == GRPC_QUEUE_SHUTDOWN) break;
  }
  grpc_completion_queue_destroy(completion_queue_);
  grpc_shutdown();
}

Instant GrpcEventLoop::now() const noexcept {
  turn_time_ = to_instant(gpr_now(GPR_CLOCK_MONOTONIC));
  return *turn_time_;
}

bool GrpcEventLoop::is_current() const noexcept {
  const void* thread = thread_.load(std::memory_order_relaxed);
  return thread == this_thread() || thread == nullptr;
}

bool GrpcEventLoop::is_run_by_this_thread() const noexcept {
  return runner_.load(std::memory_order_relaxed) == this_thread();
}

// Whoever does not run the loop, its maker included, cannot know that nobody is about to.
void GrpcEventLoop::post(LoopTask& task) noexcept {
  if (is_run_by_this_thread()) {
    defer(task);
  } else if (inbox_.push(task)) {
    wakeup_->wake();
  }
}

// While the loop runs, on this thread.
class GrpcEventLoop::Running {
 public:
  explicit Running(GrpcEventLoop& loop) : loop_(loop) {
    WEFT_ASSERT(loop.runner_.load(std::memory_order_relaxed) == nullptr);
    loop.runner_.store(this_thread(), std::memory_order_relaxed);
    if (loop.thread_.load(std::memory_order_relaxed) != this_thread()) {
      loop.thread_.store(this_thread(), std::memory_order_relaxed);
    }
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { loop_.runner_.store(nullptr, std::memory_order_relaxed); }

 private:
  GrpcEventLoop& loop_;
};

inline void GrpcEventLoop::take_one() {
  turn_time_.reset();
  if (!inbox_.empty()) inbox_.drain_into(ready_);
  if (tasks_since_poll_ < tasks_between_polls) {
    if (LoopTask* task = ready_.pop()) {
      ++tasks_since_poll_;
      task->run();
      return;
    }
  }
  // A timer's turn counts as a task's: timers that are always due leave turns to the queue.
  if (!timers_.empty() && tasks_since_poll_++ <= tasks_between_polls && timers_.fire_next(now())) {
    return;
  }
  poll();
}

bool GrpcEventLoop::run_one() {
  const Running running(*this);
  take_one();
  return true;
}

bool GrpcEventLoop::run_until(const bool& done) {
  const Running running(*this);
  while (!done) take_one();
  return true;
}

void GrpcEventLoop::run() {
  {
    const Running running(*this);
    while (!stopping_.load(std::memory_order_acquire)) take_one();
  }
  stopping_.store(false, std::memory_order_relaxed);
  thread_.store(nullptr, std::memory_order_relaxed);
}

// Waits only if nothing else is to be done.
void GrpcEventLoop::poll() {
  tasks_since_poll_ = 0;
  const bool may_wait = ready_.empty() && idle_.empty();
  const gpr_timespec until = !may_wait         ? instant_past
                             : timers_.empty() ? instant_never
                                               : to_timespec(timers_.next_due());
  const grpc_event event = grpc_completion_queue_next(completion_queue_, until, nullptr);
  if (event.type == GRPC_OP_COMPLETE) return QueueTag::arrive(event.tag, event.success != 0);
  if (!ready_.empty()) return;
  if (LoopTask* task = idle_.pop()) task->run();
}

void GrpcEventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  if (!is_run_by_this_thread()) wakeup_->wake();
}

}  // namespace weft
