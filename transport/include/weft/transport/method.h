#pragma once

#include <string_view>

namespace weft {

// How many messages one direction of a call carries.
enum class Cardinality { one, many };

// The four kinds of call, request side first.
enum class CallKind { unary_unary, unary_stream, stream_unary, stream_stream };

constexpr Cardinality request_cardinality(CallKind kind) {
  return kind == CallKind::unary_unary || kind == CallKind::unary_stream ? Cardinality::one
                                                                         : Cardinality::many;
}
constexpr Cardinality response_cardinality(CallKind kind) {
  return kind == CallKind::unary_unary || kind == CallKind::stream_unary ? Cardinality::one
                                                                         : Cardinality::many;
}

constexpr std::string_view to_string(CallKind kind) {
  switch (kind) {
    case CallKind::unary_unary:
      return "unary_unary";
    case CallKind::unary_stream:
      return "unary_stream";
    case CallKind::stream_unary:
      return "stream_unary";
    case CallKind::stream_stream:
      return "stream_stream";
  }
  return "?";
}

}  // namespace weft
