#include "broken_client.h"

#include <deque>
#include <utility>
#include <vector>

#include "weft/transport/assert.h"
#include "weft/transport/recycled.h"

namespace weft::test {

// The call itself. It lives until its client has gone, and nothing can come any more: no completion
// and no timer.
class BrokenClient::Core final : public Recycled {
 public:
  Core(EventLoop& loop, StreamPtr stream, CallKind kind, Defect defect)
      : loop_(loop),
        stream_(std::move(stream)),
        one_response_(response_cardinality(kind) == Cardinality::one),
        defect_(defect) {}

  void start(absl::Duration timeout);
  void done_writing();
  bool cancel();
  void on_done(DoneCallback callback) { callbacks_.push_back(std::move(callback)); }
  // The client goes.
  void release();

  // Whether there is anything to wait for.
  bool begin_write(const std::string& message);
  bool writing() const { return writing_; }
  bool wrote() const { return wrote_; }
  void wait_for_write(std::coroutine_handle<> handle) { writer_ = handle; }

  bool readable() const { return !messages_.empty() || reads_over_ || ignores_messages(); }
  std::optional<std::string> take();
  void wait_for_message(std::coroutine_handle<> handle) { reader_ = handle; }

  const std::optional<CallStatus>& status() const { return status_; }
  void wait_for_status(std::coroutine_handle<> handle) { status_waiters_.push_back(handle); }

 private:
  template <class Result, void (Core::*handle)(Result)>
  class On final : public Completion<Result> {
   public:
    explicit On(Core& core) : Completion<Result>(&arrived), core_(core) {}

   private:
    static void arrived(Completion<Result>& completion, Result&& result) noexcept {
      Core& core = static_cast<On&>(completion).core_;
      (core.*handle)(std::move(result));
      --core.outstanding_;
      core.delete_if_unused();
    }
    Core& core_;
  };
  class DeadlineTimer final : public Timer {
   public:
    explicit DeadlineTimer(Core& core)
        : Timer([](Timer& timer) noexcept { static_cast<DeadlineTimer&>(timer).core_.expired(); }),
          core_(core) {}

   private:
    Core& core_;
  };

  void on_started(OperationResult result);
  void on_headers(InitialMetadata) {}
  void on_sent(OperationResult result);
  void on_closed(OperationResult) {}
  void on_received(Received received);
  void on_ended(CallStatus status);
  void expired();

  void send(Bytes message);
  void close();
  void fetch();
  void finish_write(bool ok);
  bool ignores_messages() const;
  void end_here(StatusCode code, const std::string& details);
  void end(CallStatus status);
  void fix(CallStatus status);
  void delete_if_unused();

  bool has(Defect defect) const { return defect_ == defect; }
  bool taken(const absl::Status& verb) {
    if (verb.ok()) ++outstanding_;
    return verb.ok();
  }
  static void resume(std::coroutine_handle<>& waiter) {
    if (waiter) std::exchange(waiter, nullptr).resume();
  }

  EventLoop& loop_;
  StreamPtr stream_;  // null once the client has gone
  const bool one_response_;
  const Defect defect_;
  int outstanding_ = 0;  // completions that will come

  bool started_ = false;
  bool writing_ = false;
  bool wrote_ = false;
  bool half_close_waits_ = false;
  std::optional<Bytes> held_message_;  // until the call has started
  std::deque<std::string> messages_;   // received, and not read yet
  std::size_t responses_ = 0;
  bool reads_over_ = false;
  std::optional<CallStatus> status_;
  bool over_ = false;  // the transport's status came

  std::coroutine_handle<> writer_;
  std::coroutine_handle<> reader_;
  std::vector<std::coroutine_handle<>> status_waiters_;
  std::vector<DoneCallback> callbacks_;

  On<OperationResult, &Core::on_started> on_started_{*this};
  On<InitialMetadata, &Core::on_headers> on_headers_{*this};
  On<OperationResult, &Core::on_sent> on_sent_{*this};
  On<OperationResult, &Core::on_closed> on_closed_{*this};
  On<Received, &Core::on_received> on_received_{*this};
  On<CallStatus, &Core::on_ended> on_ended_{*this};
  DeadlineTimer timer_{*this};
};

void BrokenClient::Core::start(absl::Duration timeout) {
  const absl::Status started = stream_->start(on_started_, on_headers_);
  WEFT_ASSERT(started.ok());
  outstanding_ += 2;
  taken(stream_->status(on_ended_));
  fetch();
  if (timeout != absl::InfiniteDuration()) loop_.arm(timer_, loop_.now() + timeout);
}

// --- writing ---

bool BrokenClient::Core::begin_write(const std::string& message) {
  if (status_.has_value()) return false;
  if (writing_) {
    end_here(StatusCode::kInternal, "a write during a write");
    return false;
  }
  writing_ = true;
  if (started_) {
    send(Bytes::copy_of(message));
  } else {
    held_message_ = Bytes::copy_of(message);
  }
  return true;
}

void BrokenClient::Core::done_writing() {
  if (status_.has_value()) return;
  if (started_ || has(Defect::half_close_overtakes_write)) return close();
  half_close_waits_ = true;
}

void BrokenClient::Core::on_started(OperationResult result) {
  if (result == OperationResult::failed) {
    held_message_.reset();
    if (!has(Defect::write_left_waiting)) finish_write(false);
    return;
  }
  started_ = true;
  if (stream_ == nullptr) return;
  const bool close_too = half_close_waits_;
  if (held_message_.has_value()) send(*std::exchange(held_message_, std::nullopt));
  if (close_too) close();
}

void BrokenClient::Core::send(Bytes message) {
  if (!taken(stream_->send_message(std::move(message), SendOptions(), on_sent_))) {
    finish_write(false);
  }
}

void BrokenClient::Core::close() {
  if (stream_ != nullptr) taken(stream_->send_close(on_closed_));
}

// Why a write failed is for the status to say, which comes by itself (T19).
void BrokenClient::Core::on_sent(OperationResult result) {
  const bool ok = result == OperationResult::ok;
  if (!ok && has(Defect::status_overwritten)) {
    fix(CallStatus(StatusCode::kInternal, "a write failed"));
  }
  finish_write(ok);
}

void BrokenClient::Core::finish_write(bool ok) {
  writing_ = false;
  wrote_ = ok;
  resume(writer_);
}

// --- reading ---

void BrokenClient::Core::fetch() {
  if (stream_ != nullptr) taken(stream_->recv_message(on_received_));
}

void BrokenClient::Core::on_received(Received received) {
  if (received.kind != Received::Kind::message) {
    reads_over_ = true;
    return resume(reader_);
  }
  if (one_response_ && ++responses_ > 1) {
    return end_here(StatusCode::kInternal, "a response too many");
  }
  messages_.push_back(received.message.to_string());
  // The status waits behind whatever else there is.
  if (one_response_ && !has(Defect::second_response_unread)) fetch();
  resume(reader_);
}

bool BrokenClient::Core::ignores_messages() const {
  return has(Defect::status_before_messages) && status_.has_value();
}

std::optional<std::string> BrokenClient::Core::take() {
  // What was received before the status is there to be read after it.
  if (messages_.empty() || ignores_messages()) return std::nullopt;
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  if (!one_response_ && !reads_over_) fetch();
  return message;
}

// --- the end ---

bool BrokenClient::Core::cancel() {
  if (status_.has_value()) return false;
  const CallStatus cancelled(StatusCode::kCancelled, std::string(local_cancel_details));
  if (has(Defect::callback_before_transport)) {
    for (const DoneCallback& callback : callbacks_) callback(cancelled);
  }
  stream_->cancel(cancelled.code, cancelled.details);
  end(cancelled);
  // The handle stays, for the completion.
  if (has(Defect::reader_resumed_twice) && reader_) reader_.resume();
  while (has(Defect::cancel_waits_in_continuation) && !over_ && loop_.run_one()) {
  }
  return true;
}

void BrokenClient::Core::end_here(StatusCode code, const std::string& details) {
  if (!has(Defect::local_end_keeps_transport)) stream_->cancel(code, details);
  end(CallStatus(code, details));
}

void BrokenClient::Core::expired() {
  if (!status_.has_value()) end_here(StatusCode::kDeadlineExceeded, "Deadline Exceeded");
  delete_if_unused();
}

void BrokenClient::Core::on_ended(CallStatus status) {
  over_ = true;
  const bool was_ended_here = status_.has_value();
  if (!was_ended_here || !has(Defect::timer_left_armed)) timer_.disarm();
  end(std::move(status));
}

// The first status stays.
void BrokenClient::Core::end(CallStatus status) {
  if (!status_.has_value()) fix(std::move(status));
}

void BrokenClient::Core::fix(CallStatus status) {
  status_ = status;
  const std::vector<DoneCallback> callbacks = callbacks_;
  for (const std::coroutine_handle<> waiter : std::exchange(status_waiters_, {})) waiter.resume();
  for (const DoneCallback& callback : callbacks) {
    try {
      callback(status);
    } catch (...) {  // a callback's error is nobody else's
    }
  }
}

void BrokenClient::Core::release() {
  writer_ = nullptr;
  reader_ = nullptr;
  status_waiters_.clear();
  callbacks_.clear();
  stream_.reset();
  delete_if_unused();
}

void BrokenClient::Core::delete_if_unused() {
  if (stream_ == nullptr && outstanding_ == 0 && !timer_.is_armed()) delete this;
}

// --- what coroutines see ---

BrokenClient::BrokenClient(EventLoop& loop, Transport& transport, StreamOptions options,
                           Defect defect) {
  const CallKind kind = options.kind;
  core_ = new Core(loop, transport.create_stream(loop, std::move(options)), kind, defect);
}

BrokenClient::~BrokenClient() {
  core_->release();
}

void BrokenClient::on_done(DoneCallback callback) {
  core_->on_done(std::move(callback));
}

void BrokenClient::start(absl::Duration timeout) {
  core_->start(timeout);
}

void BrokenClient::done_writing() {
  core_->done_writing();
}

bool BrokenClient::cancel() {
  return core_->cancel();
}

BrokenClient::WriteAwaiter BrokenClient::write(const std::string& message) {
  return WriteAwaiter(*core_, core_->begin_write(message));
}

bool BrokenClient::WriteAwaiter::await_ready() const {
  return !begun_ || !core_.writing();
}

void BrokenClient::WriteAwaiter::await_suspend(std::coroutine_handle<> handle) {
  core_.wait_for_write(handle);
}

bool BrokenClient::WriteAwaiter::await_resume() const {
  return begun_ && core_.wrote();
}

bool BrokenClient::ReadAwaiter::await_ready() const {
  return core_.readable();
}

void BrokenClient::ReadAwaiter::await_suspend(std::coroutine_handle<> handle) {
  core_.wait_for_message(handle);
}

std::optional<std::string> BrokenClient::ReadAwaiter::await_resume() {
  return core_.take();
}

bool BrokenClient::StatusAwaiter::await_ready() const {
  return core_.status().has_value();
}

void BrokenClient::StatusAwaiter::await_suspend(std::coroutine_handle<> handle) {
  core_.wait_for_status(handle);
}

CallStatus BrokenClient::StatusAwaiter::await_resume() const {
  return *core_.status();
}

}  // namespace weft::test
