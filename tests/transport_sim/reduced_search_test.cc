// The reduced search against closed forms, and against brute force.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "known_families.h"
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

std::set<std::string> outcomes(const Report& report) {
  std::set<std::string> all;
  for (const auto& [text, outcome] : report.outcomes) all.insert(text);
  return all;
}

std::size_t most_executions() {
  return test::long_searches() ? 400'000 : 1'700;
}

class FamilyOfModels : public testing::TestWithParam<test::Family> {};

// None is executed twice. (Each trace is an outcome; a report keeps the first of very many and
// counts the rest.)
using Traces = FamilyOfModels;
TEST_P(Traces, AreAsManyAsAreKnown) {
  const Report report = explored(GetParam().model, SearchMode::reduced);
  EXPECT_EQ(report.executions, GetParam().traces);
  EXPECT_EQ(report.outcomes.size() + report.other_outcomes, report.executions);
  EXPECT_LE(report.blocked_executions, GetParam().blocked_max);
  RecordProperty("blocked", std::to_string(report.blocked_executions));
}
INSTANTIATE_TEST_SUITE_P(Of, Traces,
                         testing::ValuesIn(test::Families::with_traces(most_executions())),
                         testing::PrintToStringParamName());

using Schedules = FamilyOfModels;
TEST_P(Schedules, AreAsManyAsAreKnownInEachMode) {
  const Report all = explored(GetParam().model, SearchMode::brute_force);
  if (GetParam().schedules != test::Family::few) {
    EXPECT_EQ(all.executions, GetParam().schedules);
  }
  const Report levels = explored(GetParam().model, SearchMode::levels);
  EXPECT_EQ(levels.executions, all.executions);
  EXPECT_EQ(levels.other_outcomes > 0, all.other_outcomes > 0);
  if (all.other_outcomes > 0) return;  // a report keeps the first of very many: others by each mode
  EXPECT_EQ(outcomes(levels), outcomes(all));
  EXPECT_EQ(all.outcomes.size(), GetParam().traces);
}
INSTANTIATE_TEST_SUITE_P(Of, Schedules,
                         testing::ValuesIn(test::Families::with_schedules(most_executions())),
                         testing::PrintToStringParamName());

// The table must not lose what it was made for.
TEST(Families, OfTheTableAreAllThere) {
  std::set<std::string> names;
  for (const test::Family& family : test::Families::with_traces(most_executions()))
    names.insert(family.name);
  for (const char* name :
       {"writers_6", "writers_and_a_reader_5", "readers_8", "increments_4", "two_counters_4",
        "compare_and_swaps_7", "last_zero_5", "independent_5_3", "cancel_all_4_3",
        "shared_tail_5_3", "calls_2_1_1_3", "calls_2_1_0_3_together", "late_5_3",
        "combination_lock", "sleeping_races", "multi_producer_4_2", "poke_3_4"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(TracesOfModels, OfManyChainsThatShareNothingAreOne) {
  EXPECT_EQ(explored(models::independent(8, 8), SearchMode::reduced).executions, 1u);
}

// A fault strikes only as long as something else can happen, so what happens last is not
// independent of it, whatever both touch.
TEST(TracesOfFaults, AreThoseWithAndWithoutIt) {
  Model model = models::independent(2, 1);
  model.sources[1].event_class = EventClass::fault;
  EXPECT_EQ(explored(model, SearchMode::brute_force).executions, 2u);
  EXPECT_EQ(explored(model, SearchMode::levels).executions, 2u);
  EXPECT_EQ(explored(model, SearchMode::reduced).executions, 2u);
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
