#include "weft/transport/call_status.h"

#include "absl/strings/cord.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/transport.h"

namespace weft {

std::string_view status_code_name(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "OK";
    case StatusCode::kCancelled:
      return "CANCELLED";
    case StatusCode::kUnknown:
      return "UNKNOWN";
    case StatusCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case StatusCode::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case StatusCode::kNotFound:
      return "NOT_FOUND";
    case StatusCode::kAlreadyExists:
      return "ALREADY_EXISTS";
    case StatusCode::kPermissionDenied:
      return "PERMISSION_DENIED";
    case StatusCode::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case StatusCode::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case StatusCode::kAborted:
      return "ABORTED";
    case StatusCode::kOutOfRange:
      return "OUT_OF_RANGE";
    case StatusCode::kUnimplemented:
      return "UNIMPLEMENTED";
    case StatusCode::kInternal:
      return "INTERNAL";
    case StatusCode::kUnavailable:
      return "UNAVAILABLE";
    case StatusCode::kDataLoss:
      return "DATA_LOSS";
    case StatusCode::kUnauthenticated:
      return "UNAUTHENTICATED";
    default:
      return "UNKNOWN";
  }
}

StatusCode status_code_from_number(int number) {
  const bool known = number >= 0 && number <= static_cast<int>(StatusCode::kUnauthenticated);
  return known ? static_cast<StatusCode>(number) : StatusCode::kUnknown;
}

std::string_view to_string(Progress progress) {
  switch (progress) {
    case Progress::never_left:
      return "never left";
    case Progress::refused_unprocessed:
      return "refused unprocessed";
    case Progress::maybe_processed:
      return "maybe processed";
  }
  return "?";
}

std::string_view to_string(ConnectivityState state) {
  switch (state) {
    case ConnectivityState::idle:
      return "IDLE";
    case ConnectivityState::connecting:
      return "CONNECTING";
    case ConnectivityState::ready:
      return "READY";
    case ConnectivityState::transient_failure:
      return "TRANSIENT_FAILURE";
    case ConnectivityState::shutdown:
      return "SHUTDOWN";
  }
  return "?";
}

absl::Status CallStatus::to_status() const {
  if (ok()) return absl::OkStatus();
  absl::Status status(code, details);
  if (const auto rich = trailing_metadata.get("grpc-status-details-bin")) {
    status.SetPayload("type.googleapis.com/google.rpc.Status", absl::Cord(detail::as_absl(*rich)));
  }
  return status;
}

std::string CallStatus::to_string() const {
  const std::string_view name = status_code_name(code);
  return details.empty() ? std::string(name) : detail::text(name, ": ", details);
}

}  // namespace weft
