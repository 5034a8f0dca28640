#pragma once

#include <google/protobuf/message_lite.h>

#include <concepts>

#include "weft/api/codec.h"

namespace weft {

namespace detail {

// INTERNAL if a required field is missing or the message is larger than protobuf can code (2 GiB).
absl::StatusOr<Bytes> serialize_protobuf(const google::protobuf::MessageLite& message,
                                         BytesAllocator& allocator);
// INTERNAL, naming the type, if the bytes are not such a message.
absl::Status parse_protobuf(const Bytes& bytes, google::protobuf::MessageLite& message);

}  // namespace detail

// Protobuf messages: serialised straight into the transport's memory and parsed straight out of it.
template <std::derived_from<google::protobuf::MessageLite> Message>
struct Codec<Message> {
  static absl::StatusOr<Bytes> serialize(const Message& message, BytesAllocator& allocator) {
    return detail::serialize_protobuf(message, allocator);
  }
  static absl::Status parse(const Bytes& bytes, Message& message) {
    return detail::parse_protobuf(bytes, message);
  }
};

}  // namespace weft
