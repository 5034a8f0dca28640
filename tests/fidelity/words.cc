#include "words.h"

#include <string_view>

#include "weft/api/usage_error.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/wire_status.h"

namespace weft::test {
namespace {

// UNAVAILABLE comes from no server here. Core tells a connection that could not be made from one
// that was lost by texts of the operating system's ("Connection reset by peer", "Socket closed",
// "failed to connect to all addresses; last error: ...", and the latter may hold the former); which
// of these a client gets, when a connection breaks while it is being set up, is core's own affair.
std::string details_of(StatusCode code, std::string_view details) {
  if (code == StatusCode::kUnavailable) return "<connection>";
  // The echo servers say what grpc.aio says; a peer of the simulator has words of its own.
  if (code == StatusCode::kUnimplemented &&
      (details == "Method not found!" || details == to_string(WireCondition::unknown_method()))) {
    return "<unknown method>";
  }
  // Servers put more into a response than its payload, each what it knows: the size differs.
  constexpr std::string_view too_large = "Received message larger than max (";
  if (details.starts_with(too_large)) {
    return detail::text(too_large, "<size>", details.substr(details.find(" vs. ")));
  }
  return std::string(details);
}

std::string word_of(StatusCode code, std::string_view details) {
  if (code == StatusCode::kOk) return "OK";
  return detail::text(status_code_name(code), "(", details_of(code, details), ")");
}

std::string word_of(const EchoResponse& response) {
  const std::string payload = response.payload().size() > 8
                                  ? detail::text(response.payload().size(), " bytes")
                                  : response.payload();
  return detail::text(payload, "#", response.index());
}

}  // namespace

std::string word_of(const CallStatus& status) {
  return word_of(status.code, status.details);
}

std::string word_of(const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  if (is_usage_error(status)) return detail::text("usage(", message, ")");
  return word_of(status.code(), message);
}

std::string word_of(const absl::StatusOr<EchoResponse>& response) {
  return response.ok() ? word_of(*response) : word_of(response.status());
}

std::string word_of(const ReadResult<EchoResponse>& result) {
  if (result) return word_of(*result);
  return result.is_end() ? "end" : word_of(result.status());
}

std::string word_of(const Metadata& metadata) {
  std::string text = "[";
  for (const auto& [key, value] : metadata) {
    if (text.size() > 1) text += ',';
    text += key;
    text += '=';
    text += value;
  }
  return text + "]";
}

}  // namespace weft::test
