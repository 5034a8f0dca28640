#pragma once

#include <string>

#include "weft/api/channel.h"

namespace weft::test {

// One method of each kind, and opening a call of any kind the same way.

inline constexpr UnaryUnaryMethod<std::string, std::string> ask("/museum.Guide/Ask");
inline constexpr UnaryStreamMethod<std::string, std::string> tell("/museum.Guide/Tell");
inline constexpr StreamUnaryMethod<std::string, std::string> collect("/museum.Guide/Collect");
inline constexpr StreamStreamMethod<std::string, std::string> talk("/museum.Guide/Talk");

template <CallKind kind>
auto open(Channel& channel, const MethodDescriptor<kind, std::string, std::string>& method,
          CallOptions options = CallOptions()) {
  if constexpr (kind == CallKind::unary_unary) {
    return channel.unary_unary(method, "question", std::move(options));
  } else if constexpr (kind == CallKind::unary_stream) {
    return channel.unary_stream(method, "question", std::move(options));
  } else if constexpr (kind == CallKind::stream_unary) {
    return channel.stream_unary(method, std::move(options));
  } else {
    return channel.stream_stream(method, std::move(options));
  }
}

}  // namespace weft::test
