#pragma once

#include <string_view>
#include <utility>

#include "weft/api/codec.h"
#include "weft/transport/method.h"

namespace weft {

// A method of a service: its full name, its kind and how its messages are coded.
//
//   inline constexpr weft::UnaryStreamMethod<Rectangle, Feature> list_features(
//       "/routeguide.RouteGuide/ListFeatures");
//
// Lifetime: the name is not copied; it is meant to be a literal, and the descriptor a constant.
template <CallKind method_kind, class RequestType, class ResponseType>
class MethodDescriptor {
 public:
  using Request = RequestType;
  using Response = ResponseType;
  using Serializer = absl::StatusOr<Bytes> (*)(const Request&, BytesAllocator&);
  using Parser = absl::Status (*)(Bytes, Response&);
  using RequestParser = absl::Status (*)(Bytes, Request&);
  using ResponseSerializer = absl::StatusOr<Bytes> (*)(const Response&, BytesAllocator&);
  static constexpr CallKind kind = method_kind;

  constexpr explicit MethodDescriptor(std::string_view name,
                                      Serializer serialize = &Codec<Request>::serialize,
                                      Parser parse = &detail::parse_with_codec<Response>)
      : full_name_(name), serializer_(serialize), parser_(parse) {}

  // "/package.Service/Method"
  constexpr std::string_view full_name() const { return full_name_; }
  constexpr Serializer serializer() const { return serializer_; }
  constexpr Parser parser() const { return parser_; }

  // The server's side of the codec, for fakes.
  static constexpr RequestParser request_parser() { return &detail::parse_with_codec<Request>; }
  static constexpr ResponseSerializer response_serializer() { return &Codec<Response>::serialize; }

 private:
  std::string_view full_name_;
  Serializer serializer_;
  Parser parser_;
};

template <class Request, class Response>
using UnaryUnaryMethod = MethodDescriptor<CallKind::unary_unary, Request, Response>;
template <class Request, class Response>
using UnaryStreamMethod = MethodDescriptor<CallKind::unary_stream, Request, Response>;
template <class Request, class Response>
using StreamUnaryMethod = MethodDescriptor<CallKind::stream_unary, Request, Response>;
template <class Request, class Response>
using StreamStreamMethod = MethodDescriptor<CallKind::stream_stream, Request, Response>;

}  // namespace weft
