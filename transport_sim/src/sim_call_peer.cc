// The peer's end of a call: what arrives there, and what its program does.

#include "sim_call.h"

#include <utility>

#include "call_fault.h"
#include "sim_transport.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

using detail::Access;
using detail::ObjectKind;

// --- arrival: what the peer gets ---

void SimCall::arrive() {
  touch(ObjectKind::call_out, Access::write);
  touch(ObjectKind::call_end, Access::read);
  do {
    deliver_to_peer(arrivals_.pop());
  } while (one_request() && phase_ == Phase::open && can_arrive());
  refresh();
}

void SimCall::deliver_to_peer(std::unique_ptr<Frame> frame) {
  switch (frame->kind) {
    case Frame::Kind::open:
      return open_at_peer();
    case Frame::Kind::message:
      ++messages_arrived_;
      // Of several that wait, only the last can be the one whose send is outstanding.
      send_arrived_ = messages_arrived_ == sends_;
      if (program_ != nullptr) {
        const DomainScope peer = program_scope();
        program_->message(*this, std::move(frame->bytes));
      }
      return;
    default:
      if (program_ != nullptr) {
        const DomainScope peer = program_scope();
        program_->half_closed(*this);
      }
      return;
  }
}

void SimCall::open_at_peer() {
  reached_peer_ = true;
  program_ = transport_->server().program_for(*this);
  const bool refused = transport_->server().refuses(compression_);
  if (refused) program_ = nullptr;
  if (program_ == nullptr) {
    peer_wants_message_ = true;
    return finish(status_of(refused ? WireCondition::compression_refused()
                                    : WireCondition::unknown_method()));
  }
  if (!deadline().is_infinite() && transport_->server().keeps_deadlines()) {
    world().arm(peer_deadline_, deadline().instant());
  }
  const DomainScope peer = program_scope();
  program_->opened(*this);
}

// As a real server's: trailers alone if it has said nothing yet, and a program that is cancelled.
void SimCall::expire_at_peer() {
  CallStatus expired = status_of(WireCondition::deadline());
  late_at_peer_ = true;
  finish(CallStatus(expired.code, std::move(expired.details)));
  // First, so that this lives on when the program lets the client go.
  if (!rest_.is_queued()) world().defer(rest_);
  const DomainScope peer = program_scope();
  program_->cancelled(*this);
}

void SimCall::want_message(bool wants) {
  touch(ObjectKind::call_out, Access::write);
  peer_wants_message_ = wants;
  refresh();
}

void SimCall::tell_peer_of_cancel() {
  touch(ObjectKind::call_out, Access::write);
  touch(ObjectKind::call_end, Access::read);
  // First, so that this lives on when the program lets the client go.
  if (!rest_.is_queued()) world().defer(rest_);
  if (program_ == nullptr) return;
  const DomainScope peer = program_scope();
  program_->cancelled(*this);
}

void SimCall::abandon_program() {
  program_ = nullptr;
  cancel_notice_.withdraw();
  if (!rest_.is_queued()) world().defer(rest_);
}

// --- the peer's verbs ---

bool SimCall::has_room() const {
  const_cast<SimCall*>(this)->touch(ObjectKind::call_in, Access::read);
  return inbound_frames_.bytes() <= transport_->options().window_bytes;
}

void SimCall::send_headers(Metadata metadata) {
  touch_frames_from_peer();
  if (phase_ != Phase::open || peer_finished_ || peer_sent_headers_) return;
  peer_sent_headers_ = true;
  inbound_frames_.push(Frame::Kind::headers, world().new_cause()).metadata = std::move(metadata);
  refresh();
}

void SimCall::send_message(Bytes message) {
  touch_frames_from_peer();
  if (phase_ != Phase::open || peer_finished_) return;
  if (!peer_sent_headers_) send_headers(Metadata());
  inbound_frames_.push_message(std::move(message), world().new_cause());
  refresh();
}

void SimCall::finish(CallStatus status) {
  touch_frames_from_peer();
  if (!peer_finished_) {
    peer_finished_ = true;
    peer_deadline_.disarm();
    if (phase_ == Phase::open) {
      // On the wire it is a number, which the client takes for UNKNOWN if nobody knows it.
      status.code = status_code_from_number(static_cast<int>(status.code));
      peer_status_ = std::move(status);
      if (!std::exchange(peer_sent_headers_, true)) {
        inbound_frames_.push(Frame::Kind::no_headers, world().new_cause());
      }
      inbound_frames_.push(Frame::Kind::status, world().new_cause());
      refresh();
    }
  }
  // The program is on the stack: what is unused now goes with the loop's next turn.
  if (phase_ == Phase::ended && !rest_.is_queued()) world().defer(rest_);
}

void SimCall::reset(Http2Error error) {
  touch_frames_from_peer();
  if (peer_finished_) return;
  peer_finished_ = true;
  peer_deadline_.disarm();
  if (phase_ == Phase::open) break_off(WireCondition::reset(error));
}

}  // namespace weft::sim
