#include "weft/conformance/observed_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::conformance {

void Ledger::end() {
  if (--outstanding_ > 0) return;
  if (const std::coroutine_handle<> waiter = std::exchange(waiter_, nullptr)) waiter.resume();
}

absl::Status StreamRecord::count(absl::Status accepted, std::size_t completions) {
  if (!accepted.ok()) return accepted;
  if (outstanding_ == 0) self_ = shared_from_this();
  outstanding_ += completions;
  for (std::size_t i = 0; i < completions; ++i) ledger_->begin();
  return accepted;
}

void StreamRecord::begin_completion(std::string what) {
  EXPECT_FALSE(completing_) << what << " came inside another completion (T60)";
  completing_ = true;
  log_.push_back(std::move(what));
}

void StreamRecord::end_completion() {
  completing_ = false;
  const std::shared_ptr<Ledger> ledger = ledger_;
  if (--outstanding_ == 0) self_.reset();
  ledger->end();
}

absl::Status ObservedStream::start() {
  return record_->count(record_->stream_->start(record_->started_, record_->headers_), 2);
}

absl::Status ObservedStream::begin_send(std::string message, SendOptions options) {
  return begin_send(Bytes::from_string(std::move(message)), options);
}

absl::Status ObservedStream::begin_send(Bytes message, SendOptions options) {
  return record_->count(record_->stream_->send_message(std::move(message), options, record_->sent_),
                        1);
}

absl::Status ObservedStream::begin_close() {
  return record_->count(record_->stream_->send_close(record_->closed_), 1);
}

absl::Status ObservedStream::begin_receive() {
  return record_->count(record_->stream_->recv_message(record_->received_), 1);
}

absl::Status ObservedStream::ask_status() {
  asked_status_ = true;
  return record_->count(record_->stream_->status(record_->ended_), 1);
}

bool ObservedStream::cancel(StatusCode code, std::string_view details) {
  const std::size_t before = record_->log_.size();
  const bool taken = record_->stream_->cancel(code, details);
  EXPECT_EQ(record_->log_.size(), before) << "a completion ran on the stack of a cancel (T31)";
  return taken;
}

void ObservedStream::drop() {
  if (record_ != nullptr) record_->stream_.reset();
}

Pending<OperationResult>::Awaiter ObservedStream::send(std::string message) {
  const absl::Status accepted = begin_send(std::move(message));
  EXPECT_TRUE(accepted.ok()) << accepted;
  return sent();
}

Pending<OperationResult>::Awaiter ObservedStream::close() {
  const absl::Status accepted = begin_close();
  EXPECT_TRUE(accepted.ok()) << accepted;
  return closed();
}

Pending<Received>::Awaiter ObservedStream::receive() {
  const absl::Status accepted = begin_receive();
  EXPECT_TRUE(accepted.ok()) << accepted;
  return received();
}

Pending<CallStatus>::Awaiter ObservedStream::status() {
  if (!asked_status_) {
    const absl::Status accepted = ask_status();
    EXPECT_TRUE(accepted.ok()) << accepted;
  }
  return ended();
}

std::size_t ObservedStream::count(std::string_view event) const {
  return static_cast<std::size_t>(std::count(log().begin(), log().end(), event));
}

std::string ObservedStream::story() const {
  std::string story;
  for (const std::string& event : log()) story += (story.empty() ? "" : ", ") + event;
  return story;
}

}  // namespace weft::conformance
