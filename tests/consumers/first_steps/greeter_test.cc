#include "greeter.weft_fake.pb.h"
#include "weft/transport_sim/sim_test.h"

// [test]
WEFT_SIM_TEST(Greeter, GreetsOrIsCancelled) {
  greeter::GreeterFake fake(world.server());
  fake.greet([](const greeter::Name& name) {
    greeter::Greeting greeting;
    greeting.set_text("hello " + name.name());
    return greeting;
  });
  weft::Channel channel(world.transport(), world.loop());
  auto call = greeter::GreeterClient(channel).greet(greeter::Name());
  weft::sim::Anytime cancel(world, "user.cancels", [&] { call.cancel(); });
  const absl::StatusOr<greeter::Greeting> greeting = co_await call;  // once for every order
  EXPECT_EQ(call.cancelled(), !greeting.ok());
}
// [/test]
