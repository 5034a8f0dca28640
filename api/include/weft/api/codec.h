#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "weft/transport/bytes.h"

namespace weft {

// How a message type becomes bytes and back. Specialise it for your own types:
//
//   template <>
//   struct weft::Codec<Point> {
//     static absl::StatusOr<weft::Bytes> serialize(const Point&, weft::BytesAllocator&);
//     static absl::Status parse(const weft::Bytes&, Point&);
//   };
//
// parse may also take its bytes by value, to keep them. serialize takes its memory from the
// allocator to save a copy, but need not. A failure to serialise ends the call (or refuses the
// write) before anything is sent (B053); a failure to parse ends it with INTERNAL (B054, B087).
// Neither may throw. A message type needs a default constructor. weft/api/protobuf_codec.h has the
// one for protobuf messages; Bytes and std::string are here.
template <class Message>
struct Codec;

template <>
struct Codec<Bytes> {
  static absl::StatusOr<Bytes> serialize(const Bytes& message, BytesAllocator&) { return message; }
  static absl::Status parse(Bytes bytes, Bytes& message) {
    message = std::move(bytes);
    return absl::OkStatus();
  }
};

template <>
struct Codec<std::string> {
  static absl::StatusOr<Bytes> serialize(const std::string& message, BytesAllocator& allocator) {
    if (message.empty()) return Bytes();
    Bytes bytes = allocator.allocate(message.size());
    message.copy(bytes.mutable_data(), message.size());
    return bytes;
  }
  static absl::Status parse(const Bytes& bytes, std::string& message) {
    message = bytes.to_string();
    return absl::OkStatus();
  }
};

}  // namespace weft
