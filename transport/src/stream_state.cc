#include "weft/transport/stream_state.h"

#include <cstdlib>

#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

absl::Status usage_error(std::string_view rule, std::string_view text) {
  return absl::FailedPreconditionError(detail::text(text, " (", rule, ")"));
}

}  // namespace

absl::Status StreamState::refusal(StreamEvent verb) const {
  if (verb == StreamEvent::start) return usage_error("T03", "the stream was already started");
  if (start_ == Start::created) {
    return usage_error("T03", detail::text(weft::to_string(verb), " before start"));
  }
  switch (verb) {
    case StreamEvent::send:
      if (close_ != Close::open) return usage_error("T22", "send after close");
      return usage_error("T21", "a send is already outstanding");
    case StreamEvent::close:
      return usage_error("T22", "the stream was already closed");
    case StreamEvent::receive:
      return usage_error("T20", "a receive is already outstanding");
    default:
      return usage_error("T24", "status was already requested");
  }
}

void StreamState::abort_at(StreamEvent event, const char* rule) const {
  WEFT_ASSERT(rule == nullptr, rule, weft::to_string(event), to_string());
  std::abort();
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
