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
// An exception counts as a failure. A message type needs a default constructor.
// weft/api/protobuf_codec.h has the one for protobuf messages; Bytes and std::string are here.
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

namespace detail {

// "the codec threw: ...", of the exception that is being handled.
absl::Status codec_exception();

// With a codec that takes its bytes by value or by reference.
template <class Message>
absl::Status parse_with_codec(Bytes bytes, Message& message) {
  return Codec<Message>::parse(std::move(bytes), message);
}

// Codecs are the user's code: what they throw becomes a failure.
template <class Message>
absl::StatusOr<Bytes> serialize_contained(absl::StatusOr<Bytes> (*serialize)(const Message&,
                                                                             BytesAllocator&),
                                          const Message& message, BytesAllocator& allocator) {
  try {
    return serialize(message, allocator);
  } catch (...) {
    return codec_exception();
  }
}

template <class Message>
absl::Status parse_contained(absl::Status (*parse)(Bytes, Message&), Bytes&& bytes,
                             Message& message) {
  try {
    return parse(std::move(bytes), message);
  } catch (...) {
    return codec_exception();
  }
}

}  // namespace detail

}  // namespace weft
