#include "sim_call.h"

#include <utility>

#include "call_fault.h"
#include "connection_fault.h"
#include "sim_transport.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

using detail::Access;
using detail::ObjectKind;

StreamPtr SimCall::create(SimTransport& transport, StreamOptions&& options) {
  return StreamPtr(new SimCall(transport, std::move(options)));
}

SimCall::SimCall(SimTransport& transport, StreamOptions&& options)
    : transport_(transport),
      world_(transport_->world()),
      number_(world_.new_call_number()),
      domain_(world_.domain()),
      method_(transport_->server().method_name(options.method)),
      kind_(options.kind),
      authority_(options.authority.empty() ? transport_->server().name() : options.authority),
      waits_for_ready_(options.wait_for_ready.value_or(transport_->options().waits_for_ready)),
      compression_(options.compression.value_or(transport_->options().default_compression)) {
  ++world().live_calls_;
  world().execution().call_was_made();
  transport_->enter(*this);
  deadline_timer_.deadline = options.deadline;
  credentials_ = std::move(options.credentials);
  std::optional<CallStatus> refused = refusal(options);
  metadata_ = std::move(options.metadata);
  if (refused.has_value()) end(*std::move(refused), false);
}

SimCall::~SimCall() {
  program_ = nullptr;
  if (reached_peer_) transport_->server().forget(*this);
  transport_->leave(*this);
  --world().live_calls_;
}

void SimCall::write_note(std::string text) {
  world().note(weft::detail::text("call", number_), std::move(text));
}

// Everything that can be wrong with a call before it is started (T42, T71, T81).
std::optional<CallStatus> SimCall::refusal(const StreamOptions& options) const {
  if (transport_->is_shut_down()) return status_of(WireCondition::transport_shut_down());
  if (absl::Status legal = options.metadata.validate(); !legal.ok()) {
    CallStatus status(legal.code(), std::string(legal.message()));
    status.debug_error_string = "refused before anything was sent";
    status.progress = Progress::never_left;
    return status;
  }
  if (credentials_ != nullptr && !transport_->capabilities().secure) {
    return status_of(WireCondition::insecure_credentials());
  }
  if (options.deadline.expired(transport_->world().loop().now())) {
    return status_of(WireCondition::deadline_before_start());
  }
  return std::nullopt;
}

// --- what may happen ---

void SimCall::connected() {
  touch_all(Access::write);
  phase_ = Phase::open;
  if (!world().faults().exhausted()) {
    for (const Fault& fault : world().faults().faults()) {
      if (!ConnectionFault::concerns(fault)) {
        faults_.push_back(std::make_unique<CallFault>(*this, fault));
      }
    }
  }
  refresh();
}

void SimCall::refresh() {
  if (phase_ != Phase::open) return;
  if (can_accept()) {
    world().enable(EventClass::network, outbound_, cause_of_outbound());
  } else {
    outbound_.withdraw();
  }
  if (can_refuse()) {
    world().enable(EventClass::network, refusal_);
  } else {
    refusal_.withdraw();
  }
  if (can_arrive()) {
    world().enable(EventClass::network, arrival_, arrivals_.first()->cause);
  } else {
    arrival_.withdraw();
  }
  if (can_receive()) {
    world().enable(EventClass::network, inbound_, inbound_frames_.first()->cause);
  } else {
    inbound_.withdraw();
  }
  if (!faults_.empty()) refresh_faults();
}

void SimCall::refresh_faults() {
  const bool allowed = !world().faults().exhausted();
  for (const auto& fault : faults_) {
    if (allowed && fault->can_strike()) {
      world().enable(EventClass::fault, *fault);
    } else if (!fault->is_window()) {
      fault->withdraw();
    }
  }
}

// Operations are accepted in order: the start, sends, the half-close behind them (T22).
bool SimCall::can_accept() const {
  if (state_.start() == StreamState::Start::starting) return true;
  if (state_.send_outstanding()) {
    const bool fits = arrivals_.bytes() <= transport_->options().window_bytes;
    const bool asked_for = peer_wants_message_ && messages_arrived_ + 1 == sends_;
    const bool failed_before = state_.send() == StreamState::Send::failed_outstanding;
    return !failed_before && !stalled_ && (fits || asked_for || send_arrived_);
  }
  return state_.close() == StreamState::Close::outstanding;
}

Cause SimCall::cause_of_outbound() const {
  if (state_.start() == StreamState::Start::starting) return start_cause_;
  return state_.send_outstanding() ? send_cause_ : close_cause_;
}

// When the peer has finished, nothing reaches it any more, whatever the client has not read yet
// (T53). The one request of a call is taken with its start.
bool SimCall::can_refuse() const {
  if (!peer_finished_ || one_request() || arrivals_.empty()) return false;
  if (state_.start() == StreamState::Start::starting) return false;
  if (state_.send_outstanding()) return !send_arrived_;
  return state_.close() == StreamState::Close::outstanding;
}

bool SimCall::can_arrive() const {
  if (peer_finished_ || arrivals_.empty()) return false;
  return arrivals_.first()->kind != Frame::Kind::message || peer_wants_message_;
}

bool SimCall::can_receive() const {
  if (inbound_frames_.empty()) return false;
  return inbound_frames_.first()->kind != Frame::Kind::message || state_.receive_outstanding();
}

// --- outbound: what the client gets to know of its own operations ---

// The start of a call with one request carries all of it (T02), as a single batch would.
void SimCall::accept_next() {
  touch(ObjectKind::call_out, Access::write);
  touch(ObjectKind::call_end, Access::read);
  const DomainScope client(world(), domain_);
  do {
    if (state_.start() == StreamState::Start::starting) {
      complete_start(OperationResult::ok);
    } else if (state_.send_outstanding()) {
      complete_send(OperationResult::ok);
    } else {
      complete_close(OperationResult::ok);
    }
  } while (one_request() && phase_ == Phase::open && can_accept());
  refresh();
}

void SimCall::refuse_next() {
  touch(ObjectKind::call_out, Access::write);
  touch(ObjectKind::call_end, Access::read);
  const DomainScope client(world(), domain_);
  if (state_.send_outstanding()) {
    complete_send(OperationResult::failed);
  } else {
    complete_close(OperationResult::failed);
  }
  refresh();
}

void SimCall::complete_start(OperationResult result) {
  const bool ok = result == OperationResult::ok;
  state_.apply(ok ? StreamEvent::started : StreamEvent::start_failed);
  note(ok ? "started" : "start failed");
  started_->complete(result);
}

void SimCall::complete_send(OperationResult result) {
  const bool ok = result == OperationResult::ok;
  state_.apply(ok ? StreamEvent::sent : StreamEvent::send_failed);
  note(ok ? "sent" : "send failed");
  sent_->complete(result);
}

void SimCall::complete_close(OperationResult result) {
  state_.apply(StreamEvent::closed);
  note(result == OperationResult::ok ? "half-close sent" : "half-close failed");
  closed_->complete(result);
}

// --- inbound: what the client gets ---

void SimCall::receive_next() {
  touch(ObjectKind::call_in, Access::write);
  touch(ObjectKind::call_end, Access::read);
  const DomainScope client(world(), domain_);
  std::unique_ptr<Frame> frame = inbound_frames_.pop();
  switch (frame->kind) {
    case Frame::Kind::headers:
      receive_headers(InitialMetadata(std::move(frame->metadata)));
      break;
    case Frame::Kind::no_headers:
      receive_headers(InitialMetadata());
      break;
    case Frame::Kind::message:
      receive_message(std::move(frame));
      break;
    default:
      receive_status();
      return;  // nothing more can happen; this may be gone
  }
  refresh();
}

void SimCall::receive_headers(InitialMetadata headers) {
  state_.apply(StreamEvent::initial_metadata);
  note(headers.present ? "headers received" : "no headers");
  headers_->complete(std::move(headers));
}

void SimCall::receive_message(std::unique_ptr<Frame> frame) {
  const std::size_t size = frame->bytes.size();
  const std::size_t limit = transport_->options().receive_bytes_max;
  if (size > limit) {
    return refuse_message(size, limit);
  }
  ++messages_received_;
  if (program_ != nullptr) {
    const DomainScope peer = program_scope();
    program_->room(*this);
  }
  state_.apply(StreamEvent::message);
  note("message received");
  received_->complete(Received(std::move(frame->bytes)));
}

void SimCall::receive_status() {
  if (!peer_status_.ok() && !peer_status_.debug_error_string.has_value()) {
    peer_status_.debug_error_string = "received from the peer";
  }
  end(std::move(peer_status_), true);
  rest_.unlink();
  deliver_rest();
}

// --- the end ---

void SimCall::break_off(const WireCondition& condition) {
  if (phase_ == Phase::ended) return;
  end(status_of(condition, deadline_timer_.deadline.expired(world().loop().now())), false);
}

void SimCall::end_locally(CallStatus status) {
  if (phase_ != Phase::ended) end(std::move(status), false);
}

void SimCall::end(CallStatus&& status, bool by_peer) {
  touch_all(Access::write);
  WEFT_ASSERT(phase_ != Phase::ended, number_);
  const Phase before = std::exchange(phase_, Phase::ended);
  ended_by_peer_ = by_peer;
  if (world().tracing()) note("ends with ", status.to_string());
  world().execution().call_ended(number_, status.code);
  status_ = std::move(status);
  outbound_.withdraw();
  refusal_.withdraw();
  arrival_.withdraw();
  inbound_.withdraw();
  for (const auto& fault : faults_) fault->withdraw();
  deadline_timer_.disarm();
  peer_deadline_.disarm();
  inbound_frames_.clear();
  arrivals_.clear();
  if (before == Phase::open) transport_->release_place();
  const bool peer_is_left = !by_peer && reached_peer_ && !peer_finished_ && program_ != nullptr;
  if (peer_is_left && program_->cares_for_cancel()) {
    world().enable(EventClass::network, cancel_notice_);
  }
  if (!rest_.is_queued()) world().defer(rest_);
}

void SimCall::deliver_rest() {
  touch_all(Access::write);
  const DomainScope client(world(), domain_);
  delivering_ = true;
  // Calls that a connection takes with it are done in the same turn, whatever else they are told.
  told_before_status_ = !ended_by_peer_ && !turn_has_passed_;
  while (deliver_one()) {
  }
  delivering_ = false;
  delete_if_unused();
}

// In the order of the grammar (T10-T12), the status in a turn of its own, so that whoever waited
// for the rest goes on before the call is done, as over gRPC core. A status of the peer's means
// that what it had was taken; anything else, that nothing is certain.
bool SimCall::deliver_one() {
  if (phase_ != Phase::ended) return false;
  const auto result = [](bool ok) { return ok ? OperationResult::ok : OperationResult::failed; };
  if (state_.start() == StreamState::Start::starting) {
    told_before_status_ = true;
    return complete_start(result(ended_by_peer_)), true;
  }
  if (state_.headers() == StreamState::Headers::awaited) {
    told_before_status_ = true;
    state_.apply(StreamEvent::initial_metadata);
    headers_->complete(InitialMetadata());
    return true;
  }
  if (state_.send_outstanding()) {
    told_before_status_ = true;
    const bool failed_before = state_.send() == StreamState::Send::failed_outstanding;
    const bool arrived = std::exchange(send_arrived_, false);
    return complete_send(result(ended_by_peer_ && arrived && !failed_before)), true;
  }
  if (state_.close() == StreamState::Close::outstanding) {
    told_before_status_ = true;
    return complete_close(result(ended_by_peer_)), true;
  }
  if (state_.receive_outstanding()) {
    const bool failed = state_.receive() == StreamState::Receive::failed_outstanding;
    const bool end = ended_by_peer_ && !failed;
    state_.apply(end ? StreamEvent::end : StreamEvent::receive_failed);
    received_->complete(end ? Received::end_of_stream() : Received::failure());
    return true;
  }
  if (state_.status() == StreamState::Status::asked) {
    // Once: whoever goes on may start the next operation at once, and so on for ever.
    if (told_before_status_ && !std::exchange(turn_has_passed_, true)) {
      if (!rest_.is_queued()) world().defer(rest_);
      return false;
    }
    state_.apply(StreamEvent::status);
    note("status delivered");
    ended_->complete(*std::move(status_));
    return true;
  }
  return false;
}

bool SimCall::client_is_through() const {
  return dropped_ && phase_ == Phase::ended && state_.finished();
}

void SimCall::delete_if_unused() noexcept {
  if (!client_is_through() || delivering_ || rest_.is_queued()) return;
  if (cancel_notice_.is_enabled()) return;
  if (program_ != nullptr && program_->cares_for_cancel()) return;
  delete this;
}

}  // namespace weft::sim
