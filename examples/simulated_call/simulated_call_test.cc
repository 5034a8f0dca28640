// The smallest simulation: a unary call that may be cancelled and a server stream with a deadline,
// each in every order in which that and the server's answers can meet.

#include <string>

#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace {

// [greet]
constexpr weft::UnaryUnaryMethod<std::string, std::string> greet("/demo.Greeter/Greet");

WEFT_SIM_TEST(Greeter, AnswersOrIsCancelled) {
  world.server().serve(greet, [](const std::string& name) { return "hello " + name; });
  weft::Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(greet, "you");
  weft::sim::Anytime cancel(world, "user.cancels", [&] { call.cancel(); });

  const absl::StatusOr<std::string> reply = co_await call;  // runs once for every order

  EXPECT_EQ(reply.ok() ? *reply : "hello you", "hello you");
  EXPECT_EQ(call.cancelled(), !reply.ok());
}
// [/greet]

// [count]
constexpr weft::UnaryStreamMethod<std::string, std::string> count("/demo.Greeter/Count");

WEFT_SIM_TEST(Greeter, CountsUpUntilTheDeadline) {
  using Call = weft::sim::ServerCall<std::string, std::string>;
  world.server().serve(count, [](const std::string&, Call& call) -> weft::Task<absl::Status> {
    for (const char* number : {"one", "two"}) co_await call.write(number);
    co_return absl::OkStatus();
  });
  weft::Channel channel(world.transport(), world.loop());
  auto call = channel.unary_stream(count, "please", weft::CallOptions().timeout(absl::Seconds(1)));
  std::string came;
  while (auto number = co_await call.read()) came += " " + *number;

  const absl::Status status = co_await call.status();
  EXPECT_TRUE(std::string(" one two").starts_with(came));
  EXPECT_TRUE(!status.ok() || came == " one two");
  world.outcome(absl::StatusCodeToString(status.code()) + " after:" + came);
}
// [/count]

}  // namespace
