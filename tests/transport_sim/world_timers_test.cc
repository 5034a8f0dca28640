// The clock of a world: it stands still but for timers, which fire in their order, may come at any
// moment, and are bounded where they would never end.

#include <string>

#include "chain.h"
#include "explored.h"
#include "weft/api/block_on.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Explored;
using test::Gate;
using testing::ElementsAre;
using weft::detail::text;

Task<> note_after(World& world, absl::Duration time, std::string name, std::string& order) {
  co_await sleep_for(world.loop(), time);  // virtual: the timer under test
  order += name;
}

TEST(VirtualTime, StandsStillWhileEventsHappen) {
  const Explored explored([](World& world) -> Body {
    for (int i = 0; i < 100; ++i) co_await world.yield();
    world.outcome(absl::FormatDuration(world.elapsed()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("0"));
}

TEST(VirtualTime, IsTheInstantOfTheTimerThatFired) {
  const Explored explored([](World& world) -> Body {
    co_await sleep_for(world.loop(), absl::Hours(23));  // virtual: the timer under test
    EXPECT_EQ(world.elapsed(), absl::Hours(23));
    co_await sleep_for(world.loop(), absl::Nanoseconds(1));  // virtual: the timer under test
    EXPECT_EQ(world.elapsed(), absl::Hours(23) + absl::Nanoseconds(1));
  });
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(VirtualTime, LetsOthersGoFirstWhileSomebodySleepsForNoTime) {
  const Explored explored([](World& world) -> Body {
    std::string order;
    TaskScope scope(world.loop());
    scope.spawn(note_after(world, absl::ZeroDuration(), "sleeper ", order));
    scope.spawn(note_after(world, absl::ZeroDuration(), "other ", order));
    co_await world.yield();
    order += "body ";
    co_await scope.join();
    EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
    world.outcome(order);
  });
  EXPECT_THAT(explored.outcomes, testing::Contains("body sleeper other "));
}

TEST(VirtualTime, NeverGoesBack) {
  const Explored explored([](World& world) -> Body {
    const Instant past = world.loop().now();
    co_await sleep_for(world.loop(), absl::Seconds(2));  // virtual: the timer under test
    Gate fired;
    class Late final : public Timer {
     public:
      explicit Late(Gate& gate)
          : Timer([](Timer& timer) noexcept { static_cast<Late&>(timer).gate_.open(); }),
            gate_(gate) {}

     private:
      Gate& gate_;
    };
    Late late(fired);
    world.arm(late, past);
    co_await fired;
    EXPECT_EQ(world.elapsed(), absl::Seconds(2));
  });
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(Timers, OfDifferentInstantsFireInTheirOrderAlways) {
  const Explored explored([](World& world) -> Body {
    std::string order;
    TaskScope scope(world.loop());
    scope.spawn(note_after(world, absl::Seconds(3), "3", order));
    scope.spawn(note_after(world, absl::Seconds(1), "1", order));
    scope.spawn(note_after(world, absl::Seconds(2), "2", order));
    co_await scope.join();
    world.outcome(order);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("123"));
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(Timers, OfOneInstantFireInEveryOrder) {
  const Explored explored([](World& world) -> Body {
    std::string order;
    TaskScope scope(world.loop());
    for (const char* name : {"a", "b", "c"}) {
      scope.spawn(note_after(world, absl::Seconds(1), name, order));
    }
    scope.spawn(note_after(world, absl::Seconds(2), "!", order));
    co_await scope.join();
    world.outcome(order);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("abc!", "acb!", "bac!", "bca!", "cab!", "cba!"));
  EXPECT_EQ(explored.report.executions, 6u);
}

TEST(Timers, MayFireBeforeAnythingThatTheNetworkDoes) {
  const Explored explored([](World& world) -> Body {
    Chain network(world, "network.event", 2);
    co_await sleep_for(world.loop(), absl::Seconds(1));  // virtual: the timer under test
    world.outcome(text("after ", network.happened()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("after 0", "after 1", "after 2"));
  EXPECT_EQ(explored.report.executions, 3u);
}

TEST(Timers, DieWithTheFrameThatWaitsForThem) {
  const Explored explored([](World& world) -> Body {
    std::string order;
    const auto waits = [&]() -> Body {
      co_await sleep_for(world.loop(), absl::Seconds(1));  // virtual: the timer under test
      order += "fired";
    };
    {
      Body waiting = waits();
      waiting.start();
    }
    co_await sleep_for(world.loop(), absl::Seconds(5));  // virtual: the timer under test
    EXPECT_EQ(order, "");
  });
  EXPECT_EQ(explored.report.steps, 1u);
}

// A program that polls once a second for something that the network does.
BodyFunction polls() {
  return [](World& world) -> Body {
    Chain network(world, "network.event", 1);
    while (!network.finished()) co_await sleep_for(world.loop(), absl::Seconds(1));
    world.outcome(absl::FormatDuration(world.elapsed()));
  };
}

TEST(TimerBound, LetsAChainOfTimersOvertakeTheNetworkSoOften) {
  const Explored explored(polls());
  EXPECT_THAT(explored.outcomes, ElementsAre("1s", "2s", "3s", "4s"));
  EXPECT_EQ(explored.report.verdict, Verdict::complete);
  EXPECT_GT(explored.report.bounded_timers, 0u);
  EXPECT_THAT(explored.report.to_string(), testing::HasSubstr("held back by their bound"));
}

TEST(TimerBound, IsTheOptions) {
  const auto with_bound = [](std::size_t bound) {
    return Explored(polls(), ExploreOptions().world(WorldOptions().timer_bound(bound))).outcomes;
  };
  EXPECT_THAT(with_bound(0), ElementsAre("1s"));
  EXPECT_THAT(with_bound(1), ElementsAre("1s", "2s"));
  EXPECT_THAT(with_bound(5), ElementsAre("1s", "2s", "3s", "4s", "5s", "6s"));
}

TEST(TimerBound, CountsChainsAndNotTimers) {
  const Explored explored([](World& world) -> Body {
    Chain network(world, "network.event", 1);
    // Each armed by the network's doing, or at the beginning: all may come early.
    std::string order;
    TaskScope scope(world.loop());
    for (int i = 1; i <= 5; ++i) {
      scope.spawn(note_after(world, absl::Seconds(i), std::to_string(i), order));
    }
    co_await scope.join();
    world.outcome(network.finished() ? "done" : "not yet");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("done", "not yet"));
  EXPECT_EQ(explored.report.bounded_timers, 0u);
}

TEST(TimerBound, HoldsNothingBackWhenNothingElseCanHappen) {
  const Explored explored([](World& world) -> Body {
    for (int i = 0; i < 300; ++i) co_await sleep_for(world.loop(), absl::Seconds(1));
    world.outcome(absl::FormatDuration(world.elapsed()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("5m"));
  EXPECT_EQ(explored.report.bounded_timers, 0u);
}

TEST(Horizon, IsWhereTimeEnds) {
  const auto sleeps = [](World& world) -> Body {
    co_await sleep_for(world.loop(), absl::Hours(25));  // virtual: the timer under test
  };
  const Report report = explore_in_test("Horizon.Usual", ExploreOptions(), sleeps);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().kind, FailureKind::hang);
  const Explored further(sleeps, ExploreOptions().world(WorldOptions().horizon(absl::Hours(25))));
  EXPECT_EQ(further.report.executions, 1u);
}

// A world of its own is driven like any loop.
TEST(WorldOfItsOwn, RunsTimersForWhoeverBlocksOnItsLoop) {
  World world;
  std::string order;
  block_on(world.loop(), note_after(world, absl::Seconds(1), "a", order));
  block_on(world.loop(), note_after(world, absl::Seconds(1), "b", order));
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(world.elapsed(), absl::Seconds(2));
}

}  // namespace
}  // namespace weft::sim
