#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "weft/api/detail/observed_wait.h"
#include "weft/transport/transport.h"

namespace weft::detail {

class CallCore;
class StateWait;

// What the handles of a channel share: the transport, the loop, and the registry of live calls
// (B407), which it does not own.
class ChannelCore {
 public:
  ChannelCore(std::shared_ptr<Transport> transport, EventLoop& loop,
              absl::AnyInvocable<void(std::exception_ptr)> on_callback_exception)
      : transport_(std::move(transport)),
        loop_(loop),
        on_callback_exception_(std::move(on_callback_exception)) {}

  Transport& transport() { return *transport_; }
  EventLoop& loop() { return loop_; }
  bool closed() const { return closed_; }

  void enter(CallCore& call);
  void leave(CallCore& call);
  std::size_t live_calls() const { return live_calls_; }
  std::uint32_t next_call_number() { return ++calls_made_; }

  // No new calls; pending waits for a change of state end with SHUTDOWN (B401, B409).
  void close();
  // Ends every live call as locally cancelled (B402).
  void cancel_calls();

  // An exception left a done callback (B247).
  void report_callback_exception(std::exception_ptr exception);

  // Woken when the last live call has ended.
  LoopTaskQueue& idle_waiters() { return idle_waiters_; }

  void enter(StateWait& wait);
  void leave(StateWait& wait);

 private:
  std::shared_ptr<Transport> transport_;
  EventLoop& loop_;
  absl::AnyInvocable<void(std::exception_ptr)> on_callback_exception_;
  bool closed_ = false;
  std::size_t live_calls_ = 0;
  std::uint32_t calls_made_ = 0;
  CallCore* calls_ = nullptr;
  StateWait* waits_ = nullptr;
  LoopTaskQueue idle_waiters_;
};

// Waits until no call of the channel is live.
class IdleAwaiter final : public LoopTask {
 public:
  explicit IdleAwaiter(std::shared_ptr<ChannelCore> channel);
  bool await_ready() const { return channel_->live_calls() == 0; }
  void await_suspend(std::coroutine_handle<> handle,
                     std::source_location where = std::source_location::current()) {
    handle_ = handle;
    channel_->idle_waiters().push(*this);
    wait_.begin(channel_->loop(), handle, "close", where);
  }
  void await_resume() { wait_.end(); }

 private:
  std::shared_ptr<ChannelCore> channel_;
  std::coroutine_handle<> handle_;
  ObservedWait wait_;
};

// One wait for a change of connectivity. The transport may complete it after whoever waits is gone,
// so it is an object of its own, alive until both are done with it.
class StateWait final : public ConnectivityCompletion {
 public:
  static StateWait& start(std::shared_ptr<ChannelCore> channel, ConnectivityState last,
                          Deadline deadline);

  // The waiting side: what came, if it came; whom to wake; that nobody waits any more.
  const std::optional<ConnectivityState>& result() const { return result_; }
  void set_waiter(LoopTask* waiter) { waiter_ = waiter; }
  void abandon();

  void channel_closed() { settle(ConnectivityState::shutdown); }

  StateWait* next = nullptr;
  StateWait* previous = nullptr;

 private:
  explicit StateWait(std::shared_ptr<ChannelCore> channel);
  ~StateWait();
  void settle(ConnectivityState state);
  void delete_if_unused();

  std::shared_ptr<ChannelCore> channel_;
  std::optional<ConnectivityState> result_;
  LoopTask* waiter_ = nullptr;
  bool transport_done_ = false;
  bool abandoned_ = false;
};

// Awaits a StateWait.
class StateAwaiter final : public LoopTask {
 public:
  StateAwaiter(std::shared_ptr<ChannelCore> channel, ConnectivityState last, Deadline deadline);
  ~StateAwaiter();
  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle,
                     std::source_location where = std::source_location::current());
  absl::StatusOr<ConnectivityState> await_resume();

 private:
  std::shared_ptr<ChannelCore> channel_;
  ConnectivityState last_;
  Deadline deadline_;
  std::coroutine_handle<> handle_;
  StateWait* wait_ = nullptr;
  absl::Status misuse_;
  ObservedWait observed_;
};

}  // namespace weft::detail
