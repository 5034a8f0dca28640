#include <gtest/gtest.h>

#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

constexpr UnaryUnaryMethod<std::string, std::string> echo("/test.Echo/Echo");

TEST(Smoke, UnaryAgainstCancel) {
  Report report = explore(ExploreOptions().name("Smoke.Unary"), [](World& world) -> Body {
    world.server().serve(echo, [](const std::string& request) { return request; });
    Channel channel(world.transport(), world.loop());
    auto call = channel.unary_unary(echo, "hello");
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    absl::StatusOr<std::string> reply = co_await call;
    if (reply.ok() && *reply != "hello") world.fail("wrong");
    world.outcome(reply.ok() ? "OK" : std::string(reply.status().message()));
  });
  EXPECT_TRUE(report.ok());
  std::printf("%s", report.to_string().c_str());
  report = explore(ExploreOptions().name("Smoke.Unary").mode(SearchMode::brute_force), [](World& world) -> Body {
    world.server().serve(echo, [](const std::string& request) { return request; });
    Channel channel(world.transport(), world.loop());
    auto call = channel.unary_unary(echo, "hello", CallOptions().timeout(absl::Seconds(1)));
    absl::StatusOr<std::string> reply = co_await call;
    world.outcome(reply.ok() ? "OK" : std::string(reply.status().message()));
  });
  std::printf("%s", report.to_string().c_str());
}

}  // namespace
}  // namespace weft::sim
