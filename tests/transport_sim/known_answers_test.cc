// The explorer against counts that are known in closed form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "model_families.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using test::cancel_all;
using test::cuts;
using test::independent;
using ::testing::ElementsAre;

ExploreOptions quiet(SearchMode mode) {
  return ExploreOptions().mode(mode);
}

std::size_t count(const BodyFunction& body, SearchMode mode = SearchMode::brute_force) {
  const Report report = explore(quiet(mode).executions(2'000'000), body);
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.executions;
}

TEST(KnownAnswers, IndependentChainsHaveTheMultinomialNumberOfSchedules) {
  EXPECT_EQ(count(independent(2, 3)), 20u);
  EXPECT_EQ(count(independent(3, 3)), 1'680u);
  EXPECT_EQ(count(independent(4, 3)), 369'600u);
}

TEST(KnownAnswers, CancelAllHasItsClosedForm) {
  EXPECT_EQ(count(cancel_all(2, 3)), 140u);
  EXPECT_EQ(count(cancel_all(3, 3)), 16'800u);
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
  EXPECT_EQ(count(cuts(3, 1, 0, 3)), 252'114u);
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

TEST(KnownAnswers, AllLevelsTogetherAreBruteForce) {
  for (const BodyFunction& body : {independent(3, 3), cancel_all(2, 3), cuts(2, 1, 1, 3)}) {
    EXPECT_EQ(count(body, SearchMode::levels), count(body, SearchMode::brute_force));
  }
}

}  // namespace
}  // namespace weft::sim
