#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weft/transport/call_status.h"

namespace weft {

// The error codes of HTTP/2, by number. A peer may send others.
enum class Http2Error : std::uint32_t {
  no_error = 0,
  protocol_error,
  internal_error,
  flow_control_error,
  settings_timeout,
  stream_closed,
  frame_size_error,
  refused_stream,
  cancel,
  compression_error,
  connect_error,
  enhance_your_calm,
  inadequate_security,
};
// "NO_ERROR", "PROTOCOL_ERROR": the names of the protocol; "?" for any other number.
std::string_view to_string(Http2Error error);

// What happened to a call for which its transport, not the peer's application, makes the status.
// What the peer's grpc-status says is no such thing, and neither is a local cancel: its status is
// what cancel() was given.
//
// A value without memory of its own: a reason is referred to, and has to live as long.
class WireCondition {
 public:
  enum class Kind {
    connection_refused,
    transport_shut_down,
    credentials_failed,
    insecure_credentials,
    deadline_before_start,
    deadline,
    connection_lost,
    going_away_unprocessed,
    keepalive_timeout,
    reset,
    unknown_method,
    missing_status,
    unparsable_status,
    grammar_violation,
    truncated_message,
    message_too_large,
    unknown_compression,
    decompression_failed,
    compression_refused,
    allocation_refused,
  };
  enum class Direction { sent, received };

  // --- before anything reached the wire: the progress is never_left ---

  // Nobody listens, the name does not resolve, or TLS failed. Not for calls that wait for ready.
  static constexpr WireCondition connection_refused() { return of(Kind::connection_refused); }
  // A stream started after shutdown() (T81).
  static constexpr WireCondition transport_shut_down() { return of(Kind::transport_shut_down); }
  // UNAVAILABLE, as CallCredentials::fetch() promises; the details end with `reason`.
  static constexpr WireCondition credentials_failed(std::string_view reason) {
    WireCondition condition(Kind::credentials_failed);
    condition.reason_ = reason;
    return condition;
  }
  // Call credentials on a connection that is not secure.
  static constexpr WireCondition insecure_credentials() { return of(Kind::insecure_credentials); }
  // The deadline had passed when the stream was started, or passed while it waited for a connection
  // (T42).
  static constexpr WireCondition deadline_before_start() { return of(Kind::deadline_before_start); }

  // --- to the call as a whole ---

  static constexpr WireCondition deadline() { return of(Kind::deadline); }
  static constexpr WireCondition connection_lost() { return of(Kind::connection_lost); }
  // GOAWAY with a last stream below this one: the peer ran nothing. A stream that it covers goes on
  // and meets no condition.
  static constexpr WireCondition going_away_unprocessed() {
    return of(Kind::going_away_unprocessed);
  }
  static constexpr WireCondition keepalive_timeout() { return of(Kind::keepalive_timeout); }
  // RST_STREAM from the peer. STREAM_CLOSED maps to nothing while no call is open; for one that
  // is, it is INTERNAL like any code without a meaning of its own.
  static constexpr WireCondition reset(Http2Error error) {
    WireCondition condition(Kind::reset);
    condition.number_ = static_cast<std::uint32_t>(error);
    return condition;
  }
  // For peers that are simulated: real ones send a status (T85).
  static constexpr WireCondition unknown_method() { return of(Kind::unknown_method); }

  // --- to its headers and trailers ---

  // The call ended without a grpc-status, or its headers are not gRPC's. The HTTP status, 200
  // included, decides; those of 1xx are skipped by the caller. 431 is INTERNAL, as gRPC's document
  // has it and gRPC core, which says UNKNOWN, has not.
  static constexpr WireCondition missing_status(std::uint32_t http_status) {
    WireCondition condition(Kind::missing_status);
    condition.number_ = http_status;
    return condition;
  }
  static constexpr WireCondition unparsable_status() { return of(Kind::unparsable_status); }
  // Headers twice, a message after the trailers, and the like (T73).
  static constexpr WireCondition grammar_violation() { return of(Kind::grammar_violation); }

  // --- to one message ---

  // The stream ended within a message.
  static constexpr WireCondition truncated_message() { return of(Kind::truncated_message); }
  // `size` and `limit` in bytes (T55).
  static constexpr WireCondition message_too_large(std::size_t size, std::size_t limit,
                                                   Direction direction) {
    WireCondition condition(Kind::message_too_large);
    condition.direction_ = direction;
    condition.size_ = size;
    condition.limit_ = limit;
    return condition;
  }
  // A message is flagged as compressed, but by an encoding that was not named or is not known.
  static constexpr WireCondition unknown_compression() { return of(Kind::unknown_compression); }
  static constexpr WireCondition decompression_failed() { return of(Kind::decompression_failed); }
  // The peer does not support the encoding of ours.
  static constexpr WireCondition compression_refused() { return of(Kind::compression_refused); }
  static constexpr WireCondition allocation_refused() { return of(Kind::allocation_refused); }

  constexpr Kind kind() const { return kind_; }
  // The parameters; zero, or empty, for kinds that have none.
  constexpr Http2Error error() const { return static_cast<Http2Error>(number_); }
  constexpr std::uint32_t http_status() const { return number_; }
  constexpr Direction direction() const { return direction_; }
  constexpr std::size_t size() const { return size_; }
  constexpr std::size_t limit() const { return limit_; }
  constexpr std::string_view reason() const { return reason_; }

  friend constexpr bool operator==(const WireCondition&, const WireCondition&) = default;

 private:
  constexpr explicit WireCondition(Kind kind) : kind_(kind) {}
  static constexpr WireCondition of(Kind kind) { return WireCondition(kind); }

  Kind kind_;
  Direction direction_ = Direction::received;
  std::uint32_t number_ = 0;
  std::size_t size_ = 0;
  std::size_t limit_ = 0;
  std::string_view reason_;
};

// "the peer reset the stream (CANCEL)".
std::string to_string(const WireCondition& condition);

// The status of a call that `condition` ended, with progress (T76), a debug string (T75) and no
// trailing metadata (T74). Pure. The details are what to_string(condition) says, but for a deadline
// "Deadline Exceeded".
//
// `deadline_expired`: the call's own deadline has passed on this side's clock. It turns a reset
// with CANCEL, which is how a server with the faster clock gives up, into DEADLINE_EXCEEDED (B231),
// and changes nothing else.
CallStatus status_of(const WireCondition& condition, bool deadline_expired = false);

// The same for a call whose peer may have told its status before `condition` came. A status that
// was received stands, whatever then happens to the stream or the connection, the deadline included
// (T32). The exception is a received message that has to be dropped: no call ends with its peer's
// status and without its peer's messages (T16).
CallStatus ended_by(std::optional<CallStatus> received, const WireCondition& condition,
                    bool deadline_expired = false);

inline constexpr std::string_view deadline_details = "Deadline Exceeded";

}  // namespace weft
