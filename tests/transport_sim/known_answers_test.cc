// The explorer against counts that are known in closed form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "known_families.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using test::cancel_all;
using test::Chain;
using test::cuts;
using test::Gate;
using test::independent;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

ExploreOptions quiet(SearchMode mode) {
  return ExploreOptions().mode(mode);
}

std::size_t count(const BodyFunction& body, SearchMode mode = SearchMode::brute_force) {
  const Report report = explore(quiet(mode).executions(5'000'000), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.executions;
}

TEST(KnownAnswers, IndependentChainsHaveTheMultinomialNumberOfSchedules) {
  EXPECT_EQ(count(independent(2, 3)), 20u);
  EXPECT_EQ(count(independent(3, 3)), 1'680u);
  if (test::long_searches()) {
    EXPECT_EQ(count(independent(4, 3)), 369'600u);
  }
}

TEST(KnownAnswers, CancelAllHasItsClosedForm) {
  EXPECT_EQ(count(cancel_all(2, 3)), 140u);
  EXPECT_EQ(count(cancel_all(3, 3)), 16'800u);
  if (test::long_searches()) {
    EXPECT_EQ(count(cancel_all(4, 3)), 4'804'800u);
  }
}

TEST(KnownAnswers, CutHasItsClosedForm) {
  EXPECT_EQ(count(cuts(1, 0, 0, 1)), 3u);
  EXPECT_EQ(count(cuts(1, 1, 0, 1)), 4u);
  EXPECT_EQ(count(cuts(1, 1, 0, 2)), 7u);
  EXPECT_EQ(count(cuts(1, 1, 0, 3)), 10u);
  EXPECT_EQ(count(cuts(1, 1, 1, 1)), 13u);
  EXPECT_EQ(count(cuts(1, 1, 1, 3)), 31u);
}

TEST(KnownAnswers, SeveralCallsMultiplyByBruteForce) {
  EXPECT_EQ(count(cuts(2, 1, 0, 1)), 150u);
  EXPECT_EQ(count(cuts(2, 1, 0, 3)), 782u);
  EXPECT_EQ(count(cuts(2, 1, 1, 3)), 24'782u);
  EXPECT_EQ(count(cuts(3, 1, 0, 1)), 24'162u);
  if (test::long_searches()) {
    EXPECT_EQ(count(cuts(3, 1, 0, 3)), 252'114u);
  }
}

std::vector<std::size_t> levels(const BodyFunction& body) {
  const Report report = explore(quiet(SearchMode::levels), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  return report.levels;
}

TEST(KnownAnswers, LevelsHaveTheSizesOfTheTable) {
  EXPECT_THAT(levels(cuts(1, 1, 0, 1)), ElementsAre(1, 3));
  EXPECT_THAT(levels(cuts(1, 1, 0, 3)), ElementsAre(1, 9));
  EXPECT_THAT(levels(cuts(1, 1, 1, 3)), ElementsAre(1, 12, 18));
  EXPECT_THAT(levels(cuts(2, 1, 0, 1)), ElementsAre(1, 12, 39, 58, 40));
  EXPECT_THAT(levels(cuts(2, 1, 0, 3)), ElementsAre(1, 30, 195, 286, 270));
  EXPECT_THAT(levels(cuts(2, 1, 1, 3)), ElementsAre(1, 39, 435, 2035, 5442, 9117, 7713));
  EXPECT_THAT(levels(cuts(3, 1, 0, 1)), ElementsAre(1, 27, 249, 1172, 3437, 6558, 8175, 4543));
}

// Stirling numbers of the first kind: permutations by n minus their number of cycles.
TEST(KnownAnswers, LevelsOfMutuallyDependentEventsAreStirlingNumbers) {
  EXPECT_THAT(levels(independent(6, 1)), ElementsAre(1, 15, 85, 225, 274, 120));
  EXPECT_THAT(levels(independent(8, 1)),
              ElementsAre(1, 28, 322, 1'960, 6'769, 13'132, 13'068, 5'040));
}

// With a bound, all of the levels up to it, and it is said whether that was all.
TEST(KnownAnswers, DeviationsAreBoundedByTheSumsOfTheirLevels) {
  const std::vector<std::size_t> sums = {1, 16, 101, 326, 600, 720};
  for (std::size_t bound = 0; bound < sums.size(); ++bound) {
    const Report report = explore(quiet(SearchMode::levels).deviations(bound), independent(6, 1));
    EXPECT_EQ(report.executions, sums[bound]);
    EXPECT_EQ(report.verdict, bound < 5 ? Verdict::complete_within_bound : Verdict::complete);
  }
}

// So many schedules of each outcome, which is a number.
std::vector<std::size_t> by_outcome(const BodyFunction& body, SearchMode mode) {
  const Report report = explore(quiet(mode), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  std::vector<std::size_t> counts(report.outcomes.size());
  for (const auto& [text, outcome] : report.outcomes) counts.at(std::stoul(text)) = outcome.count;
  return counts;
}

// How many events each one overtakes, all together: what a bound of delays would bound.
Body six_writers_and_their_delay(World& world) {
  Gate all_done;
  std::vector<std::size_t> order;
  std::vector<std::unique_ptr<Chain>> writers;
  for (std::size_t i = 0; i < 6; ++i) {
    writers.push_back(
        std::make_unique<Chain>(world, "writer" + std::to_string(i), 1, [&, i](std::size_t) {
          order.push_back(i);
          if (order.size() == 6) all_done.open();
        }));
  }
  co_await all_done;
  std::size_t delay = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) delay += order[j] > order[i] ? 1 : 0;
  }
  world.outcome(std::to_string(delay));
}

// The Mahonian numbers: permutations by inversions.
TEST(KnownAnswers, DelaysOfWritersAreInversions) {
  for (const SearchMode mode : {SearchMode::brute_force, SearchMode::levels, SearchMode::reduced}) {
    EXPECT_THAT(by_outcome(&six_writers_and_their_delay, mode),
                ElementsAre(1, 5, 14, 29, 49, 71, 90, 101, 101, 90, 71, 49, 29, 14, 5, 1));
  }
}

// Readers that come before the writer, by whose delay they do so.
TEST(KnownAnswers, DelaysOfReadersAreBinomials) {
  const Report report = explore(quiet(SearchMode::reduced), test::models::readers(6).body());
  EXPECT_EQ(report.verdict, Verdict::complete);
  std::vector<std::size_t> counts(7);
  for (const auto& [trace, outcome] : report.outcomes) {
    const std::size_t before = trace.find("s0.0") / std::string_view("s1.0 ").size();
    counts.at(before) += outcome.count;
  }
  EXPECT_THAT(counts, ElementsAre(1, 6, 15, 20, 15, 6, 1));
}

// Each may strike before any of the events, and not after the last.
BodyFunction chain_and_faults(std::size_t length, std::size_t faults) {
  return [=](World& world) -> Body {
    Gate done;
    Chain chain(world, "chain.event", length, [&](std::size_t happened) {
      if (happened == length) done.open();
    });
    std::vector<std::unique_ptr<Chain>> strikes;
    for (std::size_t i = 0; i < faults; ++i) {
      strikes.push_back(std::make_unique<Chain>(world, "fault" + std::to_string(i), 1, nullptr,
                                                EventClass::fault));
    }
    co_await done;
  };
}

TEST(KnownAnswers, EachFaultIsADeviation) {
  EXPECT_THAT(levels(chain_and_faults(3, 1)), ElementsAre(1, 3));
  EXPECT_THAT(levels(chain_and_faults(3, 2)), ElementsAre(1, 6, 12));
  EXPECT_THAT(levels(chain_and_faults(4, 3)), ElementsAre(1, 12, 60, 120));
  const Report brute_force = explore(quiet(SearchMode::brute_force), chain_and_faults(4, 3));
  EXPECT_THAT(brute_force.levels, ElementsAre(1, 12, 60, 120));
  const Report bounded = explore(quiet(SearchMode::levels).deviations(1), chain_and_faults(4, 3));
  EXPECT_EQ(bounded.executions, 13u);
  EXPECT_EQ(bounded.verdict, Verdict::complete_within_bound);
}

class NotedTimer final : public Timer {
 public:
  NotedTimer(std::string name, std::function<void(const std::string&)> fired)
      : Timer([](Timer& timer) noexcept {
          auto& self = static_cast<NotedTimer&>(timer);
          self.fired_(self.name_);
        }),
        name_(std::move(name)),
        fired_(std::move(fired)) {}

 private:
  std::string name_;
  std::function<void(const std::string&)> fired_;
};

// A chain of events beside timers that are due after so many seconds. The outcome is the order of
// the timers.
BodyFunction chain_and_timers(std::size_t length, std::vector<int> seconds) {
  return [=](World& world) -> Body {
    Gate done;
    std::size_t left = length + seconds.size();
    const auto count_down = [&] {
      if (--left == 0) done.open();
    };
    Chain chain(world, "chain.event", length, [&](std::size_t) { count_down(); });
    std::string order;
    std::vector<std::unique_ptr<NotedTimer>> timers;
    for (const int due : seconds) {
      const auto fired = [&](const std::string& name) {
        order += name;
        count_down();
      };
      timers.push_back(std::make_unique<NotedTimer>(std::to_string(timers.size()), fired));
      world.loop().arm(*timers.back(), world.loop().now() + absl::Seconds(due));
    }
    co_await done;
    world.outcome(order);
  };
}

TEST(KnownAnswers, TimersOfDifferentInstantsMergeInTheirOrder) {
  for (const SearchMode mode : {SearchMode::brute_force, SearchMode::levels, SearchMode::reduced}) {
    const Report report = explore(quiet(mode), chain_and_timers(3, {30, 10, 20}));
    EXPECT_EQ(report.verdict, Verdict::complete);
    EXPECT_EQ(report.executions, 20u);
    EXPECT_THAT(report.outcomes, ElementsAre(Pair("120", testing::_)));
  }
}

TEST(KnownAnswers, TimersOfOneInstantRace) {
  for (const SearchMode mode : {SearchMode::brute_force, SearchMode::levels, SearchMode::reduced}) {
    const Report report = explore(quiet(mode), chain_and_timers(2, {10, 10, 10}));
    EXPECT_EQ(report.verdict, Verdict::complete);
    EXPECT_EQ(report.executions, 60u);
    EXPECT_THAT(report.outcomes, SizeIs(6));
  }
}

TEST(KnownAnswers, AllLevelsTogetherAreBruteForce) {
  for (const BodyFunction& body : {independent(3, 3), cancel_all(2, 3), cuts(2, 1, 0, 3)}) {
    EXPECT_EQ(count(body, SearchMode::levels), count(body, SearchMode::brute_force));
  }
}

}  // namespace
}  // namespace weft::sim
