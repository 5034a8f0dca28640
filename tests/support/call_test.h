#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "echo.pb.h"
#include "echo_peer.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/api/protobuf_codec.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {

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
EchoRequest silent_request();

MATCHER_P(HasCode, code, "") {
  return arg.code() == code;
}

// A channel over real gRPC to a real server in another process; which, the environment says
// (WEFT_TEST_PEER), so that every test runs against each of them. Every stream is checked against
// the rules of the seam.
class CallTest : public testing::Test {
 protected:
  CallTest();
  ~CallTest() override;

  static Peer& peer();
  static std::string peer_language();

  // A further transport to the same server.
  std::shared_ptr<Transport> connect(
      const GrpcTransportOptions& options = GrpcTransportOptions()) const;

  template <class Awaitable>
  auto run(Awaitable awaitable) {
    return block_on(loop, std::move(awaitable));
  }

  GrpcEventLoop loop;
  std::shared_ptr<Transport> transport;
  Channel channel;
};

// A port on which nobody listens.
std::string unreachable_target();

}  // namespace weft::test
