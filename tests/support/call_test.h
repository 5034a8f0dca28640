#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "echo_peer.h"
#include "echo_requests.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {

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

}  // namespace weft::test
