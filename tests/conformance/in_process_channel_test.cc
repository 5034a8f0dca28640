// A GrpcTransport over a channel that it did not make: what it declares, and its connectivity,
// which core does not watch (TG6).

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include "connectivity_watch.h"
#include "grpc_peer.h"
#include "weft/api/block_on.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

grpc_channel* grpc_inproc_channel_create(grpc_server* server, const grpc_channel_args* args,
                                         void* reserved);

namespace weft::conformance {
namespace {

class InProcessChannel : public testing::Test {
 protected:
  GrpcEventLoop loop;
  GrpcPeer peer{GrpcPeerOptions(), std::make_shared<PeerBoard>()};
  std::shared_ptr<GrpcTransport> transport =
      GrpcTransport::over(grpc_inproc_channel_create(peer.server().c_server(), nullptr, nullptr));
};

TEST_F(InProcessChannel, DeclaresWhatItCannot) {
  const Capabilities& capabilities = transport->capabilities();
  EXPECT_FALSE(capabilities.connectivity);
  EXPECT_FALSE(capabilities.delivers_messages_before_status);
  EXPECT_FALSE(capabilities.compression);
  EXPECT_FALSE(capabilities.secure);
}

TEST_F(InProcessChannel, IsReadyUntilItIsShutDown) {
  EXPECT_EQ(transport->connectivity(true), ConnectivityState::ready);
  ConnectivityWatch watch(loop, transport, ConnectivityState::ready);
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  EXPECT_FALSE(watch.is_done());
  EXPECT_EQ(block_on(loop, watch.next()), ConnectivityState::shutdown);
  EXPECT_EQ(transport->connectivity(true), ConnectivityState::shutdown);
}

TEST_F(InProcessChannel, TellsAtOnceThatItIsNotIdle) {
  ConnectivityWatch watch(loop, transport, ConnectivityState::idle);
  EXPECT_FALSE(watch.is_done());
  EXPECT_EQ(block_on(loop, watch.next()), ConnectivityState::ready);
}

TEST_F(InProcessChannel, EndsAWaitAtItsDeadline) {
  ConnectivityWatch watch(loop, transport, ConnectivityState::ready,
                          Deadline::after(loop.now(), absl::Milliseconds(10)));
  EXPECT_EQ(block_on(loop, watch.next()), ConnectivityState::ready);
}

TEST_F(InProcessChannel, EndsAWaitThatIsNotWanted) {
  ConnectivityWatch watch(loop, transport, ConnectivityState::ready);
  watch.give_up();
  EXPECT_EQ(block_on(loop, watch.next()), ConnectivityState::ready);
}

TEST(ClientChannel, ThatWasTakenOverDeclaresWhatItCan) {
  GrpcEventLoop loop;
  grpc_channel_credentials* insecure = grpc_insecure_credentials_create();
  const auto transport = GrpcTransport::over(grpc_channel_create("nowhere", insecure, nullptr));
  grpc_channel_credentials_release(insecure);
  EXPECT_TRUE(transport->capabilities().connectivity);
  EXPECT_TRUE(transport->capabilities().delivers_messages_before_status);
  EXPECT_EQ(transport->connectivity(false), ConnectivityState::idle);
}

}  // namespace
}  // namespace weft::conformance
