// What a reduced search makes of calls that say that they share nothing.

#include "weft/transport_sim/isolated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "echo_method.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/shared.h"

namespace weft::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ExploreOptions in_mode(SearchMode mode) {
  return ExploreOptions().name("Isolation.Test").mode(mode);
}

std::set<std::string> outcomes(const Report& report) {
  std::set<std::string> all;
  for (const auto& [text, outcome] : report.outcomes) all.insert(text);
  return all;
}

std::shared_ptr<Transport> transport_of(World& world) {
  world.server().script(echo, Script().read_all().message("hello").finish());
  return world.transport("server", SimTransportOptions().connected());
}

Task<> call_against_cancel(World& world, Channel& channel, std::string name) {
  auto call = channel.unary_unary(echo, "you");
  Anytime cancel(world, name, [&] { call.cancel(); });
  (void)co_await call;
}

Task<> one_call(World& world) {
  Channel channel(transport_of(world), world.loop());
  auto call = call_against_cancel(world, channel, "call1.cancel");
  co_await std::move(call);
}

Task<> two_calls(World& world) {
  Channel channel(transport_of(world), world.loop());
  auto first = call_against_cancel(world, channel, "call1.cancel");
  auto second = call_against_cancel(world, channel, "call2.cancel");
  co_await when_all(std::move(first), std::move(second));
}

Task<> two_isolated_calls(World& world) {
  Channel channel(transport_of(world), world.loop());
  auto first = call_against_cancel(world, channel, "call1.cancel");
  auto second = call_against_cancel(world, channel, "call2.cancel");
  co_await isolated(world, std::move(first), std::move(second));
}

TEST(Isolation, MakesTheTracesOfTwoCallsTheProductOfThoseOfEach) {
  const Report one = explore(in_mode(SearchMode::reduced), &one_call);
  const Report two = explore(in_mode(SearchMode::reduced), &two_isolated_calls);
  ASSERT_TRUE(one.ok()) << one.to_string();
  ASSERT_TRUE(two.ok()) << two.to_string();
  EXPECT_EQ(two.executions, one.executions * one.executions);
  EXPECT_EQ(two.blocked_executions, 0u);
}

TEST(Isolation, LosesNoOutcome) {
  const Report all = explore(in_mode(SearchMode::levels), &two_isolated_calls);
  const Report reduced = explore(in_mode(SearchMode::reduced), &two_isolated_calls);
  EXPECT_EQ(outcomes(reduced), outcomes(all));
  EXPECT_LT(reduced.executions * 10, all.executions);
}

TEST(Isolation, IsNotAssumed) {
  const Report all = explore(in_mode(SearchMode::levels), &two_calls);
  const Report reduced = explore(in_mode(SearchMode::reduced), &two_calls);
  EXPECT_EQ(outcomes(reduced), outcomes(all));
  const Report isolated_calls = explore(in_mode(SearchMode::reduced), &two_isolated_calls);
  EXPECT_GT(reduced.executions, isolated_calls.executions);
}

TEST(Isolation, ChangesNothingForOtherSearches) {
  EXPECT_EQ(explore(in_mode(SearchMode::levels), &two_isolated_calls).executions,
            explore(in_mode(SearchMode::levels), &two_calls).executions);
}

TEST(Isolation, RethrowsTheFirstExceptionWhenAllAreOver) {
  const auto body = [](World& world) -> Task<> {
    const auto throws = [](World& its_world) -> Task<> {
      co_await its_world.yield();
      throw std::runtime_error("out of luck");
    };
    bool other_is_over = false;
    const auto other = [](World& its_world, bool& over) -> Task<> {
      co_await its_world.yield();
      co_await its_world.yield();
      over = true;
    };
    auto first = throws(world);
    auto second = other(world, other_is_over);
    try {
      co_await isolated(world, std::move(first), std::move(second));
      world.fail("nothing was thrown");
    } catch (const std::runtime_error&) {
      if (!other_is_over) world.fail("the other one was not awaited");
    }
  };
  const Report report = explore(in_mode(SearchMode::reduced), body);
  EXPECT_TRUE(report.ok()) << report.to_string();
}

Task<> append(World& world, Shared<std::string>& text, char what) {
  co_await world.yield();
  text.write() += what;
}

TEST(Isolation, LeavesTheOrdersOfWhatIsSharedToTheSearch) {
  const auto body = [](World& world) -> Task<> {
    Shared<std::string> text(world);
    auto a = append(world, text, 'a');
    auto b = append(world, text, 'b');
    auto c = append(world, text, 'c');
    co_await isolated(world, std::move(a), std::move(b), std::move(c));
    world.outcome(text.read());
  };
  const Report report = explore(in_mode(SearchMode::reduced), body);
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_THAT(outcomes(report), ElementsAre("abc", "acb", "bac", "bca", "cab", "cba"));
}

Task<> append_undeclared(World& world, std::string& text, char what) {
  co_await world.yield();
  text += what;
}

TEST(Audit, FindsWhatIsolatedCodeSharesAllTheSame) {
  const auto body = [](World& world) -> Task<> {
    std::string text;
    auto a = append_undeclared(world, text, 'a');
    auto b = append_undeclared(world, text, 'b');
    co_await isolated(world, std::move(a), std::move(b));
    world.outcome(text);
  };
  const Report report = explore(in_mode(SearchMode::reduced), body);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_THAT(report.problems.front(),
              HasSubstr("undeclared dependence between step body.yield and step body.yield#2"));
  EXPECT_NE(report.verdict, Verdict::complete);
}

TEST(Audit, ComparesWhatCodeObserves) {
  const auto body = [](World& world) -> Task<> {
    int count = 0;
    const auto look = [](World& its_world, int& its_count) -> Task<> {
      co_await its_world.yield();
      its_world.observe(static_cast<std::uint64_t>(++its_count));
    };
    auto a = look(world, count);
    auto b = look(world, count);
    co_await isolated(world, std::move(a), std::move(b));
  };
  const Report report = explore(in_mode(SearchMode::reduced), body);
  ASSERT_FALSE(report.problems.empty());
  EXPECT_THAT(report.problems.front(), HasSubstr("undeclared dependence"));
}

Task<> set(World& world, Shared<int>& number, int to) {
  co_await world.yield();
  number.write() = to;
}

// Whether both are ever set, or one alone, depends on the order of their writes. A third coroutine
// has nothing to do with either.
Task<> three_isolated_writers(World& world, Shared<int>& a, Shared<int>& b, Shared<int>& c) {
  auto first = set(world, a, 1);
  auto second = set(world, b, 1);
  auto third = set(world, c, 1);
  co_await isolated(world, std::move(first), std::move(second), std::move(third));
}

Task<> body_with_a_broken_invariant(World& world) {
  Shared<int> a(world), b(world), c(world);
  world.invariant("a before b", {a, b}, [&] { return a.read() >= b.read(); });
  co_await three_isolated_writers(world, a, b, c);
}

TEST(Invariants, ThatNameWhatTheyLookAtAreFoundBrokenInAReducedSearch) {
  for (const SearchMode mode : {SearchMode::levels, SearchMode::reduced}) {
    const Report report = explore(in_mode(mode), &body_with_a_broken_invariant);
    ASSERT_TRUE(report.counterexample.has_value()) << report.to_string();
    EXPECT_EQ(report.counterexample->failures.front().kind, FailureKind::invariant);
  }
}

TEST(Invariants, ThatNameWhatTheyLookAtLeaveTheRestIndependent) {
  const auto executions = [](bool names) {
    return explore(in_mode(SearchMode::reduced),
                   [names](World& world) -> Task<> {
                     Shared<int> a(world), b(world), c(world);
                     const auto holds = [&] { return a.read() + b.read() <= 2; };
                     if (names) {
                       world.invariant("at most two", {a, b}, holds);
                     } else {
                       world.invariant("at most two", holds);
                     }
                     co_await three_isolated_writers(world, a, b, c);
                   })
        .executions;
  };
  EXPECT_EQ(executions(true), 2u);  // which of the two comes first
  EXPECT_EQ(executions(false), 6u);
}

TEST(Invariants, HoldFromTheBeginning) {
  for (const SearchMode mode : {SearchMode::levels, SearchMode::reduced}) {
    const Report report = explore(in_mode(mode), [](World& world) -> Task<> {
      Shared<int> a(world, 5);
      world.invariant("small", {a}, [&] { return a.read() < 5; });
      co_await world.yield();
    });
    ASSERT_TRUE(report.counterexample.has_value()) << report.to_string();
  }
}

}  // namespace
}  // namespace weft::sim
