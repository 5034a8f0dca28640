#include "intercepted_stream.h"

#include <utility>

#include "intercepted_transport.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/wire_status.h"

namespace weft::detail {
namespace {

CallStatus threw(std::exception_ptr exception) {
  std::string what = "an exception of unknown type";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  CallStatus status(StatusCode::kUnknown, text("the interceptor threw: ", what));
  status.debug_error_string = status.details;
  return status;
}

}  // namespace

InterceptedStream::InterceptedStream(std::shared_ptr<InterceptedTransport> transport,
                                     EventLoop& loop, StreamOptions options)
    : loop_(loop),
      transport_(std::move(transport)),
      method_(options.method),
      options_(std::move(options)),
      deadline_(options_.deadline) {
  options_.method = method_;
  transport_->enter(*this);
}

InterceptedStream::~InterceptedStream() {
  WEFT_ASSERT(attempt_ == nullptr);
}

// --- the caller's side ---

absl::Status InterceptedStream::start(StartCompletion& started,
                                      InitialMetadataCompletion& headers) {
  if (absl::Status misuse = state_.take(StreamEvent::start); !misuse.ok()) return misuse;
  started_ = &started;
  headers_ = &headers;
  if (final_) {
    later();
  } else if (!end_is_near_) {
    enter_interceptor();
  }
  return absl::OkStatus();
}

absl::Status InterceptedStream::send_message(Bytes message, SendOptions options,
                                             SendCompletion& sent) {
  if (absl::Status misuse = state_.take(StreamEvent::send); !misuse.ok()) return misuse;
  sent_ = &sent;
  if (!final_ && on_request) contain([&] { on_request.run(message); });
  if (final_) {
    later();
    return absl::OkStatus();
  }
  if (attempt_ != nullptr && attempt_->send_failed() && !can_proceed()) {
    if (!catch_up_.is_queued()) loop_.defer(catch_up_);
    return absl::OkStatus();
  }
  kept_bytes_ += message.size() + sizeof(Request);
  requests_.emplace_back(std::move(message), options);
  if (attempt_ != nullptr) attempt_->go_on();
  return absl::OkStatus();
}

absl::Status InterceptedStream::send_close(CloseCompletion& closed) {
  if (absl::Status misuse = state_.take(StreamEvent::close); !misuse.ok()) return misuse;
  closed_ = &closed;
  if (attempt_ != nullptr) attempt_->go_on();
  if (final_) later();
  return absl::OkStatus();
}

absl::Status InterceptedStream::recv_message(ReceiveCompletion& received) {
  if (absl::Status misuse = state_.take(StreamEvent::receive); !misuse.ok()) return misuse;
  received_ = &received;
  if (ahead_) {
    if (!catch_up_.is_queued()) loop_.defer(catch_up_);
  } else if (attempt_ != nullptr) {
    attempt_->go_on();
  }
  if (final_) later();
  return absl::OkStatus();
}

absl::Status InterceptedStream::status(StatusCompletion& ended) {
  if (absl::Status misuse = state_.take(StreamEvent::request_status); !misuse.ok()) return misuse;
  ended_ = &ended;
  if (final_) later();
  return absl::OkStatus();
}

bool InterceptedStream::cancel(StatusCode code, std::string_view details) noexcept {
  CallStatus status(code, std::string(details));
  status.locally_cancelled = code == StatusCode::kCancelled;
  return end(std::move(status));
}

bool InterceptedStream::end(CallStatus status) noexcept {
  if (end_is_near_.exchange(true)) return false;
  posted_end_ = std::move(status);
  end_posted_ = true;
  if (loop_.is_current()) {
    loop_.defer(ended_from_elsewhere_);
  } else {
    loop_.post(ended_from_elsewhere_);
  }
  return true;
}

void InterceptedStream::drop() noexcept {
  dropped_ = true;
  if (state_.start() != StreamState::Start::created) {
    cancel(StatusCode::kCancelled, dropped_details);
  }
  delete_if_unused();
}

// --- the interceptor's side ---

void InterceptedStream::enter_interceptor() {
  if (deadline_.expired(loop_.now())) {
    return finish(status_of(WireCondition::deadline_before_start()));
  }
  interceptor_ = run_interceptor();
  interceptor_.start(
      [](void* self) noexcept -> std::coroutine_handle<> {
        static_cast<InterceptedStream*>(self)->interceptor_done();
        return std::noop_coroutine();
      },
      this, nullptr);
  watch_deadline();
}

RootCoroutine InterceptedStream::run_interceptor() {
  auto task = transport_->interceptor().intercept(call_);
  returned_.emplace(co_await std::move(task));
}

void InterceptedStream::interceptor_done() {
  if (std::exception_ptr error = interceptor_.take_error()) return finish(threw(error));
  if (returned_->ok() && attempt_ != nullptr) {
    returned_.emplace(StatusCode::kInternal,
                      "an interceptor returned OK before its attempt had ended");
  }
  finish(*std::move(returned_));
}

bool InterceptedStream::can_proceed() const {
  return attempts_ == 0 || (!committed_ && first_request_ == 0);
}

void InterceptedStream::respond(Bytes message) {
  committed_ = true;
  responses_.push_back(std::move(message));
}

void InterceptedStream::proceed(ProceedAwaiter& awaiter) {
  if (final_) return;  // the interceptor is about to be torn down
  if (!can_proceed()) {
    awaiter.status_ = CallStatus(StatusCode::kInternal,
                                 "the call cannot proceed again: a response was seen, or its "
                                 "requests were not kept");
    return loop_.defer(awaiter);
  }
  awaiter_ = &awaiter;
  give_up_attempt();
  deadline_timer_.disarm();
  ++attempts_;
  StreamOptions options = options_;
  options.deadline = earlier_of(options.deadline, deadline_);
  attempt_ = new Attempt(*this, transport_->next().create_stream(loop_, std::move(options)));
  attempt_->start();
}

void InterceptedStream::abandon(ProceedAwaiter& awaiter) {
  if (awaiter_ == &awaiter) awaiter_ = nullptr;
}

void InterceptedStream::give_up_attempt() {
  stop_flushing();
  held_headers_.reset();
  if (attempt_ != nullptr) std::exchange(attempt_, nullptr)->give_up();
}

// An attempt watches its own deadline.
void InterceptedStream::watch_deadline() {
  if (is_over() || attempt_ != nullptr || deadline_.is_infinite()) return;
  loop_.arm(deadline_timer_, deadline_.instant());
}

void InterceptedStream::deadline_passed() {
  cut_short(status_of(attempts_ == 0 ? WireCondition::deadline_before_start()
                                     : WireCondition::deadline()));
}

// Hooks are the user's code.
void InterceptedStream::contain(absl::AnyInvocable<void()> hook) {
  try {
    hook();
  } catch (...) {
    finish(threw(std::current_exception()));
  }
}

// --- the attempt's side ---

const Request* InterceptedStream::request(std::size_t number) const {
  WEFT_ASSERT(number >= first_request_, number, first_request_);
  const std::size_t index = number - first_request_;
  return index < requests_.size() ? &requests_[index] : nullptr;
}

void InterceptedStream::attempt_started(OperationResult result) {
  if (started_ == nullptr || result != OperationResult::ok) return;
  state_.apply(StreamEvent::started);
  std::exchange(started_, nullptr)->complete(OperationResult::ok);
}

// Empty headers may be the sign of a call that fails at once, for some transports: they are held
// back for a moment, in which its status would come, so that it can be tried again.
void InterceptedStream::attempt_headers(InitialMetadata headers) {
  if (headers_ == nullptr) return;
  const bool says_something = headers.present && !headers.metadata.empty();
  if (says_something || !can_proceed()) return deliver_headers(std::move(headers));
  const bool present = headers.present;
  held_headers_ = std::move(headers);
  if (present && prepared_) {
    loop_.arm(headers_timer_, loop_.now() + absl::Milliseconds(5));
  } else if (present) {
    turns_held_ = 0;
    loop_.defer(flush_headers_);
  }
}

void InterceptedStream::stop_flushing() {
  flush_headers_.unlink();
  headers_timer_.disarm();
}

// The status may be a turn behind all else.
void InterceptedStream::flush_headers_soon() {
  if (++turns_held_ < 2) return loop_.defer(flush_headers_);
  flush_headers();
}

void InterceptedStream::flush_headers() {
  if (headers_ != nullptr && held_headers_) {
    deliver_headers(*std::exchange(held_headers_, std::nullopt));
  }
}

void InterceptedStream::deliver_headers(InitialMetadata headers) {
  committed_ = true;
  if (on_initial_metadata) contain([&] { on_initial_metadata.run(headers.metadata); });
  if (final_) return;
  state_.apply(StreamEvent::initial_metadata);
  std::exchange(headers_, nullptr)->complete(std::move(headers));
}

void InterceptedStream::attempt_sent(std::size_t number) {
  const bool last = number + 1 == first_request_ + requests_.size();
  const bool single = request_cardinality(options_.kind) == Cardinality::one;
  // An attempt that has sent them is the last one, or it may be made again.
  if (committed_ || (!single && kept_bytes_ > kept_bytes_max_)) {
    while (first_request_ <= number) {
      requests_.pop_front();
      ++first_request_;
    }
  }
  if (!last || sent_ == nullptr) return;
  state_.apply(StreamEvent::sent);
  std::exchange(sent_, nullptr)->complete(OperationResult::ok);
}

// The call may be tried again as long as nobody has seen a response, and whether it will be shows
// with the status, which may be behind a message that nobody reads.
void InterceptedStream::attempt_send_failed() {
  if (!can_proceed()) return fail_send();
  attempt_->look_ahead();
}

void InterceptedStream::fail_send() {
  if (sent_ == nullptr) return;
  state_.apply(StreamEvent::send_failed);
  std::exchange(sent_, nullptr)->complete(OperationResult::failed);
}

// What is known already is told in a turn of its own (T31).
void InterceptedStream::catch_up() {
  if (final_) return;
  if (received_ != nullptr && ahead_) deliver_message(*std::exchange(ahead_, std::nullopt));
  if (!final_ && attempt_ != nullptr && attempt_->send_failed() && !can_proceed()) fail_send();
}

void InterceptedStream::attempt_closed() {
  if (closed_ == nullptr) return;
  state_.apply(StreamEvent::closed);
  std::exchange(closed_, nullptr)->complete(OperationResult::ok);
}

void InterceptedStream::attempt_message(Bytes message) {
  flush_headers();
  if (!final_ && on_response) contain([&] { on_response.run(message); });
  if (final_) return;
  committed_ = true;
  if (received_ != nullptr) {
    deliver_message(std::move(message));
  } else {
    ahead_ = std::move(message);
  }
  if (!final_ && attempt_ != nullptr && attempt_->send_failed()) fail_send();
}

void InterceptedStream::deliver_message(Bytes message) {
  state_.apply(StreamEvent::message);
  std::exchange(received_, nullptr)->complete(Received(std::move(message)));
}

void InterceptedStream::attempt_ended(CallStatus status) {
  attempt_ = nullptr;
  stop_flushing();
  watch_deadline();
  if (awaiter_ == nullptr) return;
  awaiter_->status_ = std::move(status);
  loop_.defer(*awaiter_);
}

// --- the end ---

// The one terminal transition, but for responses that nobody has read: until then it can be cut
// short (T16, T18).
void InterceptedStream::finish(CallStatus status) {
  if (final_) return;
  final_ = std::move(status);
  std::optional<InitialMetadata> headers = std::move(held_headers_);
  give_up_attempt();
  held_headers_ = std::move(headers);
  catch_up_.unlink();
  if (ahead_) responses_.push_front(*std::exchange(ahead_, std::nullopt));
  settle();
  later();
}

void InterceptedStream::settle() {
  if (!is_over()) return watch_deadline();
  end_is_near_ = true;
  deadline_timer_.disarm();
}

// An end of our own drops what nobody has read.
void InterceptedStream::cut_short(CallStatus status) {
  if (is_over()) return;
  responses_.clear();
  ahead_.reset();
  final_.reset();
  finish(std::move(status));
}

void InterceptedStream::ended_from_elsewhere() {
  end_posted_ = false;
  posted_end_.progress = attempts_ == 0 ? Progress::never_left : Progress::maybe_processed;
  cut_short(std::move(posted_end_));
  delete_if_unused();
}

void InterceptedStream::later() {
  if (!delivering_ && !deliver_.is_queued()) loop_.defer(deliver_);
}

void InterceptedStream::deliver() {
  delivering_ = true;
  interceptor_ = RootCoroutine();
  while (deliver_one()) {
  }
  delivering_ = false;
  delete_if_unused();
}

// The next thing that the caller waits for, in the order of the rules (T10-T12); false if there is
// none.
bool InterceptedStream::deliver_one() {
  const bool answers = final_->ok() || !responses_.empty();
  if (StartCompletion* started = std::exchange(started_, nullptr)) {
    state_.apply(answers ? StreamEvent::started : StreamEvent::start_failed);
    started->complete(answers ? OperationResult::ok : OperationResult::failed);
  } else if (InitialMetadataCompletion* headers = std::exchange(headers_, nullptr)) {
    InitialMetadata what = std::exchange(held_headers_, std::nullopt).value_or(InitialMetadata());
    if (own_headers_) what = InitialMetadata(*std::move(own_headers_));
    if (answers) what.present = true;
    state_.apply(StreamEvent::initial_metadata);
    headers->complete(std::move(what));
  } else if (SendCompletion* sent = std::exchange(sent_, nullptr)) {
    state_.apply(StreamEvent::send_failed);
    sent->complete(OperationResult::failed);
  } else if (CloseCompletion* closed = std::exchange(closed_, nullptr)) {
    state_.apply(StreamEvent::closed);
    closed->complete(OperationResult::failed);
  } else if (received_ != nullptr) {
    deliver_receive();
  } else if (ended_ != nullptr && responses_.empty()) {
    state_.apply(StreamEvent::status);
    std::exchange(ended_, nullptr)->complete(*final_);
  } else {
    return false;
  }
  return true;
}

void InterceptedStream::deliver_receive() {
  ReceiveCompletion& received = *std::exchange(received_, nullptr);
  if (!responses_.empty()) {
    Bytes message = std::move(responses_.front());
    responses_.pop_front();
    settle();
    state_.apply(StreamEvent::message);
    received.complete(Received(std::move(message)));
  } else if (final_->ok()) {
    state_.apply(StreamEvent::end);
    received.complete(Received::end_of_stream());
  } else {
    state_.apply(StreamEvent::receive_failed);
    received.complete(Received::failure());
  }
}

void InterceptedStream::delete_if_unused() {
  if (!dropped_ || delivering_ || deliver_.is_queued() || attempt_ != nullptr) return;
  const bool waits = started_ != nullptr || headers_ != nullptr || sent_ != nullptr ||
                     closed_ != nullptr || received_ != nullptr || ended_ != nullptr;
  if (waits || (state_.start() != StreamState::Start::created && !final_)) return;
  transport_->leave(*this);  // from here on nobody else can end it
  if (end_posted_) return;
  delete this;
}

}  // namespace weft::detail
