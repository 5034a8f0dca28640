#pragma once

#include <exception>
#include <optional>
#include <string>

#include "weft/transport/call_status.h"
#include "weft/transport/metadata.h"

namespace weft {

// A snapshot of how a call failed: everything the call's own accessors tell, in one value (B030,
// B300-B305). It is thrown by value_or_throw(), and only there.
class RpcError : public std::exception {
 public:
  RpcError(const CallStatus& status, Metadata initial_metadata);

  StatusCode code() const { return status_.code; }
  const std::string& details() const { return status_.details; }
  const Metadata& initial_metadata() const { return initial_metadata_; }
  const Metadata& trailing_metadata() const { return status_.trailing_metadata; }
  const std::optional<std::string>& debug_error_string() const {
    return status_.debug_error_string;
  }
  bool locally_cancelled() const { return status_.locally_cancelled; }
  const CallStatus& status() const { return status_; }

  // Several lines: the code's name, details, debug string (B302).
  const std::string& to_string() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  CallStatus status_;
  Metadata initial_metadata_;
  std::string text_;
};

// "<{what} of RPC that terminated with: ...>": the readable form of an outcome.
std::string outcome_text(std::string_view what, const CallStatus& status);

}  // namespace weft
