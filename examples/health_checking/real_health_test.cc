// The same client against gRPC's own health service.

#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include <vector>

#include "health.h"
#include "loopback_server.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

using grpc::health::v1::HealthCheckResponse;

class RealHealth : public testing::Test {
 protected:
  static void SetUpTestSuite() { grpc::EnableDefaultHealthCheckService(true); }

  void kitchen_serves(bool serving) {
    server.server().GetHealthCheckService()->SetServingStatus("kitchen", serving);
  }

  LoopbackServer server{nullptr};
  weft::GrpcEventLoop loop;
  weft::Channel channel{weft::GrpcTransport::create(server.target()).value(), loop};
};

TEST_F(RealHealth, TellsWhatServesAndWhatIsNotKnown) {
  kitchen_serves(false);
  EXPECT_FALSE(weft::block_on(loop, health::serves(health::Client(channel), "kitchen")).value());
  kitchen_serves(true);
  EXPECT_TRUE(weft::block_on(loop, health::serves(health::Client(channel), "kitchen")).value());
  EXPECT_EQ(weft::block_on(loop, health::serves(health::Client(channel), "cellar")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RealHealth, WaitsUntilTheServiceServes) {
  kitchen_serves(false);
  std::vector<health::State> seen;
  const absl::Status end =
      weft::block_on(loop, health::until_it_serves(health::Client(channel), loop, "kitchen",
                                                   absl::Seconds(20), [&](health::State state) {
                                                     seen.push_back(state);
                                                     kitchen_serves(true);
                                                   }));
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_EQ(seen, (std::vector<health::State>{HealthCheckResponse::NOT_SERVING,
                                              HealthCheckResponse::SERVING}));
}

}  // namespace
