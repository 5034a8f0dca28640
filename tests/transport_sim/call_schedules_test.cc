// The four kinds of call against what may end them early, explored to the end, counts pinned.

#include <string>

#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::sim {
namespace {

constexpr UnaryUnaryMethod<std::string, std::string> echo("/test.Echo/Echo");

WEFT_SIM_TEST(UnaryUnary, CancelAtAnyTime) {
  world.server().serve(echo, [](const std::string& request) { return request; });
  Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(echo, "hello");
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(20);
  const absl::StatusOr<std::string> reply = co_await call;
  EXPECT_EQ(reply.value_or("hello"), "hello");
  world.outcome(reply.ok() ? "OK" : std::string(reply.status().message()));
}

}  // namespace
}  // namespace weft::sim
