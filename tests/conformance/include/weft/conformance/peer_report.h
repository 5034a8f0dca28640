#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/transport/metadata.h"

namespace weft::conformance {

// What a peer has seen of a call, as the step `report` tells it in a message.
//
// On the wire: `authority;milliseconds or nothing;0 or 1;size:text,...;key=value,...`, with bytes
// as in a PeerScript.
class PeerReport {
 public:
  // A message: how long, and how it begins.
  class Message {
   public:
    Message(std::size_t bytes, std::string beginning) : size(bytes), text(std::move(beginning)) {}
    std::size_t size;
    std::string text;  // up to 32 bytes
    friend bool operator==(const Message&, const Message&) = default;
  };

  PeerReport() = default;

  std::string to_string() const;
  static absl::StatusOr<PeerReport> parse(std::string_view text);

  std::string authority;
  std::optional<std::int64_t> remaining_ms;  // until the deadline; nothing: there is none (T43)
  bool half_closed = false;
  std::vector<Message> messages;  // taken so far
  Metadata metadata;              // without the script
};

}  // namespace weft::conformance
