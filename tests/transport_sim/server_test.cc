// Servers, channels and clients of one world: several of everything. In every order.

#include <string>
#include <utility>

#include "fault_bodies.h"
#include "four_kinds.h"
#include "weft/api/when_all.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using weft::detail::text;

TEST(Server, IsFoundByItsName) {
  const Explored explored([](World& world) -> Body {
    for (const char* name : {"north", "south"}) {
      world.server(name).serve(UnaryUnary::method,
                               [name](const std::string&) { return std::string(name); });
    }
    EXPECT_EQ(&world.server("north"), &world.server("north"));
    EXPECT_EQ(world.server("north").name(), "north");
    Channel north(world.transport("north", connected()), world.loop());
    Channel south(world.transport("south", connected()), world.loop());
    auto first = south.unary_unary(UnaryUnary::method, "r");
    auto second = north.unary_unary(UnaryUnary::method, "r");
    world.outcome(text(*co_await first, " ", *co_await second));
    EXPECT_EQ(world.server("north").calls_seen(), 1u);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("south north"));
}

TEST(Server, ThatStopsTakesDownItsOwnClientsAlone) {
  const Explored explored([](World& world) -> Body {
    for (const char* name : {"north", "south"}) {
      world.server(name).script(UnaryStream::method, Script().headers().wait_for_cancel());
    }
    Channel first(world.transport("north", connected()), world.loop());
    Channel second(world.transport("north", connected()), world.loop());
    Channel other(world.transport("south", connected()), world.loop());
    auto first_call = first.unary_stream(UnaryStream::method, "r");
    auto second_call = second.unary_stream(UnaryStream::method, "r");
    auto other_call = other.unary_stream(UnaryStream::method, "r");
    world.server("north").stop();
    (void)co_await first_call.status();
    (void)co_await second_call.status();
    EXPECT_FALSE(world.server("north").listening());
    EXPECT_FALSE(other_call.done());
    other_call.cancel();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNAVAILABLE, UNAVAILABLE, CANCELLED"));
}

TEST(Server, ServesCallsOfSeveralClientsSideBySide) {
  const Explored explored(
      [](World& world) -> Body {
        std::string order;
        world.server().serve(UnaryUnary::method, [&](const std::string& name) {
          order += name;
          return name;
        });
        auto transport = world.transport("server", connected());
        Channel a(transport, world.loop());
        Channel b(transport, world.loop());
        Channel c(world.transport("server", connected()), world.loop());
        auto calls =
            when_all(a.unary_unary(UnaryUnary::method, "a"), b.unary_unary(UnaryUnary::method, "b"),
                     c.unary_unary(UnaryUnary::method, "c"));
        (void)co_await std::move(calls);
        world.outcome(order);
      },
      ExploreOptions().deviations(3));
  EXPECT_THAT(explored.outcomes, ElementsAre("abc", "acb", "bac", "bca", "cab", "cba"));
}

TEST(Server, TakesTheNewestHandlerOfAMethod) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryUnary::method, [](const std::string&) { return "old"; });
    world.server().script(UnaryUnary::method, Script().message("newer").finish());
    world.server().serve(UnaryUnary::method, [](const std::string&) { return "newest"; });
    Channel channel(world.transport("server", connected()), world.loop());
    world.outcome(*co_await channel.unary_unary(UnaryUnary::method, "r"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("newest"));
}

TEST(Server, KeepsAHandlerThatWasReplacedForTheCallsThatItServes) {
  using Strings = ServerCall<std::string, std::string>;
  const Explored explored([](World& world) -> Body {
    const std::string answer = "an answer that has memory of its own";
    world.server().serve(
        UnaryUnary::method,
        [answer](const std::string&, Strings& call) -> Task<absl::StatusOr<std::string>> {
          co_await call.world().yield();
          co_return answer;
        });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(UnaryUnary::method, "r");
    co_await world.yield();
    world.server().serve(UnaryUnary::method, [](const std::string&) { return "new"; });
    world.outcome(*co_await call);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("an answer that has memory of its own", "new"));
}

TEST(Server, CountsCallsOfMethodsThatItDoesNotKnow) {
  const Explored explored([](World& world) -> Body {
    Channel channel(world.transport("server", connected()), world.loop());
    (void)co_await channel.unary_unary(UnaryUnary::method, "r");
    EXPECT_EQ(world.server().calls_seen(), 1u);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNIMPLEMENTED"));
}

}  // namespace
}  // namespace weft::sim
