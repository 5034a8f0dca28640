#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "weft/api/detail/call_state.h"
#include "weft/api/detail/channel_core.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream.h"

namespace weft::detail {

class CallCore;

// Keeps a CallCore's memory alive. Awaiters and outstanding operations hold one.
class CallReference {
 public:
  CallReference() noexcept = default;
  explicit CallReference(CallCore& core) noexcept;
  CallReference(const CallReference& other) noexcept;
  CallReference(CallReference&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  CallReference& operator=(CallReference other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~CallReference();

  CallCore* get() const { return core_; }
  CallCore* operator->() const { return core_; }
  CallCore& operator*() const { return *core_; }
  explicit operator bool() const { return core_ != nullptr; }

 private:
  CallCore* core_ = nullptr;
};

// A user's handle: the last one to go drops an unfinished call (D9).
class CallHandle {
 public:
  explicit CallHandle(CallReference core) noexcept;
  CallHandle(const CallHandle& other) noexcept : CallHandle(other.core_) {}
  CallHandle(CallHandle&& other) noexcept = default;
  CallHandle& operator=(CallHandle other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~CallHandle();

  CallCore& core() const { return *core_; }
  const CallReference& reference() const { return core_; }

 private:
  CallReference core_;
};

// One call, untyped: the only place where completions of a transport become resumptions of
// coroutines. Typed calls are thin views of it. Loop's thread, but for cancel().
class CallCore : public Recycled {
 public:
  CallCore(std::shared_ptr<ChannelCore> channel, CallKind kind, bool has_source, Deadline deadline);
  CallCore(const CallCore&) = delete;
  CallCore& operator=(const CallCore&) = delete;

  // Starts the call: `request` and half-close go along for the kinds that have one request.
  void start(StreamOptions&& options, Bytes&& request);
  // Instead of start: the call is done from birth, because the caller misused something.
  void fail_at_birth(absl::Status misuse);
  // Produces the requests, from the loop's next turn on, until the call ends (B261, B268).
  void set_source(RootCoroutine source);

  // Nobody else can come to look at the response.
  bool sole_handle() const { return handles_ == 1; }

  EventLoop& loop() { return channel_->loop(); }
  Transport& transport() { return channel_->transport(); }
  CallKind kind() const { return kind_; }
  Deadline deadline() const { return deadline_; }

  // The outcome.
  bool done() const { return state_.done(); }
  const CallStatus& status() const { return status_; }
  // What raising operations give for a call that is done: OK, the status, or the misuse that kept
  // it from starting (B029).
  absl::Status outcome() const;

  bool headers_known() const { return headers_known_; }
  const Metadata& initial_metadata() const { return initial_metadata_; }
  bool start_known() const { return start_known_ || done(); }
  bool close_known() const {
    return close_known_ || (close_failed_ && status_is_behind_messages_) || done();
  }

  // Queues of awaiters; each is woken, through the loop, when what it is named after is known.
  LoopTaskQueue& end_waiters() { return end_waiters_; }
  LoopTaskQueue& headers_waiters() { return headers_waiters_; }
  LoopTaskQueue& start_waiters() { return start_waiters_; }
  LoopTaskQueue& close_waiters() { return close_waiters_; }
  LoopTaskQueue& read_waiters() { return read_waiters_; }
  LoopTaskQueue& write_waiters() { return write_waiters_; }

  // Writing. After begin_write was accepted the write is known when write_known(); take_write gives
  // what became of it. A writer that stops waiting calls abandon_write.
  absl::Status begin_write(Bytes&& message, SendOptions options, Writer writer);
  bool write_known() const { return !write_is_pending() || done(); }
  absl::Status take_write();
  void abandon_write() { state_.write_finished(); }
  absl::Status half_close(Writer writer);

  void choose(ResponseStyle style) { state_.choose(style); }
  // Reading, likewise. A message that arrives with nobody waiting stays for the next reader (T39).
  absl::Status begin_read(ResponseStyle style);
  bool read_known() const {
    return done() || (held_message_.has_value() && !(reader_waits_for_send_ && write_is_pending()));
  }
  // The reader of now has written as well, and goes on when both are through.
  void reader_waits_for_send() { reader_waits_for_send_ = true; }
  // The message, or none: then the call has ended, and outcome() says how.
  std::optional<Bytes> take_read();
  void abandon_read();
  // Receives and drops messages until the end (T18, D10).
  void discard();

  // Ends the call from this side. True iff it was this that ended it (B180). Any thread: elsewhere
  // than on the loop's it takes effect in the loop's next turn, and true says that the call was not
  // known to have ended. An empty reason gives the standard text.
  bool cancel(std::string_view reason);
  // Ends the call because of bad input of ours or of the peer's.
  void fail(StatusCode code, std::string details);
  // The request source failed (B264).
  void source_failed(std::string_view why);

  using DoneCallback = absl::AnyInvocable<void(CallCore&)>;
  // At the end, in order of registration; at once if the call is done (B240-B245).
  void add_done_callback(DoneCallback callback);

  std::string to_string() const;
  // "call3" for the third call of its channel.
  std::string name() const;

  // In the channel's registry.
  CallCore* next_live = nullptr;
  CallCore* previous_live = nullptr;

 protected:
  virtual ~CallCore();

  // The response of a call that went well; not OK: it cannot be parsed, and why.
  virtual absl::Status accept_response(Bytes&& response);

 private:
  friend class CallReference;
  friend class CallHandle;

  template <class Result, void (CallCore::*on_result)(Result&&)>
  class Operation final : public Completion<Result> {
   public:
    explicit Operation(CallCore& core) : Completion<Result>(&deliver), core_(core) {}

   private:
    static void deliver(Completion<Result>& completion, Result&& result) noexcept {
      (static_cast<Operation&>(completion).core_.*on_result)(std::move(result));
    }
    CallCore& core_;
  };

  template <void (CallCore::*method)()>
  class CoreTask final : public LoopTask {
   public:
    explicit CoreTask(CallCore& core)
        : LoopTask([](LoopTask& task) noexcept {
            CallCore& owner = static_cast<CoreTask&>(task).core_;
            (owner.*method)();
            owner.release();
          }),
          core_(core) {}

   private:
    CallCore& core_;
  };

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;
  void drop() noexcept;

  // Results of the stream. The status is the last (T12): until then the stream holds a reference.
  void on_started(OperationResult&& result);
  void on_initial_metadata(InitialMetadata&& metadata);
  void on_sent(OperationResult&& result);
  void on_closed(OperationResult&& result);
  void on_received(Received&& received);
  void on_response(Received&& received);
  void stream_ended(CallStatus&& status);
  void on_status(CallStatus&& status);

  // Under way, or failed for a reason that only the end will tell.
  bool write_is_pending() const {
    return send_outstanding_ || (send_failed_ && !status_is_behind_messages_);
  }
  void finish_read();
  void look_ahead();
  void receive();
  void end(EndCause cause, CallStatus&& status);
  void run_callbacks();
  void run_callback(DoneCallback& callback);
  void wake(LoopTaskQueue& waiters);
  void wake_all();
  void start_source();
  void stop_source();
  void cancel_from_elsewhere();

  std::atomic<std::uint32_t> references_ = 0;
  std::uint32_t handles_ = 0;
  std::shared_ptr<ChannelCore> channel_;
  CallKind kind_;
  std::uint32_t number_;  // in its channel, from 1
  Deadline deadline_;
  CallState state_;
  StreamPtr stream_;

  CallStatus status_;
  absl::Status misuse_;
  Metadata initial_metadata_;
  bool headers_known_ = false;
  bool start_known_ = false;
  bool close_known_ = false;
  bool close_failed_ = false;
  bool guard_cardinality_ = false;

  bool send_outstanding_ = false;
  bool send_failed_ = false;
  bool status_is_behind_messages_ = false;  // seen after something failed
  bool receive_outstanding_ = false;
  bool receive_ended_ = false;
  bool discarding_ = false;
  bool reader_waits_for_send_ = false;
  std::optional<Bytes> held_message_;  // of a stream; or the one response

  LoopTaskQueue end_waiters_;
  LoopTaskQueue headers_waiters_;
  LoopTaskQueue start_waiters_;
  LoopTaskQueue close_waiters_;
  LoopTaskQueue read_waiters_;
  LoopTaskQueue write_waiters_;
  std::vector<DoneCallback> callbacks_;
  RootCoroutine source_;

  // For cancels from other threads.
  std::atomic<bool> done_elsewhere_ = false;
  std::atomic<bool> cancel_posted_ = false;
  std::string posted_reason_;

  Operation<OperationResult, &CallCore::on_started> started_{*this};
  Operation<InitialMetadata, &CallCore::on_initial_metadata> headers_{*this};
  Operation<OperationResult, &CallCore::on_sent> sent_{*this};
  Operation<OperationResult, &CallCore::on_closed> closed_{*this};
  Operation<Received, &CallCore::on_received> received_{*this};
  Operation<CallStatus, &CallCore::stream_ended> ended_{*this};
  CoreTask<&CallCore::start_source> start_source_{*this};
  CoreTask<&CallCore::stop_source> stop_source_{*this};
  CoreTask<&CallCore::cancel_from_elsewhere> cancel_task_{*this};
};

inline CallReference::CallReference(CallCore& core) noexcept : core_(&core) {
  core.retain();
}
inline CallReference::CallReference(const CallReference& other) noexcept : core_(other.core_) {
  if (core_ != nullptr) core_->retain();
}
inline CallReference::~CallReference() {
  if (core_ != nullptr) core_->release();
}
inline CallHandle::CallHandle(CallReference core) noexcept : core_(std::move(core)) {
  if (core_) ++core_->handles_;
}
inline CallHandle::~CallHandle() {
  if (core_ && --core_->handles_ == 0) core_->drop();
}

}  // namespace weft::detail
