// What the client asks of a call, and what the steps of a call touch.

#include <utility>

#include "call_fault.h"
#include "sim_call.h"
#include "sim_transport.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

using detail::Access;
using detail::ObjectKind;

// A verb after the end is completed in the loop's next turn (T26).
absl::Status SimCall::take(StreamEvent verb) {
  touch(ObjectKind::call_end, Access::read);
  absl::Status taken = state_.take(verb);
  if (taken.ok() && phase_ == Phase::ended && !rest_.is_queued()) world().defer(rest_);
  return taken;
}

absl::Status SimCall::start(StartCompletion& started, InitialMetadataCompletion& metadata) {
  touch_all(Access::write);
  if (absl::Status misuse = take(StreamEvent::start); !misuse.ok()) return misuse;
  started_ = &started;
  headers_ = &metadata;
  if (phase_ == Phase::ended) return absl::OkStatus();
  phase_ = Phase::waiting;
  start_cause_ = world().new_cause();
  arrivals_.push(Frame::Kind::open, world().new_cause());
  if (!deadline_timer_.deadline.is_infinite()) {
    world().arm(deadline_timer_, deadline_timer_.deadline.instant());
  }
  if (credentials_ != nullptr) {
    fetch_credentials();
  } else {
    transport_->admit(*this);
  }
  return absl::OkStatus();
}

absl::Status SimCall::send_message(Bytes message, SendOptions, SendCompletion& sent) {
  touch(ObjectKind::call_out, Access::write);
  if (absl::Status misuse = take(StreamEvent::send); !misuse.ok()) return misuse;
  sent_ = &sent;
  if (phase_ == Phase::ended) return absl::OkStatus();
  const std::size_t limit = transport_->options().send_bytes_max;
  if (message.size() > limit) {
    end_locally(status_of(
        WireCondition::message_too_large(message.size(), limit, WireCondition::Direction::sent)));
    return absl::OkStatus();
  }
  ++sends_;
  send_arrived_ = false;
  send_cause_ = world().new_cause();
  arrivals_.push_message(std::move(message), world().new_cause());
  refresh();
  return absl::OkStatus();
}

absl::Status SimCall::send_close(CloseCompletion& closed) {
  touch(ObjectKind::call_out, Access::write);
  if (absl::Status misuse = take(StreamEvent::close); !misuse.ok()) return misuse;
  closed_ = &closed;
  if (phase_ == Phase::ended) return absl::OkStatus();
  close_cause_ = world().new_cause();
  arrivals_.push(Frame::Kind::half_close, world().new_cause());
  refresh();
  return absl::OkStatus();
}

absl::Status SimCall::recv_message(ReceiveCompletion& received) {
  touch(ObjectKind::call_in, Access::write);
  if (absl::Status misuse = take(StreamEvent::receive); !misuse.ok()) return misuse;
  received_ = &received;
  refresh();
  return absl::OkStatus();
}

absl::Status SimCall::status(StatusCompletion& ended) {
  if (absl::Status misuse = take(StreamEvent::request_status); !misuse.ok()) return misuse;
  ended_ = &ended;
  return absl::OkStatus();
}

bool SimCall::cancel(StatusCode code, std::string_view details) noexcept {
  touch(ObjectKind::call_end, Access::read);
  if (phase_ == Phase::ended) return false;
  note("cancel ", status_code_name(code), ": ", details);
  CallStatus status(code, std::string(details));
  status.locally_cancelled = code == StatusCode::kCancelled;
  if (!status.locally_cancelled) status.debug_error_string = "cancelled by this side";
  status.progress = phase_ == Phase::open ? Progress::maybe_processed : Progress::never_left;
  end(std::move(status), false);
  return true;
}

void SimCall::drop() noexcept {
  touch(ObjectKind::call_end, Access::write);
  dropped_ = true;
  cancel(StatusCode::kCancelled, dropped_details);
  delete_if_unused();
}

// --- for reduced searches ---

// A handler may share anything with the others, unless its server says that it does not.
DomainScope SimCall::recorded_program_scope() {
  if (program_ == nullptr || !program_->runs_user_code()) return DomainScope();
  touch(ObjectKind::call_out, Access::write);
  return DomainScope(world(), transport_->server().isolates_handlers() ? domain_ : 0);
}

}  // namespace weft::sim
