// What the explorer says, and when: verdicts, budgets, oracles, shrinking.

#include "weft/transport_sim/explore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "chain.h"
#include "echo_method.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Gate;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::SizeIs;

constexpr UnaryStreamMethod<std::string, std::string> watch("/test.Echo/Watch");

ExploreOptions named(std::string_view name = "Explorer.Test") {
  return ExploreOptions().name(name);
}

// Two chains of three; fails when `fails` says so of the order in which they went on.
BodyFunction two_chains(std::function<bool(const std::string&)> fails) {
  return [fails = std::move(fails)](World& world) -> Body {
    Gate done;
    std::string order;
    const auto write_down = [&](char name) {
      return [&order, &done, name](std::size_t) {
        order += name;
        if (order.size() == 6) done.open();
      };
    };
    Chain a(world, "a.event", 3, write_down('a'));
    Chain b(world, "b.event", 3, write_down('b'));
    co_await done;
    if (fails(order)) world.fail("the order was bad");
    world.outcome(order.substr(0, 1) + " first");
  };
}
bool never(const std::string&) {
  return false;
}

std::string all(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Verdict, IsCompleteWhenEveryScheduleWasTried) {
  const Report report = explore(named(), two_chains(never));
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_EQ(report.executions, 20u);
  EXPECT_THAT(report.to_string(),
              HasSubstr("[ COMPLETE ] Explorer.Test: 20 schedules, all passed"));
}

TEST(Verdict, NamesTheBoundWithinWhichItHolds) {
  const Report report = explore(named().deviations(1), two_chains(never));
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.verdict, Verdict::complete_within_bound);
  EXPECT_THAT(report.to_string(), HasSubstr("every schedule with at most 1 deviation"));
  EXPECT_GT(report.open_schedules, 0u);
}

TEST(Verdict, IsCompleteWhenTheBoundLeftNothingOut) {
  const Report report = explore(named().deviations(9), two_chains(never));
  EXPECT_EQ(report.verdict, Verdict::complete);
}

TEST(Verdict, OfASearchThatWasCutShortIsAFailure) {
  const Report report = explore(named().executions(7), two_chains(never));
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_EQ(report.executions, 7u);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("incomplete")));
}

TEST(Verdict, MayBeIncompleteWhenTheTestSaysSo) {
  for (const SearchMode mode : {SearchMode::levels, SearchMode::brute_force}) {
    const Report report =
        explore(named().mode(mode).executions(7).allow_incomplete(), two_chains(never));
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(report.verdict, Verdict::incomplete);
    EXPECT_THAT(report.verdict_line(), HasSubstr("INCOMPLETE"));
  }
}

TEST(Verdict, IsIncompleteWhenRealTimeIsUp) {
  const Report report = explore(named().time_limit(absl::ZeroDuration()), [](World& world) -> Body {
    for (int i = 0; i < 12; ++i) (void)world.choose(2, "bit");
    co_return;
  });
  EXPECT_EQ(report.verdict, Verdict::incomplete);
}

TEST(Outcomes, AreCountedEachWithATokenThatGivesIt) {
  const Report report = explore(named(), two_chains(never));
  ASSERT_THAT(report.outcomes, ElementsAre(Key("a first"), Key("b first")));
  EXPECT_EQ(report.outcomes.at("a first").count, 10u);
  const Report replayed =
      explore(named().replay(report.outcomes.at("b first").example), two_chains(never));
  EXPECT_TRUE(replayed.ok()) << replayed.to_string();
  EXPECT_THAT(replayed.outcomes, ElementsAre(Key("b first")));
}

TEST(Expectations, OnTheNumberOfSchedulesFailWhenItDiffers) {
  const auto body = [](World& world) -> Body {
    world.expect_schedules(3);
    (void)world.choose(2, "bit");
    co_return;
  };
  const Report report = explore(named(), body);
  EXPECT_THAT(report.problems, ElementsAre("expected 3 schedules, but there are 2"));
}

TEST(Expectations, OnWhatHappensSometimesFailWhenItNeverDoes) {
  const auto body = [](World& world) -> Body {
    const std::size_t bit = world.choose(2, "bit");
    world.sometimes("one", bit == 1);
    world.sometimes("two", bit == 2);
    co_return;
  };
  const Report report = explore(named(), body);
  EXPECT_THAT(report.problems, ElementsAre("\"two\" should happen sometimes, and never did"));
}

TEST(Shrinking, FindsTheFewestDeviationsInEveryMode) {
  const auto fails = [](const std::string& order) { return order.find("ba") == 0; };
  for (const SearchMode mode : {SearchMode::levels, SearchMode::brute_force}) {
    const Report report = explore(named().mode(mode), two_chains(fails));
    ASSERT_TRUE(report.counterexample.has_value());
    const Counterexample& example = *report.counterexample;
    EXPECT_THAT(example.schedule, SizeIs(1)) << report.to_string();
    EXPECT_TRUE(example.deterministic);
    ASSERT_THAT(example.facts, SizeIs(1));
    EXPECT_EQ(example.facts[0].to_string(), "b.event BEFORE a.event");
    ASSERT_TRUE(example.nearest_passing.has_value());
    EXPECT_EQ(example.nearest_passing->outcome, "a first");
  }
}

TEST(Shrinking, LeavesTheDefaultOrderWhenThatFailsAlready) {
  const Report report = explore(named().mode(SearchMode::brute_force),
                                two_chains([](const std::string&) { return true; }));
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_THAT(report.counterexample->schedule, SizeIs(0));
  EXPECT_THAT(report.to_string(), HasSubstr("fails in the default order already"));
}

TEST(Failures, AreAllCountedWhenTheSearchKeepsGoing) {
  const Report report = explore(
      named().keep_going(), two_chains([](const std::string& order) { return order[0] == 'b'; }));
  EXPECT_EQ(report.failed_executions, 10u);
  EXPECT_EQ(report.executions, 20u);
  EXPECT_FALSE(report.ok());
}

TEST(Oracles, AHangNamesEveryCoroutineThatWaits) {
  const auto body = [](World& world) -> Body {
    world.server().script(watch, Script().headers());  // and silence
    Channel channel(world.transport(), world.loop());
    auto call = channel.unary_stream(watch, "x");
    (void)co_await call.read();
  };
  const Report report = explore(named(), body);
  ASSERT_TRUE(report.counterexample.has_value());
  const Failure& failure = report.counterexample->failures.front();
  EXPECT_EQ(failure.kind, FailureKind::hang);
  EXPECT_THAT(failure.text, AllOf(HasSubstr("unfinished"), HasSubstr("suspended: read of call1"),
                                  HasSubstr("explorer_test.cc:")));
}

TEST(Oracles, AHangOfAHandlerIsNamedAsWell) {
  const auto body = [](World& world) -> Body {
    world.server().serve(watch, [](const std::string&, auto& call) -> Task<absl::Status> {
      co_await call.until_cancelled();
      co_return absl::OkStatus();
    });
    Channel channel(world.transport(), world.loop());
    auto call = channel.unary_stream(watch, "x");
    co_await call.status();
  };
  const Report report = explore(named(), body);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_THAT(report.counterexample->failures.front().text,
              AllOf(HasSubstr("suspended: status of call1"),
                    HasSubstr("suspended: until_cancelled of the handler of call1")));
}

TEST(Oracles, ABodyThatNeverEndsIsStoppedByTheBoundOfSteps) {
  const auto body = [](World& world) -> Body {
    for (;;) co_await world.yield();
  };
  const Report report = explore(named().world(WorldOptions().step_bound(50)), body);
  EXPECT_THAT(all(report.problems), HasSubstr("the body did not end within 50 steps"));
}

TEST(Oracles, AStepThatNeverEndsIsStoppedByTheBoundOfTasks) {
  const auto body = [](World& world) -> Body {
    class Again final : public LoopTask {
     public:
      explicit Again(EventLoop& event_loop)
          : LoopTask([](LoopTask& task) noexcept {
              auto& self = static_cast<Again&>(task);
              self.loop.defer(self);
            }),
            loop(event_loop) {}
      EventLoop& loop;
    };
    Again again(world.loop());
    world.loop().defer(again);
    co_await world.yield();
  };
  const Report report = explore(named().world(WorldOptions().task_bound(1000)), body);
  EXPECT_THAT(all(report.problems), HasSubstr("a step did not end within 1000 tasks"));
}

TEST(Oracles, AnExceptionThatLeavesTheBodyIsAFailure) {
  const auto body = [](World& world) -> Body {
    co_await world.yield();
    throw std::runtime_error("out of luck");
  };
  const Report report = explore(named(), body);
  EXPECT_THAT(all(report.problems), HasSubstr("out of luck"));
}

TEST(Oracles, ACallThatOutlivesTheBodyIsALeak) {
  auto leaked = std::make_shared<std::vector<std::unique_ptr<Channel>>>();
  auto calls = std::make_shared<std::vector<UnaryStreamCall<std::string, std::string>>>();
  const auto body = [leaked, calls](World& world) -> Body {
    world.server().script(watch, Script().headers());
    leaked->push_back(std::make_unique<Channel>(world.transport(), world.loop()));
    calls->push_back(leaked->back()->unary_stream(watch, "x"));
    co_await world.yield();
  };
  const Report report = explore(named(), body);
  EXPECT_THAT(all(report.problems), HasSubstr("1 of 1 calls never ended"));
  EXPECT_EQ(report.counterexample->failures.front().kind, FailureKind::leak);
  calls->clear();
  leaked->clear();
}

TEST(Oracles, ATimerThatIsStillArmedIsALeak) {
  auto timer = std::make_shared<Timer>([](Timer&) noexcept {});
  const auto body = [timer](World& world) -> Body {
    world.loop().arm(*timer, world.loop().now() + absl::Seconds(1));
    co_return;
  };
  const Report report = explore(named(), body);
  EXPECT_THAT(all(report.problems), HasSubstr("a timer is still armed"));
  timer->disarm();
}

TEST(Oracles, AnInvariantIsCheckedAfterEveryStep) {
  const auto body = [](World& world) -> Body {
    auto balance = std::make_shared<int>(0);
    world.invariant("the balance is never negative", [balance] { return *balance >= 0; });
    Gate done;
    int left = 2;
    Chain pay_in(world, "pay_in", 1, [&, balance](std::size_t) {
      ++*balance;
      if (--left == 0) done.open();
    });
    Chain pay_out(world, "pay_out", 1, [&, balance](std::size_t) {
      --*balance;
      if (--left == 0) done.open();
    });
    co_await done;
  };
  const Report report = explore(named(), body);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().text, "the balance is never negative");
  EXPECT_EQ(report.counterexample->facts.front().to_string(), "pay_out BEFORE pay_in");
}

TEST(Determinism, AStateThatOutlivesAnExecutionIsFound) {
  auto runs = std::make_shared<int>(0);
  const auto body = [runs](World& world) -> Body {
    const int run = ++*runs;
    for (int i = 0; i < run % 3; ++i) (void)world.choose(2, "bit");
    co_return;
  };
  const Report report = explore(named(), body);
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(all(report.problems), HasSubstr("nondeterminism"));
}

TEST(Determinism, TheFirstExecutionsRunTwice) {
  EXPECT_GE(explore(named(), two_chains(never)).checked_twice, 3u);
}

}  // namespace
}  // namespace weft::sim
