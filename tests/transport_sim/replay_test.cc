// Tokens that fit, and those that do not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "chain.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Gate;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ExploreOptions named(std::string_view name = "Replay.Test") {
  return ExploreOptions().name(name);
}

// Fails when the cancel comes before the second event. `first` names the chain.
BodyFunction cancelled_chain(std::string first = "call1.event", std::size_t length = 3) {
  return [=](World& world) -> Body {
    Gate done;
    std::size_t left = 2;
    Chain chain(world, first, length, [&](std::size_t happened) {
      if (happened == length && --left == 0) done.open();
    });
    Chain cancel(
        world, "call1.cancel", 1,
        [&](std::size_t) {
          if (chain.happened() < 2) world.fail("cancelled too early");
          if (--left == 0) done.open();
        },
        EventClass::action);
    co_await done;
  };
}

std::string failing_token() {
  const Report report = explore(named(), cancelled_chain());
  return report.counterexample->token;
}

TEST(Replay, RunsThatOneScheduleAndFailsAsBefore) {
  const Report report = explore(named().replay(failing_token()), cancelled_chain());
  EXPECT_EQ(report.verdict, Verdict::replayed);
  EXPECT_EQ(report.executions, 1u);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().text, "cancelled too early");
  EXPECT_EQ(report.counterexample->token, failing_token());
  EXPECT_THAT(report.warnings, ElementsAre());
}

TEST(Replay, OfAnyTokenGivesTheSameTraceEachTime) {
  const std::string token = failing_token();
  std::string first;
  for (int i = 0; i < 100; ++i) {
    const Report report = explore(named().replay(token), cancelled_chain());
    const std::string text = timeline_text(Timeline("test", report.counterexample->trace), false);
    if (i == 0) first = text;
    ASSERT_EQ(text, first);
  }
}

TEST(Replay, RefusesWhatIsNoToken) {
  const Report report = explore(named().replay("cs1~!!"), cancelled_chain());
  EXPECT_EQ(report.executions, 0u);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("cannot replay")));
}

TEST(Replay, RefusesATruncatedToken) {
  const std::string token = failing_token();
  for (std::size_t length = 0; length < token.size(); ++length) {
    const Report report =
        explore(named().replay("  " + token.substr(0, length)), cancelled_chain());
    EXPECT_FALSE(report.ok()) << length;
    EXPECT_EQ(report.executions, 0u) << length;
  }
}

TEST(Replay, RefusesATokenOfAnotherTest) {
  const Report report = explore(named("Replay.Other").replay(failing_token()), cancelled_chain());
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("belongs to another test")));
}

TEST(Replay, RefusesATokenMadeUnderOtherBounds) {
  const Report report = explore(
      named().world(WorldOptions().timer_bound(1)).replay(failing_token()), cancelled_chain());
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("other options")));
}

TEST(Replay, SaysWhereAStaleTokenDoesNotFit) {
  const auto renamed = [](World& world) -> Body {
    Gate done;
    Chain chain(world, "call1.event", 3, [&](std::size_t happened) {
      if (happened == 3) done.open();
    });
    Chain other(world, "call1.abort", 1, nullptr, EventClass::action);
    co_await done;
  };
  const Report report = explore(named().replay(failing_token()), BodyFunction(renamed));
  EXPECT_THAT(report.problems,
              ElementsAre(AllOf(HasSubstr("does not fit this program any more"),
                                HasSubstr("1. deviation, at decision 0"), HasSubstr("call1.event"),
                                HasSubstr("call1.abort"))));
}

TEST(Replay, SaysThatAnExecutionEndedBeforeTheTokenDid) {
  const auto shorter = [](World& world) -> Body { co_await world.yield(); };
  const Report report = explore(named().replay(failing_token()), BodyFunction(shorter));
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("the execution ended after 0 decisions")));
}

TEST(Replay, FindsADeviationAtAnotherIndexByItsLabel) {
  const auto more = [](World& world) -> Body {
    Gate done;
    Chain extra(world, "extra", 1);
    Chain chain(world, "call1.event", 3, [&](std::size_t happened) {
      if (happened == 3) done.open();
    });
    Chain cancel(
        world, "call1.cancel", 1, [&](std::size_t) { world.fail("cancelled too early"); },
        EventClass::action);
    co_await done;
  };
  const Report report = explore(named().replay(failing_token()), BodyFunction(more));
  EXPECT_TRUE(report.counterexample.has_value());
  EXPECT_THAT(report.warnings,
              ElementsAre(HasSubstr("at another index"), HasSubstr("changed elsewhere")));
}

TEST(Replay, WarnsWhenTheProgramChangedElsewhere) {
  const Report report = explore(named().replay(failing_token()), cancelled_chain("call1.event", 4));
  EXPECT_TRUE(report.counterexample.has_value());
  EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("changed elsewhere")));
}

TEST(Replay, NearATokenFindsTheFailureThatMoved) {
  // The first step is new, so that the token's deviation is one decision too early.
  const auto moved = [](World& world) -> Body {
    Gate done;
    std::unique_ptr<Chain> cancel;
    Chain other(world, "other", 1);
    Chain chain(world, "call1.event", 3, [&](std::size_t happened) {
      if (happened == 1) {
        cancel = std::make_unique<Chain>(
            world, "call1.cancel", 1, [&](std::size_t) { world.fail("cancelled too early"); },
            EventClass::action);
      }
      if (happened == 3) done.open();
    });
    co_await done;
  };
  const Report report = explore(named().replay(failing_token()).replay_near(), BodyFunction(moved));
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().text, "cancelled too early");
}

}  // namespace
}  // namespace weft::sim
