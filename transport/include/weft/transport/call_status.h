#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "weft/transport/metadata.h"

namespace weft {

// gRPC's seventeen codes and Abseil's are the same numbers.
using StatusCode = absl::StatusCode;

// "OK", "CANCELLED", "DEADLINE_EXCEEDED": the names of the protocol.
std::string_view status_code_name(StatusCode code);

// The code with this number; anything outside 0..16 is UNKNOWN (B310, R2-48).
StatusCode status_code_from_number(int number);

// How far a failed call got (T76). Retry logic judges safety by nothing else.
enum class Progress {
  never_left,           // no byte of it reached the wire
  refused_unprocessed,  // the peer says that no application code ran
  maybe_processed,      // anything may have happened; the only value for an OK call
};
std::string_view to_string(Progress progress);

// How a call ended: exactly one per stream (T04). A value; once delivered it never changes.
//
// Texts made here, by code (docs/errors.md says who produces which): a local cancel is CANCELLED
// "Locally cancelled by application!", a dropped call CANCELLED "Cancelled upon destruction!", an
// expired deadline DEADLINE_EXCEEDED "Deadline Exceeded".
class CallStatus {
 public:
  CallStatus() = default;
  CallStatus(StatusCode status_code, std::string status_details)
      : code(status_code), details(std::move(status_details)) {}

  bool ok() const { return code == StatusCode::kOk; }

  // OK or code and details. The bytes of trailing "grpc-status-details-bin", a serialised
  // google.rpc.Status, ride along as the payload "type.googleapis.com/google.rpc.Status" (D7).
  absl::Status to_status() const;

  // "NOT_FOUND: no such feature", for people.
  std::string to_string() const;

  StatusCode code = StatusCode::kOk;
  // Any Unicode text; may be present with OK (T73).
  std::string details;
  // Empty for statuses made locally, never absent (T74).
  Metadata trailing_metadata;
  // Where and why it failed, for people and logs; its format is nobody's contract. Present for
  // non-OK statuses of a transport that has one, absent after a local cancel (T75, B011, B012).
  std::optional<std::string> debug_error_string;
  // This side cancelled, as against a CANCELLED sent by the peer (T38).
  bool locally_cancelled = false;
  Progress progress = Progress::maybe_processed;
};

inline constexpr std::string_view local_cancel_details = "Locally cancelled by application!";
inline constexpr std::string_view dropped_details = "Cancelled upon destruction!";

}  // namespace weft
