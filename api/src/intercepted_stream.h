#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "attempt.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/api/interceptor.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream_state.h"

namespace weft::detail {

class InterceptedTransport;

// A function of the interceptor's through which something passes, if there is one. It may put
// another in its place, or none.
template <class T>
class Hook {
 public:
  using Function = absl::AnyInvocable<void(T&)>;

  void set(Function function) {
    was_set_ = true;
    function_ = std::move(function);
  }
  explicit operator bool() const { return function_ != nullptr; }
  void run(T& passing) {
    was_set_ = false;
    Function running = std::exchange(function_, nullptr);
    running(passing);
    if (!was_set_) function_ = std::move(running);
  }

 private:
  Function function_;
  bool was_set_ = false;
};

// The stream that a call has when there is an interceptor: keeps what the caller asked for, runs
// the interceptor's coroutine, and connects the caller with the attempt that is under way.
//
// It ends in one place, finish(): with what the interceptor returned, a cancel, or the deadline,
// whichever comes first. What the caller still waits for is then delivered in a turn of its own.
// While that leaves responses unread, a cancel or the deadline can still take their place.
class InterceptedStream final : public Stream, public Recycled {
 public:
  InterceptedStream(std::shared_ptr<InterceptedTransport> transport, EventLoop& loop,
                    StreamOptions options);

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& headers) override;
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override;
  absl::Status send_close(CloseCompletion& closed) override;
  absl::Status recv_message(ReceiveCompletion& received) override;
  absl::Status status(StatusCompletion& ended) override;
  bool cancel(StatusCode code, std::string_view details) noexcept override;
  void drop() noexcept override;

  // Any thread: ends with `status` unless it has ended, as cancel() does (T82).
  bool end(CallStatus status) noexcept;

  // --- for the interceptor ---

  EventLoop& loop() const { return loop_; }
  StreamOptions& options() { return options_; }
  bool can_proceed() const;
  void keep_requests(std::size_t bytes_max) {
    kept_bytes_max_ = bytes_max;
    prepared_ = true;
  }
  void respond(Bytes message);
  void respond_headers(Metadata metadata) { own_headers_ = std::move(metadata); }
  void proceed(ProceedAwaiter& awaiter);
  void abandon(ProceedAwaiter& awaiter);

  Hook<Bytes> on_request;
  Hook<Metadata> on_initial_metadata;
  Hook<Bytes> on_response;

  // --- for the attempt ---

  // The request with this number, counted over the whole call; null if there is none yet.
  const Request* request(std::size_t number) const;
  bool half_closed() const { return state_.close() != StreamState::Close::open; }
  bool wants_message() const { return received_ != nullptr && responses_.empty() && !ahead_; }
  void attempt_started(OperationResult result);
  void attempt_headers(InitialMetadata headers);
  void attempt_sent(std::size_t number);
  void attempt_send_failed();
  void attempt_closed();
  void attempt_message(Bytes message);
  void attempt_ended(CallStatus status);

  // For InterceptedTransport's list of live streams.
  InterceptedStream* next_live = nullptr;
  InterceptedStream* previous_live = nullptr;

 private:
  template <void (InterceptedStream::*run_it)()>
  class Turn final : public LoopTask {
   public:
    explicit Turn(InterceptedStream& stream)
        : LoopTask([](LoopTask& task) noexcept { (static_cast<Turn&>(task).stream_.*run_it)(); }),
          stream_(stream) {}

   private:
    InterceptedStream& stream_;
  };
  template <void (InterceptedStream::*run_it)()>
  class Later final : public Timer {
   public:
    explicit Later(InterceptedStream& owner)
        : Timer([](Timer& timer) noexcept { (static_cast<Later&>(timer).stream_.*run_it)(); }),
          stream_(owner) {}

   private:
    InterceptedStream& stream_;
  };

  ~InterceptedStream() override;

  void enter_interceptor();
  RootCoroutine run_interceptor();
  void interceptor_done();
  void give_up_attempt();
  void watch_deadline();
  void deadline_passed();
  void ended_from_elsewhere();
  void flush_headers();
  void flush_headers_soon();
  void stop_flushing();
  void deliver_headers(InitialMetadata headers);
  void deliver_message(Bytes message);
  void fail_send();
  void catch_up();
  void contain(absl::AnyInvocable<void()> hook);
  // Ended, and every response was handed out.
  bool is_over() const { return final_ && responses_.empty(); }
  void finish(CallStatus status);
  void cut_short(CallStatus status);
  void settle();
  void deliver();
  bool deliver_one();
  void deliver_receive();
  void later();
  void delete_if_unused();

  EventLoop& loop_;
  const std::shared_ptr<InterceptedTransport> transport_;
  std::string method_;
  StreamOptions options_;
  const Deadline deadline_;  // the caller's
  InterceptedCall call_{*this};
  StreamState state_;

  // What the caller waits for; null when it does not.
  StartCompletion* started_ = nullptr;
  InitialMetadataCompletion* headers_ = nullptr;
  SendCompletion* sent_ = nullptr;
  CloseCompletion* closed_ = nullptr;
  ReceiveCompletion* received_ = nullptr;
  StatusCompletion* ended_ = nullptr;

  // Requests from number first_request_ on: those that an attempt may still need.
  std::deque<Request> requests_;
  std::size_t first_request_ = 0;
  std::size_t kept_bytes_ = 0;
  std::size_t kept_bytes_max_ = 0;
  bool prepared_ = false;  // for further attempts

  Attempt* attempt_ = nullptr;
  std::size_t attempts_ = 0;
  ProceedAwaiter* awaiter_ = nullptr;
  bool committed_ = false;  // the caller has seen something of a response
  std::optional<InitialMetadata> held_headers_;
  int turns_held_ = 0;
  std::optional<Metadata> own_headers_;
  std::deque<Bytes> responses_;  // of the interceptor
  std::optional<Bytes> ahead_;   // a message that nobody has asked for yet

  RootCoroutine interceptor_;
  std::optional<CallStatus> returned_;
  std::optional<CallStatus> final_;
  std::atomic<bool> end_is_near_ = false;  // over, or a cancel is on its way
  CallStatus posted_end_;
  std::atomic<bool> end_posted_ = false;
  bool dropped_ = false;
  bool delivering_ = false;

  Later<&InterceptedStream::deadline_passed> deadline_timer_{*this};
  Later<&InterceptedStream::flush_headers> headers_timer_{*this};
  Turn<&InterceptedStream::deliver> deliver_{*this};
  Turn<&InterceptedStream::flush_headers_soon> flush_headers_{*this};
  Turn<&InterceptedStream::catch_up> catch_up_{*this};
  Turn<&InterceptedStream::ended_from_elsewhere> ended_from_elsewhere_{*this};
};

}  // namespace weft::detail
