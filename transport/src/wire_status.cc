#include "weft/transport/wire_status.h"

#include <utility>

#include "weft/transport/detail/text.h"

namespace weft {
namespace {

using Kind = WireCondition::Kind;
using Direction = WireCondition::Direction;

StatusCode code_of_reset(Http2Error error) {
  switch (error) {
    case Http2Error::refused_stream:
      return StatusCode::kUnavailable;
    case Http2Error::cancel:
      return StatusCode::kCancelled;
    case Http2Error::enhance_your_calm:
      return StatusCode::kResourceExhausted;
    case Http2Error::inadequate_security:
      return StatusCode::kPermissionDenied;
    default:
      return StatusCode::kInternal;
  }
}

StatusCode code_of_http_status(std::uint32_t http_status) {
  switch (http_status) {
    case 400:
    case 431:
      return StatusCode::kInternal;
    case 401:
      return StatusCode::kUnauthenticated;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return StatusCode::kUnavailable;
    default:
      return StatusCode::kUnknown;
  }
}

StatusCode code_of(const WireCondition& condition) {
  switch (condition.kind()) {
    case Kind::connection_refused:
    case Kind::transport_shut_down:
    case Kind::credentials_failed:
    case Kind::connection_lost:
    case Kind::going_away_unprocessed:
    case Kind::keepalive_timeout:
      return StatusCode::kUnavailable;
    case Kind::deadline_before_start:
    case Kind::deadline:
      return StatusCode::kDeadlineExceeded;
    case Kind::reset:
      return code_of_reset(condition.error());
    case Kind::missing_status:
      return code_of_http_status(condition.http_status());
    case Kind::unparsable_status:
      return StatusCode::kUnknown;
    case Kind::unknown_method:
    case Kind::compression_refused:
      return StatusCode::kUnimplemented;
    case Kind::message_too_large:
    case Kind::allocation_refused:
      return StatusCode::kResourceExhausted;
    case Kind::insecure_credentials:
    case Kind::grammar_violation:
    case Kind::truncated_message:
    case Kind::unknown_compression:
    case Kind::decompression_failed:
      return StatusCode::kInternal;
  }
  return StatusCode::kUnknown;
}

Progress progress_of(const WireCondition& condition) {
  switch (condition.kind()) {
    case Kind::connection_refused:
    case Kind::transport_shut_down:
    case Kind::credentials_failed:
    case Kind::insecure_credentials:
    case Kind::deadline_before_start:
      return Progress::never_left;
    case Kind::going_away_unprocessed:
      return Progress::refused_unprocessed;
    case Kind::reset:
      return condition.error() == Http2Error::refused_stream ? Progress::refused_unprocessed
                                                             : Progress::maybe_processed;
    default:
      return Progress::maybe_processed;
  }
}

bool drops_a_received_message(const WireCondition& condition) {
  switch (condition.kind()) {
    case Kind::truncated_message:
    case Kind::unknown_compression:
    case Kind::decompression_failed:
    case Kind::allocation_refused:
      return true;
    case Kind::message_too_large:
      return condition.direction() == Direction::received;
    default:
      return false;
  }
}

std::string text_of_reset(Http2Error error) {
  const std::string_view name = to_string(error);
  if (name != "?") return detail::text("the peer reset the stream (", name, ")");
  return detail::text("the peer reset the stream (HTTP/2 error ", static_cast<std::uint32_t>(error),
                      ")");
}

// Worded as gRPC words it: users look for these.
std::string text_of_size(const WireCondition& condition) {
  const bool sent = condition.direction() == Direction::sent;
  return detail::text(sent ? "Sent" : "Received", " message larger than max (", condition.size(),
                      " vs. ", condition.limit(), ")");
}

}  // namespace

std::string_view to_string(Http2Error error) {
  switch (error) {
    case Http2Error::no_error:
      return "NO_ERROR";
    case Http2Error::protocol_error:
      return "PROTOCOL_ERROR";
    case Http2Error::internal_error:
      return "INTERNAL_ERROR";
    case Http2Error::flow_control_error:
      return "FLOW_CONTROL_ERROR";
    case Http2Error::settings_timeout:
      return "SETTINGS_TIMEOUT";
    case Http2Error::stream_closed:
      return "STREAM_CLOSED";
    case Http2Error::frame_size_error:
      return "FRAME_SIZE_ERROR";
    case Http2Error::refused_stream:
      return "REFUSED_STREAM";
    case Http2Error::cancel:
      return "CANCEL";
    case Http2Error::compression_error:
      return "COMPRESSION_ERROR";
    case Http2Error::connect_error:
      return "CONNECT_ERROR";
    case Http2Error::enhance_your_calm:
      return "ENHANCE_YOUR_CALM";
    case Http2Error::inadequate_security:
      return "INADEQUATE_SECURITY";
  }
  return "?";
}

std::string to_string(const WireCondition& condition) {
  switch (condition.kind()) {
    case Kind::connection_refused:
      return "no connection to the peer could be made";
    case Kind::transport_shut_down:
      return "the transport is shut down";
    case Kind::credentials_failed:
      return detail::text("the call credentials failed", condition.reason().empty() ? "" : ": ",
                          condition.reason());
    case Kind::insecure_credentials:
      return "Call credentials are only valid on secure channels";
    case Kind::deadline_before_start:
      return "the deadline passed before the call was started";
    case Kind::deadline:
      return "the deadline passed";
    case Kind::connection_lost:
      return "the connection to the peer was lost";
    case Kind::going_away_unprocessed:
      return "the peer is going away and did not process the call";
    case Kind::keepalive_timeout:
      return "the peer did not answer a keepalive ping";
    case Kind::reset:
      return text_of_reset(condition.error());
    case Kind::unknown_method:
      return "the peer does not know the method";
    case Kind::missing_status:
      return detail::text("the peer ended the call without a grpc-status (HTTP status ",
                          condition.http_status(), ")");
    case Kind::unparsable_status:
      return "the peer's grpc-status cannot be parsed";
    case Kind::grammar_violation:
      return "the peer broke the order of headers, messages and trailers";
    case Kind::truncated_message:
      return "the peer ended the stream within a message";
    case Kind::message_too_large:
      return text_of_size(condition);
    case Kind::unknown_compression:
      return "the peer compressed a message by an encoding that is unknown or was not named";
    case Kind::decompression_failed:
      return "the peer's message cannot be decompressed";
    case Kind::compression_refused:
      return "the peer does not support the call's compression";
    case Kind::allocation_refused:
      return "there is no memory for the peer's message";
  }
  return "?";
}

CallStatus status_of(const WireCondition& condition, bool deadline_expired) {
  const bool given_up =
      deadline_expired && condition == WireCondition::reset(Http2Error::cancel);  // B231
  const StatusCode code = given_up ? StatusCode::kDeadlineExceeded : code_of(condition);
  std::string cause = to_string(condition);
  CallStatus status(code,
                    code == StatusCode::kDeadlineExceeded ? std::string(deadline_details) : cause);
  status.progress = progress_of(condition);
  if (given_up) cause += " after the deadline had passed";
  status.debug_error_string = detail::text(cause, "; progress: ", to_string(status.progress));
  return status;
}

CallStatus ended_by(std::optional<CallStatus> received, const WireCondition& condition,
                    bool deadline_expired) {
  if (received.has_value() && !drops_a_received_message(condition)) return *std::move(received);
  return status_of(condition, deadline_expired);
}

}  // namespace weft
