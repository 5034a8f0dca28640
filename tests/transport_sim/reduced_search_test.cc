// The reduced search against closed forms, and against brute force.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "model_families.h"
#include "random_model.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

namespace models = test::models;
using test::Model;

Report explored(const Model& model, SearchMode mode) {
  const Report report = explore(
      ExploreOptions().name("Reduced.Test").mode(mode).executions(20'000'000), model.body());
  EXPECT_EQ(report.verdict, Verdict::complete);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report;
}

// The number of traces. None is executed twice; how many executions were blocked depends on the
// order of the search, so that is bounded only.
std::size_t traces(const Model& model, std::size_t blocked_max = 0) {
  const Report report = explored(model, SearchMode::reduced);
  // Each trace is an outcome; a report keeps the first of very many and counts the rest.
  EXPECT_EQ(report.outcomes.size() + report.other_outcomes, report.executions);
  EXPECT_LE(report.blocked_executions, blocked_max);
  return report.executions;
}

std::size_t schedules(const Model& model) {
  const Report levels = explored(model, SearchMode::levels);
  EXPECT_EQ(levels.executions, explored(model, SearchMode::brute_force).executions);
  return levels.executions;
}

TEST(Traces, OfIndependentChainsAreOne) {
  EXPECT_EQ(traces(models::independent(2, 3)), 1u);
  EXPECT_EQ(traces(models::independent(5, 3)), 1u);
  EXPECT_EQ(traces(models::independent(8, 8)), 1u);
  EXPECT_EQ(schedules(models::independent(2, 3)), 20u);
  EXPECT_EQ(schedules(models::independent(3, 3)), 1'680u);
}

TEST(Traces, OfWritersAreTheirPermutations) {
  EXPECT_EQ(traces(models::writers(3)), 6u);
  EXPECT_EQ(traces(models::writers(6)), 720u);
  EXPECT_EQ(traces(models::writers(8)), 40'320u);
}

TEST(Traces, OfReadersAreTheSetsOfThoseThatCameFirst) {
  EXPECT_EQ(traces(models::readers(2)), 4u);
  EXPECT_EQ(traces(models::readers(6)), 64u);
  EXPECT_EQ(traces(models::readers(8)), 256u);
  EXPECT_EQ(traces(models::readers(13)), 8'192u);
  EXPECT_EQ(traces(models::readers(1, 5)), 720u);
}

TEST(Traces, OfIncrementsAreTheSquareOfTheirPermutations) {
  EXPECT_EQ(traces(models::increments(2)), 4u);
  EXPECT_EQ(traces(models::increments(3)), 36u);
  EXPECT_EQ(traces(models::increments(4)), 576u);
  EXPECT_EQ(traces(models::increments(5)), 14'400u);
}

TEST(Traces, OfCompareAndSwapsAreThoseThatCanWin) {
  for (std::size_t count = 2; count <= 7; ++count) {
    EXPECT_EQ(traces(models::compare_and_swaps(count), 64), count);
  }
}

TEST(Traces, OfTheLastZeroHaveTheirClosedForm) {
  EXPECT_EQ(traces(models::last_zero(2), 33), 5u);
  EXPECT_EQ(traces(models::last_zero(3), 33), 12u);
  EXPECT_EQ(traces(models::last_zero(4), 33), 28u);
  EXPECT_EQ(traces(models::last_zero(5), 66), 64u);
  EXPECT_EQ(traces(models::last_zero(6), 250), 144u);
  EXPECT_EQ(traces(models::last_zero(10), 30'000), 3'328u);
}

TEST(Traces, OfCancelAllAreWhereItMayStrikeEachChain) {
  EXPECT_EQ(traces(models::cancel_all(2, 3)), 16u);
  EXPECT_EQ(traces(models::cancel_all(3, 3)), 64u);
  EXPECT_EQ(traces(models::cancel_all(4, 3)), 256u);
  EXPECT_EQ(traces(models::cancel_all(6, 3)), 4'096u);
  EXPECT_EQ(schedules(models::cancel_all(2, 3)), 140u);
  EXPECT_EQ(schedules(models::cancel_all(3, 3)), 16'800u);
}

TEST(Traces, OfASharedTailAreThePermutationsOfTheTails) {
  EXPECT_EQ(traces(models::shared_tail(2, 3)), 2u);
  EXPECT_EQ(traces(models::shared_tail(5, 3), 50), 120u);
  EXPECT_EQ(traces(models::shared_tail(7, 4), 3'000), 5'040u);
}

TEST(Traces, OfOneCallAreItsSchedules) {
  EXPECT_EQ(traces(models::cuts(1, 0, 0, 1)), 3u);
  EXPECT_EQ(traces(models::cuts(1, 1, 0, 1)), 4u);
  EXPECT_EQ(traces(models::cuts(1, 1, 0, 2)), 7u);
  EXPECT_EQ(traces(models::cuts(1, 1, 0, 3)), 10u);
  EXPECT_EQ(traces(models::cuts(1, 1, 1, 1)), 13u);
  EXPECT_EQ(traces(models::cuts(1, 1, 1, 3)), 31u);
}

TEST(Traces, OfIsolatedCallsMultiply) {
  EXPECT_EQ(traces(models::cuts(2, 1, 0, 1)), 16u);
  EXPECT_EQ(traces(models::cuts(3, 1, 0, 1)), 64u);
  EXPECT_EQ(traces(models::cuts(2, 1, 0, 3)), 100u);
  EXPECT_EQ(traces(models::cuts(3, 1, 0, 3)), 1'000u);
  EXPECT_EQ(traces(models::cuts(2, 1, 1, 3)), 961u);
  EXPECT_EQ(traces(models::cuts(3, 1, 1, 3)), 29'791u);
}

TEST(Traces, OfCallsThatShareEverythingAreTheirSchedules) {
  EXPECT_EQ(traces(models::cuts(2, 1, 0, 1, true)), 150u);
  EXPECT_EQ(traces(models::cuts(2, 1, 0, 3, true)), 782u);
  EXPECT_EQ(traces(models::cuts(2, 1, 1, 3, true)), 24'782u);
  EXPECT_EQ(schedules(models::cuts(2, 1, 0, 3)), 782u);
  EXPECT_EQ(schedules(models::cuts(3, 1, 0, 1)), 24'162u);
}

TEST(Traces, OfLateEventsHaveTheirClosedForm) {
  EXPECT_EQ(traces(models::late(3, 1)), 4u);
  EXPECT_EQ(traces(models::late(3, 2)), 20u);
  EXPECT_EQ(traces(models::late(3, 3)), 120u);
  EXPECT_EQ(traces(models::late(5, 3)), 336u);
}

// A fault strikes only as long as something else can happen, so what happens last is not
// independent of it, whatever both touch.
TEST(Traces, OfAFaultAreThoseWithAndWithoutIt) {
  Model model = models::independent(2, 1);
  model.sources[1].event_class = EventClass::fault;
  EXPECT_EQ(schedules(model), 2u);
  EXPECT_EQ(traces(model), 2u);
}

std::set<std::string> outcomes(const Report& report) {
  std::set<std::string> all;
  for (const auto& [text, outcome] : report.outcomes) all.insert(text);
  return all;
}

std::size_t models_to_try() {
  const char* text = std::getenv("WEFT_RANDOM_MODELS");
  return text == nullptr ? 2'000 : static_cast<std::size_t>(std::atoll(text));
}

// The set of traces is that of brute force, and none is executed twice; unless events ask for
// values: what one of them sleeps for is what it would do with any.
TEST(RandomModels, HaveTheSameTracesReducedAsByBruteForce) {
  std::size_t executions = 0;
  std::size_t blocked = 0;
  for (std::uint32_t seed = 0; seed < models_to_try(); ++seed) {
    const Model model = test::random_model(seed);
    const Report all = explored(model, SearchMode::brute_force);
    const Report reduced = explored(model, SearchMode::reduced);
    ASSERT_EQ(outcomes(reduced), outcomes(all)) << "model " << seed;
    if (!test::random_model_asks(seed)) {
      ASSERT_EQ(reduced.outcomes.size(), reduced.executions) << "model " << seed;
    }
    executions += reduced.executions;
    blocked += reduced.blocked_executions;
  }
  RecordProperty("executions", std::to_string(executions));
  RecordProperty("blocked", std::to_string(blocked));
}

}  // namespace
}  // namespace weft::sim
