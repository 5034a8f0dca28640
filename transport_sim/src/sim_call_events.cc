// The names of what may happen to a call, its deadline, its refused messages and its credentials.

#include "call_fault.h"
#include "sim_call.h"
#include "sim_transport.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {
namespace {

constexpr Label::Name call_actor("call");
constexpr Label::Name accepted_event("accepted");
constexpr Label::Name started_event("started");
constexpr Label::Name sent_event("sent");
constexpr Label::Name half_close_sent_event("half_close_sent");
constexpr Label::Name send_fails_event("send_fails");
constexpr Label::Name half_close_fails_event("half_close_fails");
constexpr Label::Name reaches_peer_event("reaches_peer");
constexpr Label::Name message_reaches_peer_event("message_reaches_peer");
constexpr Label::Name half_close_reaches_peer_event("half_close_reaches_peer");
constexpr Label::Name headers_event("headers");
constexpr Label::Name no_headers_event("no_headers");
constexpr Label::Name message_event("message");
constexpr Label::Name status_event("status");
constexpr Label::Name deadline_event("deadline");
constexpr Label::Name deadline_at_peer_event("deadline_at_peer");
constexpr Label::Name cancel_reaches_peer_event("cancel_reaches_peer");
constexpr Label::Name credentials_event("credentials");

}  // namespace

Label SimCall::Outbound::label() const {
  const SimCall& call = call_;
  if (call.state_.start() == StreamState::Start::starting) {
    return Label(call_actor, call.number_, call.one_request() ? accepted_event : started_event);
  }
  if (call.state_.send_outstanding())
    return Label(call_actor, call.number_, sent_event, call.sends_);
  return Label(call_actor, call.number_, half_close_sent_event);
}

Label SimCall::Refusal::label() const {
  const SimCall& call = call_;
  if (call.state_.send_outstanding()) {
    return Label(call_actor, call.number_, send_fails_event, call.sends_);
  }
  return Label(call_actor, call.number_, half_close_fails_event);
}

Label SimCall::Arrival::label() const {
  const SimCall& call = call_;
  switch (call.arrivals_.first()->kind) {
    case Frame::Kind::open:
      return Label(call_actor, call.number_, reaches_peer_event);
    case Frame::Kind::message:
      return Label(call_actor, call.number_, message_reaches_peer_event,
                   call.messages_arrived_ + 1);
    default:
      return Label(call_actor, call.number_, half_close_reaches_peer_event);
  }
}

Label SimCall::Inbound::label() const {
  const SimCall& call = call_;
  switch (call.inbound_frames_.first()->kind) {
    case Frame::Kind::headers:
      return Label(call_actor, call.number_, headers_event);
    case Frame::Kind::no_headers:
      return Label(call_actor, call.number_, no_headers_event);
    case Frame::Kind::message:
      return Label(call_actor, call.number_, message_event, call.messages_received_ + 1);
    default:
      return Label(call_actor, call.number_, status_event);
  }
}

Label SimCall::CancelNotice::label() const {
  return Label(call_actor, call_.number_, cancel_reaches_peer_event);
}

Label SimCall::DeadlineTimer::label() const {
  return Label(call_actor, call_.number_, deadline_event);
}

void SimCall::DeadlineTimer::expired() {
  call_.touch(detail::ObjectKind::call_end, detail::Access::read);
  call_.end_locally(status_of(call_.phase_ == Phase::open
                                  ? WireCondition::deadline()
                                  : WireCondition::deadline_before_start()));
}

Label SimCall::PeerDeadline::label() const {
  return Label(call_actor, call_.number_, deadline_at_peer_event);
}

// Core hands out the trailers that had arrived behind the message.
void SimCall::refuse_message(std::size_t size, std::size_t limit) {
  CallStatus status =
      status_of(WireCondition::message_too_large(size, limit, WireCondition::Direction::received));
  Metadata& trailers = peer_status_.trailing_metadata;
  if (!trailers.empty() && world().choose(2, "trailers behind the refused message") == 1) {
    status.trailing_metadata = std::move(trailers);
  }
  end(std::move(status), false);
}

// --- credentials: an event of their own, as long as they take ---

class SimCall::CredentialsFetch final : public EventSource {
 public:
  explicit CredentialsFetch(SimCall& call) : call_(call) {}
  void arrived(absl::StatusOr<Metadata> result) {
    call_.touch_all(detail::Access::write);
    if (call_.phase_ == Phase::ended) return;
    result_ = std::move(result);
    call_.world().enable(EventClass::network, *this);
  }
  Label label() const override { return Label(call_actor, call_.number_, credentials_event); }
  void fire() override { call_.have_credentials(std::move(result_)); }
  bool declares_footprint() const override { return true; }

 private:
  SimCall& call_;
  absl::StatusOr<Metadata> result_;
};

void SimCall::fetch_credentials() {
  waits_for_credentials_ = true;
  fetch_ = std::make_shared<CredentialsFetch>(*this);
  const std::size_t slash = method_.rfind('/');
  const std::string url =
      weft::detail::text("https://", transport_->server().name(), method_.substr(0, slash));
  const std::string name(method_.substr(slash == std::string_view::npos ? 0 : slash + 1));
  std::weak_ptr<CredentialsFetch> fetch = fetch_;
  credentials_->fetch(CallCredentials::Request(url, name),
                      [fetch](absl::StatusOr<Metadata> result) {
                        if (auto alive = fetch.lock()) alive->arrived(std::move(result));
                      });
}

void SimCall::have_credentials(absl::StatusOr<Metadata> result) {
  touch_all(detail::Access::write);
  if (phase_ == Phase::ended) return;
  waits_for_credentials_ = false;
  if (!result.ok()) {
    const std::string reason(result.status().message());
    return end(status_of(WireCondition::credentials_failed(reason)), false);
  }
  for (const auto& [key, value] : *result) metadata_.add(key, value);
  transport_->admit(*this);
}

}  // namespace weft::sim
