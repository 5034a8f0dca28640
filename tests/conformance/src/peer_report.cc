#include "weft/conformance/peer_report.h"

#include "fields.h"
#include "weft/transport/detail/text.h"

namespace weft::conformance {
namespace {

std::optional<PeerReport::Message> parse_message(std::string_view text) {
  const std::vector<std::string_view> fields = split_fields(text, ':');
  if (fields.size() != 2) return std::nullopt;
  const std::optional<std::size_t> size = decode_number(fields[0]);
  std::optional<std::string> beginning = decode_field(fields[1]);
  if (!size || !beginning) return std::nullopt;
  return PeerReport::Message(*size, *std::move(beginning));
}

absl::Status not_a_report(std::string_view text) {
  return absl::InvalidArgumentError(detail::text("not a peer's report: ", text));
}

}  // namespace

std::string PeerReport::to_string() const {
  std::string taken;
  for (const Message& message : messages) {
    if (!taken.empty()) taken.push_back(',');
    taken += detail::text(message.size, ':', encode_field(message.text));
  }
  const std::string remaining = remaining_ms.has_value() ? std::to_string(*remaining_ms) : "";
  return detail::text(encode_field(authority), ';', remaining, ';', half_closed ? '1' : '0', ';',
                      taken, ';', encode_metadata(metadata));
}

absl::StatusOr<PeerReport> PeerReport::parse(std::string_view text) {
  const std::vector<std::string_view> fields = split_fields(text, ';');
  if (fields.size() != 5) return not_a_report(text);
  PeerReport report;
  std::optional<std::string> authority = decode_field(fields[0]);
  std::optional<Metadata> metadata = decode_metadata(fields[4]);
  if (!authority || !metadata) return not_a_report(text);
  report.authority = *std::move(authority);
  report.metadata = *std::move(metadata);
  report.half_closed = fields[2] == "1";
  if (!fields[1].empty()) {
    const std::optional<std::size_t> remaining = decode_number(fields[1]);
    if (!remaining) return not_a_report(text);
    report.remaining_ms = static_cast<std::int64_t>(*remaining);
  }
  for (const std::string_view each : split_fields(fields[3], ',')) {
    std::optional<Message> message = parse_message(each);
    if (!message) return not_a_report(text);
    report.messages.push_back(*std::move(message));
  }
  return report;
}

}  // namespace weft::conformance
