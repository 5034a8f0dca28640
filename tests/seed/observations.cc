#include "observations.h"

#include "weft/api/usage_error.h"
#include "weft/transport/detail/text.h"

namespace weft::test {
namespace {

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string bytes_of(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

Json observed(const EchoResponse& response) {
  return detail::text("message:", response.payload());
}

Json observed(const absl::Status& status, const Call& call) {
  const std::string_view message(status.message().data(), status.message().size());
  if (status.ok()) return "ok";
  if (is_usage_error(status)) return detail::text("usage-error:", message);
  const CallStatus* outcome = call.outcome();
  if (outcome != nullptr && outcome->locally_cancelled) return "cancelled";
  // What is said of a connection is the affair of each version of gRPC core.
  const bool is_core_text = status.code() == StatusCode::kUnavailable;
  return detail::text("error:", status_code_name(status.code()), ":", is_core_text ? "*" : message);
}

Json observed(const Metadata& metadata) {
  Json entries = Json::array();
  for (const auto& [key, value] : metadata) {
    entries.push_back({key, is_binary_key(key) ? hexadecimal(value) : value});
  }
  return entries;
}

Json observed_presence(const std::optional<std::string>& text) {
  if (!text.has_value()) return "absent";
  return text->empty() ? "empty" : "present";
}

Json observed_text(std::string_view text) {
  constexpr std::string_view debug = "\n\tdebug_error_string";
  std::string shown(text);
  const std::size_t begin = shown.find(debug);
  if (begin != std::string::npos) shown.erase(begin, shown.find('\n', begin + 1) - begin);
  return shown;
}

EchoRequest request_of(const Json& fields) {
  EchoRequest request;
  request.set_payload(fields.value("payload", "") + std::string(fields.value("padding", 0), '.'));
  request.set_response_count(fields.value("response_count", 0));
  request.set_response_bytes(fields.value("response_bytes", 0));
  request.set_delay_ms(fields.value("delay_ms", 0));
  request.set_never_answer(fields.value("never_answer", false));
  request.set_status_code(fields.value("status_code", 0));
  request.set_status_details(fields.value("status_details", ""));
  request.set_answer_now(fields.value("answer_now", false));
  return request;
}

Metadata metadata_of(const Json& entries, std::string_view name) {
  constexpr std::string_view placeholder = "$name";
  Metadata metadata;
  for (const Json& entry : entries) {
    const std::string key = entry.at(0);
    std::string value = entry.at(1);
    if (is_binary_key(key)) value = bytes_of(value);
    const std::size_t at = value.find(placeholder);
    if (at != std::string::npos) value.replace(at, placeholder.size(), name);
    metadata.add(key, value);
  }
  return metadata;
}

}  // namespace weft::test
