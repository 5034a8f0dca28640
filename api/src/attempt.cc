#include "attempt.h"

#include <utility>

#include "intercepted_stream.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"

namespace weft::detail {
namespace {

// Every verb here is admissible by construction.
void must(const absl::Status& accepted) {
  WEFT_ASSERT(accepted.ok(), as_std(accepted.message()));
}

}  // namespace

Attempt::Attempt(InterceptedStream& call, StreamPtr stream)
    : call_(&call), stream_(std::move(stream)) {}

void Attempt::start() {
  must(stream_->start(started_.armed(), headers_.armed()));
  go_on();
  must(stream_->status(ended_.armed()));
}

void Attempt::go_on() {
  send();
  if (call_->wants_message()) look_ahead();
}

void Attempt::look_ahead() {
  if (receiving_ || receive_over_) return;
  receiving_ = true;
  must(stream_->recv_message(received_.armed()));
}

// The next request, and the half-close behind the last one, which need not wait for it.
void Attempt::send() {
  if (closed_) return;
  if (!sending_ && !send_failed_) {
    if (const Request* request = call_->request(next_request_)) {
      sending_ = true;
      must(stream_->send_message(request->message, request->options, sent_.armed()));
    }
  }
  const bool all_sent =
      send_failed_ || call_->request(next_request_ + (sending_ ? 1 : 0)) == nullptr;
  if (!all_sent || !call_->half_closed()) return;
  closed_ = true;
  must(stream_->send_close(close_done_.armed()));
}

void Attempt::on_started(OperationResult result) {
  call_->attempt_started(result);
}

void Attempt::on_headers(InitialMetadata headers) {
  call_->attempt_headers(std::move(headers));
}

void Attempt::on_sent(OperationResult result) {
  sending_ = false;
  send_failed_ = result == OperationResult::failed;
  if (send_failed_) {
    send();
    return call_->attempt_send_failed();
  }
  InterceptedStream& call = *call_;
  const std::size_t number = next_request_++;
  send();
  call.attempt_sent(number);
}

void Attempt::on_closed(OperationResult result) {
  if (result == OperationResult::ok) call_->attempt_closed();
}

void Attempt::on_received(Received received) {
  receiving_ = false;
  receive_over_ = received.kind != Received::Kind::message;
  if (!receive_over_) call_->attempt_message(std::move(received.message));
}

void Attempt::on_ended(CallStatus status) {
  std::exchange(call_, nullptr)->attempt_ended(std::move(status));
}

void Attempt::give_up() {
  call_ = nullptr;
  stream_.reset();
  delete_if_unused();
}

void Attempt::delete_if_unused() {
  if (call_ == nullptr && outstanding_ == 0) delete this;
}

}  // namespace weft::detail
