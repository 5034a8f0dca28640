#pragma once

#include <string>

#include "echo.pb.h"
#include "weft/api/method_descriptor.h"
#include "weft/api/protobuf_codec.h"
#include "weft/transport/call_status.h"

namespace weft::test {

// The echo service (echo.proto), as its clients see it.

inline constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> unary_unary(
    "/weft.test.Echo/UnaryUnary");
inline constexpr UnaryStreamMethod<EchoRequest, EchoResponse> unary_stream(
    "/weft.test.Echo/UnaryStream");
inline constexpr StreamUnaryMethod<EchoRequest, EchoResponse> stream_unary(
    "/weft.test.Echo/StreamUnary");
inline constexpr StreamStreamMethod<EchoRequest, EchoResponse> stream_stream(
    "/weft.test.Echo/StreamStream");

EchoRequest request(std::string payload, int response_count = 1);
EchoRequest failing_request(StatusCode code, std::string details, int response_count = 0);
// The server goes silent.
EchoRequest silent_request();

}  // namespace weft::test
