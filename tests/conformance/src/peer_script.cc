#include "weft/conformance/peer_script.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fields.h"
#include "weft/transport/detail/text.h"

namespace weft::conformance {
namespace {

// In the order of PeerStep::Kind.
constexpr std::array<std::string_view, 14> kind_names = {
    "headers", "read",  "read_all",        "echo", "echo_all", "message", "messages", "report",
    "finish",  "abort", "wait_for_cancel", "tell", "await",    "go_away"};

std::optional<PeerStep> parse_step(std::string_view text) {
  const std::vector<std::string_view> fields = split_fields(text, ':');
  if (fields.size() != 6) return std::nullopt;
  const auto* name = std::find(kind_names.begin(), kind_names.end(), fields[0]);
  std::optional<std::string> body = decode_field(fields[1]);
  const std::optional<std::size_t> code = decode_number(fields[2]);
  const std::optional<std::size_t> count = decode_number(fields[3]);
  const std::optional<std::size_t> size = decode_number(fields[4]);
  std::optional<Metadata> metadata = decode_metadata(fields[5]);
  if (name == kind_names.end() || !body || !code || !count || !size || !metadata) {
    return std::nullopt;
  }
  PeerStep step(static_cast<PeerStep::Kind>(name - kind_names.begin()));
  step.text = *std::move(body);
  step.code = status_code_from_number(static_cast<int>(*code));
  step.count = *count;
  step.size = *size;
  step.metadata = *std::move(metadata);
  return step;
}

}  // namespace

PeerScript& PeerScript::add(Kind kind, std::string_view text) {
  steps_.emplace_back(kind);
  steps_.back().text = std::string(text);
  return *this;
}

PeerScript& PeerScript::headers(Metadata metadata, std::size_t large) {
  add(Kind::headers);
  steps_.back().metadata = std::move(metadata);
  steps_.back().size = large;
  return *this;
}

PeerScript& PeerScript::messages(std::size_t count, std::size_t size) {
  add(Kind::messages);
  steps_.back().count = count;
  steps_.back().size = size;
  return *this;
}

PeerScript& PeerScript::finish(StatusCode code, std::string_view text, Metadata trailers,
                               std::size_t large) {
  add(Kind::finish, text);
  steps_.back().code = code;
  steps_.back().metadata = std::move(trailers);
  steps_.back().size = large;
  return *this;
}

std::string PeerScript::to_string() const {
  std::string text;
  for (const PeerStep& step : steps_) {
    text += detail::text(kind_names[static_cast<std::size_t>(step.kind)], ':',
                         encode_field(step.text), ':', static_cast<int>(step.code), ':', step.count,
                         ':', step.size, ':', encode_metadata(step.metadata), ';');
  }
  return text;
}

absl::StatusOr<PeerScript> PeerScript::parse(std::string_view text) {
  PeerScript script;
  for (const std::string_view part : split_fields(text, ';')) {
    if (part.empty()) continue;
    std::optional<PeerStep> step = parse_step(part);
    if (!step.has_value()) {
      return absl::InvalidArgumentError(detail::text("not a step of a peer's script: ", part));
    }
    script.steps_.push_back(*std::move(step));
  }
  return script;
}

std::string numbered_message(std::size_t number, std::size_t size) {
  std::string text = detail::text(number, ':');
  if (text.size() < size) text.resize(size, 'x');
  return text;
}

}  // namespace weft::conformance
