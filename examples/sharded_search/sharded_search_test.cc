// One search divided over eight tests, and the same search in one: see docs/exploring_at_scale.md.

#include <string>

#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace {

constexpr weft::UnaryUnaryMethod<std::string, std::string> greet("/demo.Greeter/Greet");

// Two calls over one connection, the first of which may be cancelled at any moment.
weft::Task<> two_calls(weft::sim::World& world) {
  world.server().serve(greet, [](const std::string& name) { return "hello " + name; });
  weft::Channel channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                        world.loop());
  auto first = channel.unary_unary(greet, "you");
  auto second = channel.unary_unary(greet, "world");
  weft::sim::Anytime cancel(world, "user.cancels", [&] { first.cancel(); });
  const absl::StatusOr<std::string> one = co_await first;
  const absl::StatusOr<std::string> two = co_await second;
  EXPECT_EQ(one.ok() ? *one : "hello you", "hello you");
  EXPECT_TRUE(two.ok());
}

// [sharded]
WEFT_SIM_TEST_SHARDED(Divided, TwoCallsAndACancel, 8) {
  EXPECT_SCHEDULES(17'202);  // of all parts together
  co_await two_calls(world);
}
// [/sharded]

WEFT_SIM_TEST(Whole, TwoCallsAndACancel) {
  EXPECT_SCHEDULES(17'202);
  co_await two_calls(world);
}

}  // namespace
