// What a world lets happen, in which order, and what it says about it. Its clock has a file of its
// own.

#include "weft/transport_sim/world.h"

#include <memory>
#include <string>
#include <utility>

#include "chain.h"
#include "explored.h"
#include "weft/api/sleep.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Explored;
using test::Gate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using weft::detail::text;

// The first failure of an exploration that fails.
Failure failure_of(BodyFunction body, WorldOptions options = WorldOptions()) {
  const Report report =
      explore_in_test("World.Failing", ExploreOptions().world(options), std::move(body));
  EXPECT_FALSE(report.ok());
  if (!report.counterexample.has_value()) return Failure(FailureKind::check, "nothing failed");
  return report.counterexample->failures.front();
}

// Writes its name down when it happens.
class Event final : public EventSource {
 public:
  Event(std::string name, std::string& order) : text_(std::move(name)), order_(order) {}
  Label label() const override { return Label(name_); }
  void fire() override { order_ += text_; }

 private:
  std::string text_;
  Label::Name name_{text_};
  std::string& order_;
};

void run(World& world) {
  while (world.settle() && world.step()) {
  }
}

// --- the default order ---

TEST(DefaultOrder, IsTheOldestCauseFirstWheneverItWasEnabled) {
  World world;
  std::string order;
  const Cause first = world.new_cause();
  const Cause second = world.new_cause();
  Event a("a", order);
  Event b("b", order);
  Event c("c", order);
  world.enable(EventClass::network, c);
  world.enable(EventClass::network, b, second);
  world.enable(EventClass::network, a, first);
  run(world);
  EXPECT_EQ(order, "abc");
}

TEST(DefaultOrder, IsThatOfEnablingForOneCause) {
  World world;
  std::string order;
  const Cause cause = world.new_cause();
  Event a("a", order);
  Event b("b", order);
  world.enable(EventClass::network, b, cause);
  world.enable(EventClass::network, a, cause);
  world.enable(EventClass::network, b, cause);  // keeps its place
  run(world);
  EXPECT_EQ(order, "ba");
}

TEST(DefaultOrder, HasTheNetworkBeforeActionsBeforeTimersAndNoFault) {
  World world;
  std::string order;
  Event fault("fault", order);
  Event network("network ", order);
  class Expiry final : public Timer {
   public:
    explicit Expiry(std::string& text)
        : Timer([](Timer& timer) noexcept { static_cast<Expiry&>(timer).text_ += "timer"; }),
          text_(text) {}

   private:
    std::string& text_;
  };
  Expiry timer(order);
  world.enable(EventClass::fault, fault);
  world.arm(timer, Instant());
  Anytime action(world, "action", [&] { order += "action "; });
  world.enable(EventClass::network, network);
  run(world);
  EXPECT_EQ(order, "network action timer");
  EXPECT_TRUE(fault.is_enabled());
}

TEST(DefaultOrder, LeavesOutWhatWasWithdrawnOrDestroyed) {
  World world;
  std::string order;
  Event withdrawn("a", order);
  world.enable(EventClass::network, withdrawn);
  {
    Event destroyed("b", order);
    world.enable(EventClass::network, destroyed);
  }
  withdrawn.withdraw();
  withdrawn.withdraw();
  EXPECT_FALSE(world.step());
  EXPECT_EQ(order, "");
}

TEST(DefaultOrder, IsWhatAnExplorationTriesFirst) {
  const Explored explored(
      [](World& world) -> Body {
        Gate done;
        std::string order;
        Event late("late ", order);
        Event early("early ", order);
        const Cause first = world.new_cause();
        world.enable(EventClass::network, late);
        world.enable(EventClass::network, early, first);
        Anytime last(world, "last", [&] { done.open(); });
        co_await done;
        world.outcome(order);
      },
      ExploreOptions().deviations(0));
  EXPECT_THAT(explored.outcomes, ElementsAre("early late "));
}

// --- choices ---

TEST(Choose, TriesEveryAlternativeAndTheFirstByDefault) {
  const auto body = [](World& world) -> Body {
    const std::size_t a = world.choose(2, "a");
    const std::size_t b = world.choose(3, "b");
    world.outcome(text(a, b));
    co_return;
  };
  const Explored all(body);
  EXPECT_THAT(all.outcomes, ElementsAre("00", "01", "02", "10", "11", "12"));
  EXPECT_EQ(all.report.executions, 6u);
  EXPECT_THAT(Explored(body, ExploreOptions().deviations(0)).outcomes, ElementsAre("00"));
}

TEST(Choose, AmongOneIsNoDecision) {
  const Explored explored([](World& world) -> Body {
    world.outcome(text(world.choose(1, "only")));
    co_return;
  });
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(ChooseDeathTest, AmongNoneIsAMistake) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  World world;
  EXPECT_DEATH((void)world.choose(0, "nothing"), "alternatives > 0");
}

TEST(Yield, LetsAnythingElseHappenMeanwhile) {
  const Explored explored([](World& world) -> Body {
    Chain other(world, "other.event", 2);
    co_await world.yield();
    world.outcome(text("after ", other.happened()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("after 0", "after 1", "after 2"));
  EXPECT_EQ(explored.report.executions, 3u);
}

TEST(Yield, IsWithdrawnWithTheFrameThatAwaitsIt) {
  World world;
  const auto waits = [&]() -> Body { co_await world.yield(); };
  Body body = waits();
  body.start();
  body = Body();
  EXPECT_FALSE(world.step());
}

TEST(Anytime, HappensAtAnyTimeOnceAndAtTheLatestWhenNothingElseDoes) {
  const Explored explored([](World& world) -> Body {
    Gate done;
    Chain other(world, "other.event", 2);
    std::size_t after = 0;
    int times = 0;
    Anytime action(world, "action", [&] {
      after = other.happened();
      ++times;
      done.open();
    });
    EXPECT_FALSE(action.happened());
    co_await done;
    EXPECT_TRUE(action.happened());
    EXPECT_EQ(times, 1);
    world.outcome(text("after ", after));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("after 0", "after 1", "after 2"));
}

TEST(Anytime, ComesBeforeTimersIfNothingIsDecided) {
  const Explored explored([](World& world) -> Body {
    Anytime action(world, "action", [] {});
    co_await sleep_for(world.loop(), absl::Seconds(1));  // virtual: the timer under test
    world.outcome(action.happened() ? "before the timer" : "not yet");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("before the timer", "not yet"));
  EXPECT_EQ(explored.report.outcomes.at("before the timer").count, 1u);
}

TEST(Anytime, IsWithdrawnByItsDestruction) {
  const Explored explored([](World& world) -> Body {
    bool happened = false;
    {
      Anytime action(world, "action", [&] { happened = true; });
      co_await world.yield();
    }
    const bool then = happened;
    co_await world.yield();
    EXPECT_EQ(happened, then);
    world.outcome(happened ? "happened" : "did not");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("did not", "happened"));
}

// --- bounds ---

TEST(StepBound, EndsABodyThatGoesOnForEver) {
  const Failure failure = failure_of(
      [](World& world) -> Body {
        for (;;) co_await world.yield();
      },
      WorldOptions().step_bound(50));
  EXPECT_EQ(failure.kind, FailureKind::endless);
  EXPECT_THAT(failure.text, HasSubstr("did not end within 50 steps"));
}

TEST(StepBound, IsNotReachedByABodyThatEndsAtIt) {
  const Explored explored(
      [](World& world) -> Body {
        for (int i = 0; i < 50; ++i) co_await world.yield();
      },
      ExploreOptions().world(WorldOptions().step_bound(50)));
  EXPECT_EQ(explored.report.steps, 50u);
}

TEST(TaskBound, EndsAStepThatDefersItselfForEver) {
  class Forever final : public LoopTask {
   public:
    explicit Forever(EventLoop& loop)
        : LoopTask([](LoopTask& task) noexcept {
            auto& self = static_cast<Forever&>(task);
            self.loop_.defer(self);
          }),
          loop_(loop) {}

   private:
    EventLoop& loop_;
  };
  const Failure failure = failure_of(
      [](World& world) -> Body {
        Forever forever(world.loop());
        world.loop().defer(forever);
        co_await world.yield();
      },
      WorldOptions().task_bound(20));
  EXPECT_EQ(failure.kind, FailureKind::endless);
  EXPECT_THAT(failure.text, HasSubstr("within 20 tasks"));
}

TEST(WorldOptions, SayWhatTheyAre) {
  const WorldOptions options =
      WorldOptions().timer_bound(1).step_bound(2).task_bound(3).horizon(absl::Seconds(4));
  EXPECT_EQ(options.to_string(), "timers 1, steps 2, tasks 3, horizon 4s");
}

// --- observations ---

// Says whether it is still there.
class Presence {
 public:
  explicit Presence(bool& gone) : gone_(gone) { gone_ = false; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  ~Presence() { gone_ = true; }

 private:
  bool& gone_;
};

TEST(Invariant, IsNotAskedWhenTheBodyIsOver) {
  bool gone = false;
  const Explored explored([&](World& world) -> Body {
    const Presence presence(gone);
    world.invariant("the body is there", [&] { return !gone; });
    co_await world.yield();
  });
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(Invariant, IsCheckedAfterEveryStepAndNamedWhenItBreaks) {
  const Failure failure = failure_of([](World& world) -> Body {
    const auto ahead = std::make_shared<int>(0);
    world.invariant("a is never ahead by two", [ahead] { return *ahead < 2; });
    Chain a(world, "a.event", 2, [&](std::size_t) { ++*ahead; });
    Chain b(world, "b.event", 2, [&](std::size_t) { --*ahead; });
    while (!a.finished() || !b.finished()) co_await world.yield();
  });
  EXPECT_EQ(failure.kind, FailureKind::invariant);
  EXPECT_EQ(failure.text, "a is never ahead by two");
}

TEST(Sometimes, IsContentWithOneExecutionInWhichItHappened) {
  const Explored explored([](World& world) -> Body {
    const std::size_t choice = world.choose(3, "c");
    world.sometimes("the last", choice == 2);
    world.sometimes("the last", false);
    co_return;
  });
  EXPECT_TRUE(explored.report.sometimes.at("the last"));
}

TEST(Sometimes, FailsAnExplorationInWhichItNeverHappened) {
  const Report report =
      explore_in_test("Sometimes.Never", ExploreOptions(), [](World& world) -> Body {
        world.sometimes("the impossible", world.choose(2, "c") == 2);
        co_return;
      });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failed_executions, 0u);
  EXPECT_THAT(report.problems.front(), HasSubstr("the impossible"));
}

TEST(WorldFail, FailsTheExecutionWithItsText) {
  const Failure failure = failure_of([](World& world) -> Body {
    if (world.choose(2, "c") == 1) world.fail("the second is wrong");
    co_return;
  });
  EXPECT_EQ(failure.kind, FailureKind::check);
  EXPECT_EQ(failure.text, "the second is wrong");
}

TEST(Leftovers, NameCallsTransportsAndTimers) {
  World world;
  EXPECT_THAT(world.leftovers(), IsEmpty());
  auto transport = world.transport();
  StreamPtr stream =
      transport->create_stream(world.loop(), StreamOptions("/a/b", CallKind::unary_unary));
  Timer timer([](Timer&) noexcept {});
  world.arm(timer, Instant() + absl::Seconds(1));
  world.wind_up();
  EXPECT_THAT(world.leftovers(),
              ElementsAre("1 of 1 calls never ended", "1 transports are still held",
                          "a timer is still armed"));
  stream.reset();
  transport.reset();
  timer.disarm();
  world.settle();
  EXPECT_THAT(world.leftovers(), IsEmpty());
}

}  // namespace
}  // namespace weft::sim
