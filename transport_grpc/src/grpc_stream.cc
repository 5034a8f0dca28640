#include "grpc_stream.h"

#include <grpc/slice_buffer.h>
#include <grpc/support/alloc.h>

#include <bit>
#include <utility>

#include "convert.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/wire_status.h"

namespace weft {

absl::Status GrpcStream::start(StartCompletion& started, InitialMetadataCompletion& metadata) {
  if (absl::Status misuse = state_.take(StreamEvent::start); !misuse.ok()) return misuse;
  started_ = &started;
  headers_ = &metadata;
  accept(op_start);
  accept(op_headers);
  return absl::OkStatus();
}

absl::Status GrpcStream::send_message(Bytes message, SendOptions options, SendCompletion& sent) {
  if (absl::Status misuse = state_.take(StreamEvent::send); !misuse.ok()) return misuse;
  sent_ = &sent;
  fill_byte_buffer(send_buffer_, message);
  send_flags_ = (options.has_buffer_hint ? GRPC_WRITE_BUFFER_HINT : 0u) |
                (options.has_no_compression ? GRPC_WRITE_NO_COMPRESS : 0u);
  send_with_receive_ = options.has_with_receive;
  accept(op_send);
  return absl::OkStatus();
}

absl::Status GrpcStream::send_close(CloseCompletion& closed) {
  if (absl::Status misuse = state_.take(StreamEvent::close); !misuse.ok()) return misuse;
  closed_ = &closed;
  accept(op_close);
  return absl::OkStatus();
}

absl::Status GrpcStream::recv_message(ReceiveCompletion& received) {
  if (absl::Status misuse = state_.take(StreamEvent::receive); !misuse.ok()) return misuse;
  received_ = &received;
  accept(op_receive);
  return absl::OkStatus();
}

absl::Status GrpcStream::status(StatusCompletion& ended) {
  if (absl::Status misuse = state_.take(StreamEvent::request_status); !misuse.ok()) return misuse;
  ended_ = &ended;
  accept(op_status);
  return absl::OkStatus();
}

bool GrpcStream::be_first_to_cancel(StatusCode code, std::string_view details) noexcept {
  if (ended_in_core_.load(std::memory_order_acquire)) return false;
  if (cancel_claimed_.exchange(true, std::memory_order_acq_rel)) return false;
  cancel_code_ = code;
  cancel_details_ = std::string(details);
  cancelled_.store(true, std::memory_order_release);
  return true;
}

bool GrpcStream::cancel(StatusCode code, std::string_view details) noexcept {
  if (!be_first_to_cancel(code, details)) return false;
  grpc_call_cancel_with_status(call_, static_cast<grpc_status_code>(code), cancel_details_.c_str(),
                               nullptr);
  return true;
}

grpc_call* GrpcStream::claim_cancel(StatusCode code, std::string_view details) noexcept {
  if (!be_first_to_cancel(code, details)) return nullptr;
  grpc_call_ref(call_);
  return call_;
}

void GrpcStream::drop() noexcept {
  dropped_ = true;
  if (state_.status() != StreamState::Status::delivered) {
    cancel(StatusCode::kCancelled, dropped_details);
    // The status is collected all the same: core keeps retry state until it is (TG8).
    if (state_.start() != StreamState::Start::created &&
        state_.status() == StreamState::Status::not_asked) {
      state_.apply(StreamEvent::request_status);
      accept(op_status);
    }
  }
  delete_if_unused();
}

void GrpcStream::accept(Operation operation) {
  accepted_ |= bit(operation);
  if (!pump_task_.is_queued()) loop_.defer(pump_task_);
}

void GrpcStream::pump() noexcept {
  fail_accepted();
  start_accepted();
  if (arrived_ != 0 || dropped_) deliver_arrived();
}

// What the rules decide without core: everything of a refused call, and whatever follows a failure
// or the end of its direction (T17).
void GrpcStream::fail_accepted() {
  Operations failing = 0;
  if (call_ == nullptr) {
    failing = accepted_;
  } else {
    if (state_.send() == StreamState::Send::failed_outstanding) failing |= bit(op_send);
    if (state_.receive() != StreamState::Receive::outstanding) failing |= bit(op_receive);
    failing &= accepted_;
  }
  if (failing != 0) arrived(failing, false);
}

// The operations that may travel in one batch with the start. The test is that nobody can tell:
// a unary request goes out whole, and a unary response is not told before its status unless early
// headers were asked for, or nothing but the status would end the call (D19).
GrpcStream::Operations GrpcStream::batch_with_start() const {
  if (request_cardinality(kind_) == Cardinality::many) return bit(op_start);
  Operations may_come = bit(op_start) | bit(op_send);
  if (is_accepted(op_send)) may_come |= bit(op_close);
  if (!separate_headers_) {
    may_come |= bit(op_headers) | bit(op_receive);
    if (response_with_status_ && is_accepted(op_receive)) may_come |= bit(op_status);
  }
  return accepted_ & may_come;
}

inline void GrpcStream::fill(grpc_op& op, Operation operation) {
  op.flags = 0;
  op.reserved = nullptr;
  switch (operation) {
    case op_start:
      op.op = GRPC_OP_SEND_INITIAL_METADATA;
      op.flags = start_flags_;
      op.data.send_initial_metadata.count = request_metadata_.size();
      op.data.send_initial_metadata.metadata = request_metadata_.data();
      op.data.send_initial_metadata.maybe_compression_level.is_set = 0;
      break;
    case op_headers:
      op.op = GRPC_OP_RECV_INITIAL_METADATA;
      op.data.recv_initial_metadata.recv_initial_metadata = &metadata_.initial;
      break;
    case op_send:
      op.op = GRPC_OP_SEND_MESSAGE;
      op.flags = send_flags_;
      op.data.send_message.send_message = &send_buffer_;
      break;
    case op_close:
      op.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
      break;
    case op_receive:
      op.op = GRPC_OP_RECV_MESSAGE;
      op.data.recv_message.recv_message = &receive_buffer_;
      break;
    case op_status:
      op.op = GRPC_OP_RECV_STATUS_ON_CLIENT;
      op.data.recv_status_on_client.trailing_metadata = &metadata_.trailing;
      static_assert(sizeof(grpc_status_code) == sizeof status_number_);
      op.data.recv_status_on_client.status = reinterpret_cast<grpc_status_code*>(&status_number_);
      op.data.recv_status_on_client.status_details = &status_details_;
      op.data.recv_status_on_client.error_string = &error_string_;
      break;
  }
}

// Compiled in: of operations that the caller names, nothing is left to find out.
[[gnu::always_inline]] inline void GrpcStream::start_known_batch(Operations operations) {
  grpc_op ops[operation_count];
  std::size_t count = 0;
  for (Operations rest = operations; rest != 0; rest &= rest - 1) {
    fill(ops[count++], Operation(std::countr_zero(rest)));
  }
  accepted_ &= ~operations;
  in_flight_ |= operations;
  const auto first = static_cast<unsigned>(std::countr_zero(operations));
  batches_[first] = static_cast<unsigned char>(operations);
  ++loop_.batches_started_;
  const grpc_call_error error = grpc_call_start_batch(call_, ops, count, hand_over(first), nullptr);
  if (error != GRPC_CALL_OK) batch_rejected(operations, error);
}

void GrpcStream::start_accepted() {
  if (accepted_ == 0) return;
  if (accepted_ == bit(op_receive) && !receive_waits_for_idle()) {
    return start_known_batch(bit(op_receive));
  }
  // The whole of a unary call: what batch_with_start() would give, known while compiling.
  if (accepted_ == all_operations && !separate_headers_ && response_with_status_) {
    return start_known_batch(all_operations);
  }
  if (is_accepted(op_start)) start_batch(batch_with_start());
  if (is_accepted(op_headers)) start_batch(bit(op_headers));
  if (is_accepted(op_send)) {
    Operations together = bit(op_send) | bit(op_close);
    if (send_with_receive_) together |= bit(op_receive);
    start_batch(accepted_ & together);
  }
  if (is_accepted(op_close)) start_batch(bit(op_close));
  if (is_accepted(op_receive) && !receive_waits_for_idle()) {
    const Operations status = response_with_status_ ? bit(op_status) : 0;
    start_batch(accepted_ & (bit(op_receive) | status));
  }
  if (is_accepted(op_status)) start_batch(bit(op_status));
}

// A receive after the one response only looks for a peer that answers twice (D19). The status that
// makes it pointless is often in the queue already: the batch is worth it only when nothing is. A
// loop that is never idle must not keep a status waiting that has come already.
bool GrpcStream::receive_waits_for_idle() {
  if (!response_seen_ || idle_was_seen_ || has_arrived(op_status)) return false;
  loop_.when_idle(idle_task_);
  return true;
}

void GrpcStream::idle() noexcept {
  idle_was_seen_ = true;
  pump();
}

void GrpcStream::start_batch(Operations operations) {
  start_known_batch(operations);
}

// A batch that core does not take is an end in itself: core will never tell a status for it
// (R1-02).
void GrpcStream::batch_rejected(Operations operations, grpc_call_error error) {
  std::string details =
      detail::text("gRPC core rejected a batch: ", grpc_call_error_to_string(error));
  if (!local_status_.has_value()) {
    local_status_.emplace(StatusCode::kInternal, details);
    local_status_->debug_error_string = details;
  }
  cancel(StatusCode::kInternal, details);
  arrived(operations, false);
}

void GrpcStream::batch_arrived(QueueTag& tag, unsigned first_operation, bool ok) noexcept {
  auto& self = static_cast<GrpcStream&>(tag);
  self.arrived(self.batches_[first_operation], ok);
  self.deliver_arrived();
}

void GrpcStream::arrived(Operations operations, bool ok) {
  const bool ended = (operations & bit(op_status)) != 0;
  if (ended && nothing_came()) ok = false;
  accepted_ &= ~operations;
  in_flight_ &= ~operations;
  arrived_ |= operations;
  succeeded_ = ok ? succeeded_ | operations : succeeded_ & ~operations;
  if (!ended) return;
  ended_in_core_.store(true, std::memory_order_release);
  // Core tells the status after the last message: a receive that it never saw has found the end.
  idle_task_.unlink();
  if (is_accepted(op_receive)) arrived(bit(op_receive), true);
}

void GrpcStream::deliver_arrived() {
  if (delivering_) return;  // the delivery below us goes on
  delivering_ = true;
  told_before_status_ = false;
  while (deliver_next()) {
  }
  delivering_ = false;
  delete_if_unused();
}

// The grammar: initial metadata before messages (T11), status after all else (T12), in a turn of
// its own, so that whoever waited goes on first, however many batches arrived together.
bool GrpcStream::deliver_next() {
  if (arrived_ == 0) return false;
  bool told = false;
  if (has_arrived(op_start)) told = true, deliver_start();
  if (has_arrived(op_headers) && !headers_wait_for_status()) told = true, deliver_headers();
  if (has_arrived(op_send)) told = true, deliver_send();
  if (has_arrived(op_close)) told = true, deliver_close();
  if (has_arrived(op_receive) && headers_seen_) told = true, deliver_receive();
  if (told) return true;  // whoever was told may have begun something
  if (!has_arrived(op_status) || !state_.quiescent()) return false;
  // Once: whoever goes on may start the next operation at once, and so on for ever.
  if (told_before_status_ && loop_.has_ready() && !std::exchange(status_was_put_off_, true)) {
    if (!pump_task_.is_queued()) loop_.defer(pump_task_);
    return false;
  }
  return deliver_status(), true;
}

// Headers that failed never come, and nobody should take them for empty ones (B014).
bool GrpcStream::headers_wait_for_status() const {
  if ((succeeded_ & bit(op_headers)) != 0) return false;
  if (((accepted_ | in_flight_ | arrived_) & bit(op_status)) == 0) return false;
  return (accepted_ | in_flight_) != 0;
}

bool GrpcStream::settle(Operation operation) {
  arrived_ &= ~bit(operation);
  return (succeeded_ & bit(operation)) != 0;
}

void GrpcStream::deliver_start() {
  told_before_status_ = true;
  const bool ok = settle(op_start);
  state_.apply(ok ? StreamEvent::started : StreamEvent::start_failed);
  started_->complete(ok ? OperationResult::ok : OperationResult::failed);
}

void GrpcStream::deliver_headers() {
  headers_seen_ = true;
  told_before_status_ = true;
  state_.apply(StreamEvent::initial_metadata);
  headers_->complete(settle(op_headers) ? InitialMetadata(to_metadata(metadata_.initial))
                                        : InitialMetadata());
}

void GrpcStream::deliver_send() {
  told_before_status_ = true;
  grpc_slice_buffer_destroy(&send_buffer_.data.raw.slice_buffer);
  if (settle(op_send)) {
    state_.apply(StreamEvent::sent);
    sent_->complete(OperationResult::ok);
  } else {
    state_.apply(StreamEvent::send_failed);
    sent_->complete(OperationResult::failed);
  }
}

void GrpcStream::deliver_close() {
  told_before_status_ = true;
  state_.apply(StreamEvent::closed);
  closed_->complete(settle(op_close) ? OperationResult::ok : OperationResult::failed);
}

void GrpcStream::deliver_receive() {
  const bool ok = settle(op_receive);
  grpc_byte_buffer* buffer = std::exchange(receive_buffer_, nullptr);
  // Only in-process does core tell the status first; a message that comes then is lost (P17).
  const bool too_late = state_.status() == StreamState::Status::delivered;
  if (ok && buffer != nullptr && !too_late) {
    state_.apply(StreamEvent::message);
    told_before_status_ = true;
    response_seen_ = response_cardinality(kind_) == Cardinality::one;
    received_->complete(Received(to_bytes(buffer)));
    return;
  }
  if (buffer != nullptr) destroy_received(buffer);
  // "No message" is the end or a failure; the status tells (TG3). What was the end stays the end.
  if (ok || state_.receive() == StreamState::Receive::ended_outstanding) {
    state_.apply(StreamEvent::end);
    received_->complete(Received::end_of_stream());
  } else {
    state_.apply(StreamEvent::receive_failed);
    received_->complete(Received::failure());
  }
}

void GrpcStream::deliver_status() {
  arrived_ &= ~bit(op_status);
  CallStatus status = take_status();
  state_.apply(StreamEvent::status);
  if (ended_ != nullptr) ended_->complete(std::move(status));
}

CallStatus GrpcStream::take_status() {
  const char* error_string = std::exchange(error_string_, nullptr);
  if (local_status_.has_value()) {
    if (error_string != nullptr) gpr_free(const_cast<char*>(error_string));
    return *std::move(local_status_);
  }
  return core_status(error_string);
}

CallStatus GrpcStream::core_status(const char* error_string) {
  CallStatus status(status_code_from_number(status_number_), std::string(view_of(status_details_)));
  status.trailing_metadata = to_metadata(metadata_.trailing);
  if (error_string != nullptr) {
    status.debug_error_string.emplace(error_string);
    gpr_free(const_cast<char*>(error_string));
  } else if (!status.ok()) {
    status.debug_error_string.emplace();
  }
  if (status.code != StatusCode::kCancelled) return status;
  if (cancelled_.load(std::memory_order_acquire) && cancel_code_ == StatusCode::kCancelled &&
      status.details == cancel_details_) {
    status.locally_cancelled = true;
    status.debug_error_string.reset();
  } else if (deadline_.expired(loop_.now())) {
    // A server whose own timer was first resets the stream, and core knows no better (B231).
    std::optional<std::string> where = std::move(status.debug_error_string);
    status = status_of(WireCondition::reset(Http2Error::cancel), true);
    status.debug_error_string = std::move(where);
  }
  return status;
}

bool GrpcStream::is_idle() const {
  return (accepted_ | in_flight_ | arrived_) == 0 && !delivering_ && !pump_task_.is_queued() &&
         !idle_task_.is_queued();
}

void GrpcStream::delete_if_unused() noexcept {
  if (dropped_ && is_idle()) delete this;
}

void GrpcStream::cancel_all(GrpcStream* streams) {
  for (GrpcStream* stream = streams; stream != nullptr; stream = stream->loop_links.next()) {
    stream->cancel(StatusCode::kCancelled, "the event loop was destroyed");
  }
}

bool GrpcStream::only_held(GrpcStream* streams) {
  for (GrpcStream* stream = streams; stream != nullptr; stream = stream->loop_links.next()) {
    if (!stream->dropped_ && stream->is_idle()) return true;
  }
  return false;
}

}  // namespace weft
