#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weft/transport/wire_status.h"

namespace weft::sim {

// Something that can go wrong on the way, as a choice of the explorer: at every moment at which it
// can strike, one alternative lets it. The numbers are those of the catalogue in docs/simulator.md,
// which also says which faults need no entry here because a test makes them with what it has:
// deadlines (F8, F9, F39), cancels and drops (F11, F12), statuses and exceptions of handlers (F13),
// sizes (F21), early statuses (F28), silence (F29), limits and shutdown (F31-F33), credentials
// (F34), unknown methods (F35), exceptions of continuations (F40).
class Fault {
 public:
  enum class Kind {
    connection_refused,    // F1
    connection_lost,       // F2, F3: whatever the client has not seen is lost
    reset,                 // F4, F10: by HTTP/2 code
    goaway_unprocessed,    // F5: calls that the peer has not seen
    goaway,                // F6, F32: calls go on, new ones take another connection
    keepalive_timeout,     // F7
    trailers_only,         // F14: a status instead of headers
    missing_status,        // F15, F18: an end without grpc-status, by HTTP status
    unparsable_status,     // F16
    misencoded_details,    // F17: the details come through raw
    truncated_message,     // F19
    corrupted_message,     // F20: bytes that do not parse
    unknown_compression,   // F22
    decompression_failed,  // F22
    compression_refused,   // F22
    lost_response,         // F23: the one response is missing
    doubled_response,      // F23: a message comes twice
    late_headers,          // F24: headers come with the first message, in one step
    doubled_status,        // F25: a second status, which must be ignored
    stalled_write,         // F26, F27: the window closes until a further step
    allocation_refused,    // F36
  };

  Kind kind() const { return kind_; }
  // The code of a reset, the HTTP status of a missing one, the code of a trailers-only response.
  std::uint32_t parameter() const { return parameter_; }
  // "reset REFUSED_STREAM"
  std::string name() const;

  // Faults are made by the functions in namespace fault.
  Fault(Kind kind, std::uint32_t parameter) : kind_(kind), parameter_(parameter) {}

 private:
  Kind kind_;
  std::uint32_t parameter_;
};

namespace fault {

inline Fault connection_refused() {
  return Fault(Fault::Kind::connection_refused, 0);
}
inline Fault connection_lost() {
  return Fault(Fault::Kind::connection_lost, 0);
}
// At any time, but for REFUSED_STREAM, which says that nothing was processed (RFC 9113, 8.7): that
// only strikes a call that the peer has not seen. Script::reset() makes peers that lie.
inline Fault reset(Http2Error error) {
  return Fault(Fault::Kind::reset, static_cast<std::uint32_t>(error));
}
inline Fault goaway_unprocessed() {
  return Fault(Fault::Kind::goaway_unprocessed, 0);
}
inline Fault goaway() {
  return Fault(Fault::Kind::goaway, 0);
}
inline Fault keepalive_timeout() {
  return Fault(Fault::Kind::keepalive_timeout, 0);
}
inline Fault trailers_only(StatusCode code) {
  return Fault(Fault::Kind::trailers_only, static_cast<std::uint32_t>(code));
}
inline Fault missing_status(std::uint32_t http_status = 200) {
  return Fault(Fault::Kind::missing_status, http_status);
}
inline Fault unparsable_status() {
  return Fault(Fault::Kind::unparsable_status, 0);
}
inline Fault misencoded_details() {
  return Fault(Fault::Kind::misencoded_details, 0);
}
inline Fault truncated_message() {
  return Fault(Fault::Kind::truncated_message, 0);
}
inline Fault corrupted_message() {
  return Fault(Fault::Kind::corrupted_message, 0);
}
inline Fault unknown_compression() {
  return Fault(Fault::Kind::unknown_compression, 0);
}
inline Fault decompression_failed() {
  return Fault(Fault::Kind::decompression_failed, 0);
}
inline Fault compression_refused() {
  return Fault(Fault::Kind::compression_refused, 0);
}
inline Fault lost_response() {
  return Fault(Fault::Kind::lost_response, 0);
}
inline Fault doubled_response() {
  return Fault(Fault::Kind::doubled_response, 0);
}
inline Fault late_headers() {
  return Fault(Fault::Kind::late_headers, 0);
}
inline Fault doubled_status() {
  return Fault(Fault::Kind::doubled_status, 0);
}
inline Fault stalled_write() {
  return Fault(Fault::Kind::stalled_write, 0);
}
inline Fault allocation_refused() {
  return Fault(Fault::Kind::allocation_refused, 0);
}

}  // namespace fault

// Which faults may strike in an execution, and how many of them. No fault is the default
// everywhere, so the happy path has none, and each that strikes is a deviation.
//
//   world.allow(sim::FaultPlan().may(sim::fault::connection_lost()).budget(2));
class FaultPlan {
 public:
  FaultPlan() = default;
  // That one fault, once.
  FaultPlan(Fault fault) { may(fault); }  // NOLINT: a fault is a plan

  FaultPlan& may(Fault fault) {
    faults_.push_back(fault);
    return *this;
  }
  // Faults an execution may have; 1 if not said.
  FaultPlan& budget(std::size_t faults) {
    budget_ = faults;
    return *this;
  }

  const std::vector<Fault>& faults() const { return faults_; }
  bool exhausted() const { return budget_ == 0 || faults_.empty(); }
  // One has struck.
  void spend() { --budget_; }

 private:
  std::vector<Fault> faults_;
  std::size_t budget_ = 1;
};

}  // namespace weft::sim
