#include "weft/api/detail/call_core.h"

#include <utility>

#include "weft/api/detail/call_awaiters.h"
#include "weft/api/rpc_error.h"
#include "weft/api/usage_error.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"

namespace weft::detail {
namespace {

RequestStyle request_style(CallKind kind, bool has_source) {
  if (has_source) return RequestStyle::source;
  return request_cardinality(kind) == Cardinality::one ? RequestStyle::message
                                                       : RequestStyle::writes;
}

ResponseStyle response_style(CallKind kind) {
  return response_cardinality(kind) == Cardinality::one ? ResponseStyle::message
                                                        : ResponseStyle::undecided;
}

// Every verb here is admissible.
void must(const absl::Status& accepted) {
  WEFT_ASSERT(accepted.ok(), as_std(accepted.message()));
}

CallStatus locally_cancelled(std::string_view details) {
  CallStatus status(StatusCode::kCancelled, std::string(details));
  status.locally_cancelled = true;
  return status;
}

}  // namespace

CallCore::CallCore(std::shared_ptr<ChannelCore> channel, CallKind kind, bool has_source,
                   Deadline deadline)
    : channel_(std::move(channel)),
      kind_(kind),
      number_(channel_->next_call_number()),
      deadline_(deadline),
      state_(request_style(kind, has_source), response_style(kind)) {
  channel_->enter(*this);
}

CallCore::~CallCore() {
  WEFT_ASSERT(done(), to_string());
}

void CallCore::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void CallCore::drop() noexcept {
  if (!done()) end(EndCause::dropped, locally_cancelled(dropped_details));
}

void CallCore::start(StreamOptions&& options, Bytes&& request) {
  const bool one_request = request_cardinality(kind_) == Cardinality::one;
  const bool one_response = response_cardinality(kind_) == Cardinality::one;
  // With nothing else to end the call, a further receive finds a peer that answers twice (D19).
  guard_cardinality_ = one_response && !options.response_with_status();
  stream_ = transport().create_stream(loop(), std::move(options));
  retain();  // until stream_ended
  must(stream_->start(started_, headers_));
  if (one_request) {
    send_outstanding_ = true;
    must(stream_->send_message(std::move(request), SendOptions(), sent_));
    must(stream_->send_close(closed_));
  }
  if (one_response) receive();
  must(stream_->status(ended_));
}

void CallCore::fail_at_birth(absl::Status misuse) {
  misuse_ = misuse;
  CallStatus status(misuse.code(), std::string(misuse.message()));
  status.debug_error_string = detail::text("refused when the call was made: ", misuse.message());
  status.progress = Progress::never_left;
  end(EndCause::local_failure, std::move(status));
}

absl::Status CallCore::outcome() const {
  WEFT_ASSERT(done());
  return misuse_.ok() ? status_.to_status() : misuse_;
}

// --- the request source ---

void CallCore::set_source(RootCoroutine source) {
  source_ = std::move(source);
  retain();
  loop().defer(start_source_);
}

void CallCore::start_source() {
  if (done() || !source_) return;
  source_.start([](void*) noexcept -> std::coroutine_handle<> { return std::noop_coroutine(); },
                nullptr, nullptr);
}

// In a turn of its own, for the source may be what ended the call.
void CallCore::stop_source() {
  source_ = RootCoroutine();
}

void CallCore::source_failed(std::string_view why) {
  if (done()) return;
  CallStatus status = locally_cancelled(local_cancel_details);
  status.debug_error_string = detail::text("the request source failed: ", why);
  end(EndCause::local_cancel, std::move(status));
}

// --- writing ---

absl::Status CallCore::begin_write(Bytes&& message, SendOptions options, Writer writer) {
  if (absl::Status misuse = state_.admit_write(writer); !misuse.ok()) return misuse;
  if (send_outstanding_) {
    return usage_error("a write that was given up is still in progress on this call");
  }
  state_.write_started();
  if (send_failed_) return absl::OkStatus();  // the call is ending; its status will say why
  absl::Status accepted = stream_->send_message(std::move(message), options, sent_);
  WEFT_ASSERT(accepted.ok(), as_std(accepted.message()));
  send_outstanding_ = true;
  return absl::OkStatus();
}

void CallCore::on_sent(OperationResult&& result) {
  send_outstanding_ = false;
  send_failed_ = result == OperationResult::failed;
  // What waits learns why when the call ends. That may be behind messages which only the writer
  // would read: one is received ahead to see (R1-37).
  if (send_failed_) return look_ahead();
  wake(write_waiters_);
  if (reader_waits_for_send_ && read_known()) wake(read_waiters_);
}

void CallCore::look_ahead() {
  if (done() || response_cardinality(kind_) == Cardinality::one) return;
  if (held_message_.has_value()) {
    status_is_behind_messages_ = true;
    wake(write_waiters_);
    wake(close_waiters_);
    if (reader_waits_for_send_ && read_known()) wake(read_waiters_);
  } else if (!receive_outstanding_ && !receive_ended_) {
    receive();
  }
}

absl::Status CallCore::take_write() {
  state_.write_finished();
  if (!send_outstanding_ && !send_failed_) return absl::OkStatus();
  if (!done()) return usage_error(already_finished_text);
  const absl::Status how = outcome();
  return how.ok() ? usage_error(already_finished_text) : how;
}

absl::Status CallCore::half_close(Writer writer) {
  if (absl::Status misuse = state_.admit_done_writing(writer); !misuse.ok()) return misuse;
  if (done() || state_.half_closed()) return absl::OkStatus();
  absl::Status accepted = stream_->send_close(closed_);
  WEFT_ASSERT(accepted.ok(), as_std(accepted.message()));
  state_.half_close();
  return absl::OkStatus();
}

void CallCore::on_closed(OperationResult&& result) {
  close_failed_ = result == OperationResult::failed;
  if (close_failed_) return look_ahead();
  close_known_ = true;
  wake(close_waiters_);
}

// --- reading ---

void CallCore::receive() {
  absl::Status accepted = stream_->recv_message(received_);
  WEFT_ASSERT(accepted.ok(), as_std(accepted.message()));
  receive_outstanding_ = true;
}

absl::Status CallCore::begin_read(ResponseStyle style) {
  if (absl::Status misuse = state_.admit_read(style); !misuse.ok()) return misuse;
  state_.read_started();
  if (!held_message_.has_value() && !done() && !receive_outstanding_ && !receive_ended_) receive();
  return absl::OkStatus();
}

std::optional<Bytes> CallCore::take_read() {
  finish_read();
  std::optional<Bytes> message = std::move(held_message_);
  if (message.has_value()) {
    held_message_.reset();
    if (discarding_) discard();
  }
  return message;
}

void CallCore::abandon_read() {
  finish_read();
  if (discarding_) discard();
}

void CallCore::finish_read() {
  state_.read_finished();
  reader_waits_for_send_ = false;
}

void CallCore::discard() {
  discarding_ = true;
  // A message for which a reader was woken already is that reader's.
  if (held_message_.has_value() && state_.is_reading()) return;
  held_message_.reset();
  if (!done() && !receive_outstanding_ && !receive_ended_) receive();
}

void CallCore::on_received(Received&& received) {
  receive_outstanding_ = false;
  if (received.kind != Received::Kind::message) receive_ended_ = true;
  if (done()) return;
  if (response_cardinality(kind_) == Cardinality::one) return on_response(std::move(received));
  if (received.kind != Received::Kind::message) return;  // the status is on its way
  if (discarding_) return receive();
  held_message_.emplace(std::move(received.message));
  if (send_failed_ || close_failed_) look_ahead();
  if (read_known()) wake(read_waiters_);
}

void CallCore::on_response(Received&& received) {
  if (received.kind != Received::Kind::message) return;
  if (held_message_.has_value()) {
    return fail(StatusCode::kUnimplemented,
                "the peer sent more than one response to a call that has one");
  }
  held_message_.emplace(std::move(received.message));
  if (guard_cardinality_) receive();
}

// --- the beginning and the end ---

void CallCore::on_started(OperationResult&& result) {
  if (result != OperationResult::ok) return;  // the status says why
  start_known_ = true;
  wake(start_waiters_);
}

void CallCore::on_initial_metadata(InitialMetadata&& metadata) {
  if (headers_known_) return;  // fixed as empty by an end of our own (B018)
  headers_known_ = true;
  if (!metadata.metadata.empty()) initial_metadata_ = std::move(metadata.metadata);
  wake(headers_waiters_);
}

void CallCore::stream_ended(CallStatus&& status) {
  on_status(std::move(status));
  release();
}

void CallCore::on_status(CallStatus&& status) {
  // Nothing of the stream is outstanding any more (T12): let go of it now, not with the handle.
  const StreamPtr stream = std::move(stream_);
  if (done()) return;
  EndCause cause = EndCause::transport_status;
  const bool one_response = response_cardinality(kind_) == Cardinality::one;
  if (one_response && status.ok()) {
    absl::Status accepted =
        held_message_.has_value()
            ? accept_response(*std::move(held_message_))
            : absl::UnimplementedError("the peer ended the call with OK but sent no response");
    if (!accepted.ok()) {
      cause = EndCause::local_failure;
      status.code = accepted.code();
      status.details = std::string(accepted.message());
      status.debug_error_string = status.details;
    }
  }
  if (one_response) held_message_.reset();
  end(cause, std::move(status));
}

std::string unparsable_text(const absl::Status& why) {
  return detail::text("cannot parse the peer's message: ", why.message());
}

absl::Status CallCore::accept_response(Bytes&&) {
  return absl::OkStatus();
}

bool CallCore::cancel(std::string_view reason) {
  if (!loop().is_current()) {
    if (done_elsewhere_.load(std::memory_order_acquire)) return false;
    if (cancel_posted_.exchange(true, std::memory_order_acq_rel)) return false;
    posted_reason_ = std::string(reason);
    retain();
    loop().post(cancel_task_);
    return true;
  }
  if (done()) return false;
  end(EndCause::local_cancel, locally_cancelled(reason.empty() ? local_cancel_details : reason));
  return true;
}

void CallCore::cancel_from_elsewhere() {
  cancel(posted_reason_);
}

void CallCore::fail(StatusCode code, std::string details) {
  if (done()) return;
  CallStatus status(code, std::move(details));
  status.debug_error_string = status.details;
  end(EndCause::local_failure, std::move(status));
}

// The one terminal transition (D8). Callbacks come last and cannot undo any of it.
void CallCore::end(EndCause cause, CallStatus&& status) {
  const EndPlan plan = state_.end(cause);
  status_ = std::move(status);
  if (status_.ok()) status_.debug_error_string.emplace();  // transports need not (T75, B010)
  done_elsewhere_.store(true, std::memory_order_release);
  headers_known_ = true;
  if (plan.cancel_transport && stream_ != nullptr) stream_->cancel(status_.code, status_.details);
  if (plan.discard_messages) held_message_.reset();
  channel_->leave(*this);
  wake_all();
  if (source_) {
    retain();
    loop().defer(stop_source_);
  }
  run_callbacks();
}

void CallCore::wake(LoopTaskQueue& waiters) {
  while (LoopTask* waiter = waiters.pop()) loop().defer(*waiter);
}

void CallCore::wake_all() {
  wake(headers_waiters_);
  wake(start_waiters_);
  wake(write_waiters_);
  wake(close_waiters_);
  wake(read_waiters_);
  wake(end_waiters_);
}

void CallCore::add_done_callback(DoneCallback callback) {
  if (done()) return run_callback(callback);
  callbacks_.push_back(std::move(callback));
}

void CallCore::run_callbacks() {
  if (callbacks_.empty()) return;
  const CallReference keep(*this);  // one of them may drop the last handle
  for (DoneCallback& callback : std::exchange(callbacks_, {})) run_callback(callback);
}

void CallCore::run_callback(DoneCallback& callback) {
  try {
    callback(*this);
  } catch (...) {
    channel_->report_callback_exception(std::current_exception());
  }
}

std::string CallCore::to_string() const {
  return done() ? outcome_text("Call", status_) : "<Call object>";
}

std::string CallCore::name() const {
  return text("call", number_);
}

}  // namespace weft::detail
