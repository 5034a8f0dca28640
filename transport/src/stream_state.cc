#include "weft/transport/stream_state.h"

#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

absl::Status usage_error(std::string_view rule, std::string_view text) {
  return absl::FailedPreconditionError(detail::text(text, " (", rule, ")"));
}

}  // namespace

absl::Status StreamState::admit(StreamEvent verb) const {
  if (verb == StreamEvent::start) {
    if (start_ == Start::created) return absl::OkStatus();
    return usage_error("T03", "the stream was already started");
  }
  if (start_ == Start::created) {
    return usage_error("T03", detail::text(weft::to_string(verb), " before start"));
  }
  switch (verb) {
    case StreamEvent::send:
      if (close_ != Close::open) return usage_error("T22", "send after close");
      if (send_outstanding()) return usage_error("T21", "a send is already outstanding");
      return absl::OkStatus();
    case StreamEvent::close:
      if (close_ != Close::open) return usage_error("T22", "the stream was already closed");
      return absl::OkStatus();
    case StreamEvent::receive:
      if (receive_outstanding()) return usage_error("T20", "a receive is already outstanding");
      return absl::OkStatus();
    case StreamEvent::request_status:
      if (status_ != Status::not_asked) return usage_error("T24", "status was already requested");
      return absl::OkStatus();
    default:
      WEFT_ASSERT(false, weft::to_string(verb));
      return absl::OkStatus();
  }
}

bool StreamState::receive_outstanding() const {
  return receive_ == Receive::outstanding || receive_ == Receive::ended_outstanding ||
         receive_ == Receive::failed_outstanding;
}

bool StreamState::send_outstanding() const {
  return send_ == Send::outstanding || send_ == Send::failed_outstanding;
}

bool StreamState::quiescent() const {
  return start_ != Start::starting && headers_ != Headers::awaited && !send_outstanding() &&
         close_ != Close::outstanding && !receive_outstanding();
}

bool StreamState::finished() const {
  return quiescent() && status_ != Status::asked;
}

const char* StreamState::broken_by_delivery(StreamEvent event) const {
  if (status_ == Status::delivered && quiescent()) return "T10";  // nothing after status
  switch (event) {
    case StreamEvent::started:
    case StreamEvent::start_failed:
      return start_ == Start::starting ? nullptr : "T05";
    case StreamEvent::initial_metadata:
      return headers_ == Headers::awaited ? nullptr : "T10";
    case StreamEvent::sent:
      if (!send_outstanding()) return "T05";
      return send_ == Send::failed_outstanding ? "T17" : nullptr;
    case StreamEvent::send_failed:
      return send_outstanding() ? nullptr : "T05";
    case StreamEvent::closed:
      return close_ == Close::outstanding ? nullptr : "T05";
    case StreamEvent::message:
      if (!receive_outstanding()) return "T50";
      if (receive_ != Receive::outstanding) return "T17";
      if (headers_ != Headers::delivered) return "T11";
      return status_ == Status::delivered ? "T10" : nullptr;
    case StreamEvent::end:
      if (!receive_outstanding()) return "T05";
      if (headers_ != Headers::delivered) return "T11";
      return receive_ == Receive::failed_outstanding ? "T17" : nullptr;
    case StreamEvent::receive_failed:
      if (!receive_outstanding()) return "T05";
      return receive_ == Receive::ended_outstanding ? "T17" : nullptr;
    case StreamEvent::status:
      if (status_ != Status::asked) return "T04";
      return quiescent() ? nullptr : "T12";
    default:
      return nullptr;
  }
}

const char* StreamState::broken_rule(StreamEvent event) const {
  switch (event) {
    case StreamEvent::start:
    case StreamEvent::send:
    case StreamEvent::close:
    case StreamEvent::receive:
    case StreamEvent::request_status:
      return admit(event).ok() ? nullptr : "T25";
    default:
      return broken_by_delivery(event);
  }
}

void StreamState::apply(StreamEvent event) {
  const char* rule = broken_rule(event);
  WEFT_ASSERT(rule == nullptr, rule == nullptr ? "" : rule, weft::to_string(event), to_string());
  transition(event);
}

absl::Status StreamState::take(StreamEvent verb) {
  absl::Status admitted = admit(verb);
  if (admitted.ok()) transition(verb);
  return admitted;
}

void StreamState::transition(StreamEvent event) {
  switch (event) {
    case StreamEvent::start:
      start_ = Start::starting;
      headers_ = Headers::awaited;
      break;
    case StreamEvent::started:
      start_ = Start::started;
      break;
    case StreamEvent::start_failed:
      start_ = Start::failed;
      break;
    case StreamEvent::initial_metadata:
      headers_ = Headers::delivered;
      break;
    case StreamEvent::send:
      send_ = send_ == Send::failed ? Send::failed_outstanding : Send::outstanding;
      break;
    case StreamEvent::sent:
      send_ = Send::idle;
      break;
    case StreamEvent::send_failed:
      send_ = Send::failed;
      break;
    case StreamEvent::close:
      close_ = Close::outstanding;
      break;
    case StreamEvent::closed:
      close_ = Close::closed;
      break;
    case StreamEvent::receive:
      receive_ = receive_ == Receive::ended    ? Receive::ended_outstanding
                 : receive_ == Receive::failed ? Receive::failed_outstanding
                                               : Receive::outstanding;
      break;
    case StreamEvent::message:
      receive_ = Receive::idle;
      break;
    case StreamEvent::end:
      receive_ = Receive::ended;
      break;
    case StreamEvent::receive_failed:
      receive_ = Receive::failed;
      break;
    case StreamEvent::request_status:
      status_ = Status::asked;
      break;
    case StreamEvent::status:
      status_ = Status::delivered;
      break;
  }
}

std::string StreamState::to_string() const {
  return detail::text("{start: ", weft::to_string(start_), ", headers: ", weft::to_string(headers_),
                      ", send: ", weft::to_string(send_), ", close: ", weft::to_string(close_),
                      ", receive: ", weft::to_string(receive_),
                      ", status: ", weft::to_string(status_), "}");
}

std::string_view to_string(StreamEvent event) {
  switch (event) {
    case StreamEvent::start:
      return "start";
    case StreamEvent::send:
      return "send";
    case StreamEvent::close:
      return "close";
    case StreamEvent::receive:
      return "receive";
    case StreamEvent::request_status:
      return "request_status";
    case StreamEvent::started:
      return "started";
    case StreamEvent::start_failed:
      return "start_failed";
    case StreamEvent::initial_metadata:
      return "initial_metadata";
    case StreamEvent::sent:
      return "sent";
    case StreamEvent::send_failed:
      return "send_failed";
    case StreamEvent::closed:
      return "closed";
    case StreamEvent::message:
      return "message";
    case StreamEvent::end:
      return "end";
    case StreamEvent::receive_failed:
      return "receive_failed";
    case StreamEvent::status:
      return "status";
  }
  return "?";
}

std::string_view to_string(StreamState::Start state) {
  switch (state) {
    case StreamState::Start::created:
      return "created";
    case StreamState::Start::starting:
      return "starting";
    case StreamState::Start::started:
      return "started";
    case StreamState::Start::failed:
      return "failed";
  }
  return "?";
}

std::string_view to_string(StreamState::Headers state) {
  switch (state) {
    case StreamState::Headers::not_asked:
      return "not asked";
    case StreamState::Headers::awaited:
      return "awaited";
    case StreamState::Headers::delivered:
      return "delivered";
  }
  return "?";
}

std::string_view to_string(StreamState::Send state) {
  switch (state) {
    case StreamState::Send::idle:
      return "idle";
    case StreamState::Send::outstanding:
      return "outstanding";
    case StreamState::Send::failed:
      return "failed";
    case StreamState::Send::failed_outstanding:
      return "failed, outstanding";
  }
  return "?";
}

std::string_view to_string(StreamState::Close state) {
  switch (state) {
    case StreamState::Close::open:
      return "open";
    case StreamState::Close::outstanding:
      return "outstanding";
    case StreamState::Close::closed:
      return "closed";
  }
  return "?";
}

std::string_view to_string(StreamState::Receive state) {
  switch (state) {
    case StreamState::Receive::idle:
      return "idle";
    case StreamState::Receive::outstanding:
      return "outstanding";
    case StreamState::Receive::ended:
      return "ended";
    case StreamState::Receive::ended_outstanding:
      return "ended, outstanding";
    case StreamState::Receive::failed:
      return "failed";
    case StreamState::Receive::failed_outstanding:
      return "failed, outstanding";
  }
  return "?";
}

std::string_view to_string(StreamState::Status state) {
  switch (state) {
    case StreamState::Status::not_asked:
      return "not asked";
    case StreamState::Status::asked:
      return "asked";
    case StreamState::Status::delivered:
      return "delivered";
  }
  return "?";
}

}  // namespace weft
