#include "call_fault.h"

#include <utility>

#include "sim_call.h"
#include "sim_transport.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {
namespace {

constexpr Label::Name call_actor("call");
constexpr Label::Name window_opens("window_opens");

}  // namespace

CallFault::CallFault(SimCall& call, const Fault& fault)
    : call_(call),
      fault_(fault),
      text_(weft::detail::text("fault.", fault.name(), " on call", call.number())),
      name_(text_) {}

Label CallFault::label() const {
  if (closes_window_) return Label(call_actor, call_.number_, window_opens);
  return Label(name_);
}

bool CallFault::head_is_message() const {
  return call_.can_receive() && call_.inbound_frames_.first()->kind == Frame::Kind::message;
}

bool CallFault::can_strike() const {
  if (call_.phase_ != SimCall::Phase::open || closes_window_) return false;
  const Frame* head = call_.inbound_frames_.first();
  switch (fault_.kind()) {
    case Fault::Kind::reset:
      return fault_.parameter() != static_cast<std::uint32_t>(Http2Error::refused_stream) ||
             !call_.reached_peer_;
    case Fault::Kind::trailers_only:
      return head != nullptr && head->kind == Frame::Kind::headers;
    case Fault::Kind::missing_status:
      if (head == nullptr) return false;
      return head->kind == Frame::Kind::status ||
             (fault_.parameter() != 200 &&
              (head->kind == Frame::Kind::headers || head->kind == Frame::Kind::no_headers));
    case Fault::Kind::unparsable_status:
    case Fault::Kind::doubled_status:
      return head != nullptr && head->kind == Frame::Kind::status;
    case Fault::Kind::misencoded_details:
      return head != nullptr && head->kind == Frame::Kind::status &&
             !call_.peer_status_.details.empty();
    case Fault::Kind::late_headers:
      return head != nullptr && head->kind == Frame::Kind::headers && head->next != nullptr &&
             head->next->kind == Frame::Kind::message && call_.state_.receive_outstanding();
    case Fault::Kind::stalled_write:
      return call_.state_.send_outstanding() && !call_.stalled_;
    case Fault::Kind::compression_refused:
      return call_.compression_ != Compression::none && !call_.reached_peer_;
    default:
      return head_is_message();
  }
}

void CallFault::fire() {
  call_.touch_all(detail::Access::write);
  if (closes_window_) {
    closes_window_ = false;
    call_.stalled_ = false;
    return call_.refresh();
  }
  World& world = call_.world();
  world.touch(detail::ObjectKind::faults, 0, detail::Access::write);
  world.faults().spend();
  if (world.faults().exhausted()) world.withdraw_faults();
  call_.note(text_);
  strike();
}

void CallFault::strike() {
  switch (fault_.kind()) {
    case Fault::Kind::reset:
      return call_.break_off(WireCondition::reset(static_cast<Http2Error>(fault_.parameter())));
    case Fault::Kind::trailers_only:
      return replace_head_by_status(
          CallStatus(static_cast<StatusCode>(fault_.parameter()), "trailers only"));
    case Fault::Kind::missing_status:
      return call_.break_off(WireCondition::missing_status(fault_.parameter()));
    case Fault::Kind::unparsable_status:
      return call_.break_off(WireCondition::unparsable_status());
    case Fault::Kind::compression_refused:
      return call_.break_off(WireCondition::compression_refused());
    case Fault::Kind::stalled_write:
      call_.stalled_ = true;
      closes_window_ = true;
      call_.world().enable(EventClass::network, *this);
      return call_.refresh();
    default:
      return strike_head();
  }
}

// Those that change what the client receives next.
void CallFault::strike_head() {
  switch (fault_.kind()) {
    case Fault::Kind::misencoded_details:
      call_.peer_status_.details += "%C3%2";
      return call_.receive_next();
    case Fault::Kind::doubled_status:
      return call_.receive_next();  // the second finds a call that has ended
    case Fault::Kind::late_headers: {
      SimCall& call = call_;
      call.receive_next();
      if (call.phase_ == SimCall::Phase::open && call.can_receive()) call.receive_next();
      return;
    }
    case Fault::Kind::truncated_message:
      return call_.break_off(WireCondition::truncated_message());
    case Fault::Kind::unknown_compression:
      return call_.break_off(WireCondition::unknown_compression());
    case Fault::Kind::decompression_failed:
      return call_.break_off(WireCondition::decompression_failed());
    case Fault::Kind::allocation_refused:
      return call_.break_off(WireCondition::allocation_refused());
    case Fault::Kind::corrupted_message:
      call_.inbound_frames_.replace_first(Bytes::copy_of("\xff\xff\xff\xff corrupted"));
      return call_.receive_next();
    case Fault::Kind::lost_response:
      call_.inbound_frames_.pop();
      if (call_.program_ != nullptr) {
        const DomainScope peer = call_.program_scope();
        call_.program_->room(call_);
      }
      return call_.refresh();
    default:  // doubled_response
      call_.inbound_frames_.double_first();
      return call_.receive_next();
  }
}

// The peer's own program learns that it talks to nobody any more.
void CallFault::replace_head_by_status(CallStatus status) {
  call_.inbound_frames_.clear();
  call_.peer_deadline_.disarm();
  if (!std::exchange(call_.peer_finished_, true) && call_.program_->cares_for_cancel()) {
    call_.world().enable(EventClass::network, call_.cancel_notice_);
  }
  call_.peer_status_ = std::move(status);
  call_.inbound_frames_.push(Frame::Kind::no_headers, call_.world().new_cause());
  call_.inbound_frames_.push(Frame::Kind::status, call_.world().new_cause());
  call_.refresh();
}

}  // namespace weft::sim
