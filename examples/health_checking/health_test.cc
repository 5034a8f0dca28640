// The health client in the simulator.

#include "health.h"
#include "health.weft_fake.pb.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/sim_test.h"

namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthFake;

HealthCheckResponse telling(health::State state) {
  HealthCheckResponse response;
  response.set_status(state);
  return response;
}

WEFT_SIM_TEST(Health, TellsWhatServesAndWhatIsNotKnown) {
  HealthFake(world.server())
      .check([](const HealthCheckRequest& request) -> absl::StatusOr<HealthCheckResponse> {
        if (request.service() == "kitchen") return telling(HealthCheckResponse::SERVING);
        if (request.service() == "bar") return telling(HealthCheckResponse::NOT_SERVING);
        return absl::NotFoundError("no such service");
      });
  world.server().keep_deadlines(false);
  weft::Channel channel(world.transport(), world.loop());
  const std::size_t which = world.choose(3, "service");
  const char* const services[] = {"kitchen", "bar", "cellar"};
  auto asking = health::serves(health::Client(channel), services[which]);
  const absl::StatusOr<bool> answer = co_await std::move(asking);
  if (answer.status().code() == absl::StatusCode::kDeadlineExceeded) {
    EXPECT_EQ(world.elapsed(), absl::Seconds(1));
  } else if (which == 2) {
    EXPECT_EQ(answer.status(), absl::NotFoundError("no such service"));
  } else {
    EXPECT_EQ(answer.value(), which == 0);
  }
}

weft::Task<absl::Status> open_in_a_while(HealthFake::WatchCall& call) {
  co_await call.write(telling(HealthCheckResponse::NOT_SERVING));
  co_await call.write(telling(HealthCheckResponse::SERVING));
  co_await call.until_cancelled();
  co_return absl::CancelledError();
}

WEFT_SIM_TEST(Health, WaitsOutALostConnectionButNotItsDeadline) {
  constexpr absl::Duration patience = absl::Seconds(5);
  HealthFake(world.server()).watch([](const HealthCheckRequest&, HealthFake::WatchCall& call) {
    return open_in_a_while(call);
  });
  world.server().keep_deadlines(false);
  world.allow(weft::sim::fault::connection_lost());
  weft::Channel channel(world.transport(), world.loop());
  health::State last = HealthCheckResponse::UNKNOWN;
  std::size_t told = 0;
  auto waiting = health::until_it_serves(health::Client(channel), world.loop(), "kitchen", patience,
                                         [&](health::State state) {
                                           last = state;
                                           ++told;
                                         });
  const absl::Status end = co_await std::move(waiting);
  EXPECT_EQ(end.ok(), last == HealthCheckResponse::SERVING);
  EXPECT_TRUE(end.ok() || end.code() == absl::StatusCode::kDeadlineExceeded) << end;
  EXPECT_LE(world.elapsed(), patience);
  world.sometimes("it is asked again, and told", end.ok() && told == 3);
  world.outcome(absl::StatusCodeToString(end.code()));
}

WEFT_SIM_TEST(Health, DoesNotWaitForAServerWithoutTheProtocol) {
  world.server();
  weft::Channel channel(world.transport(), world.loop());
  auto waiting = health::until_it_serves(health::Client(channel), world.loop(), "kitchen",
                                         absl::InfiniteDuration(), [](health::State) {});
  const absl::Status end = co_await std::move(waiting);
  EXPECT_EQ(end.code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
