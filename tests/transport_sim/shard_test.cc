// The parts of a divided search against the whole of it.

#include "weft/transport_sim/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "known_families.h"
#include "random_model.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using test::cancel_all;
using test::cuts;
using test::independent;

ExploreOptions in_mode(SearchMode mode) {
  return ExploreOptions().name("Shard.Test").mode(mode).executions(2'000'000);
}

std::vector<Report> parts(const ExploreOptions& options, std::size_t count,
                          const BodyFunction& body) {
  std::vector<Report> reports;
  for (std::size_t i = 0; i < count; ++i) {
    reports.push_back(explore(ExploreOptions(options).shard(i, count), body));
    EXPECT_TRUE(reports.back().ok()) << reports.back().to_string();
  }
  return reports;
}

class Total {
 public:
  explicit Total(const std::vector<Report>& reports) {
    for (const Report& report : reports) {
      executions += report.executions;
      own_prefixes += report.region.own_prefixes;
      if (levels.size() < report.levels.size()) levels.resize(report.levels.size());
      for (std::size_t i = 0; i < report.levels.size(); ++i) levels[i] += report.levels[i];
    }
  }
  std::size_t executions = 0;
  std::size_t own_prefixes = 0;
  std::vector<std::size_t> levels;
};

// Besides those of KnownShards.
const std::vector<BodyFunction>& bodies() {
  static const std::vector<BodyFunction> all = {test::random_model(7).body(), cancel_all(2, 3),
                                                cuts(1, 1, 1, 3), cuts(2, 1, 0, 1),
                                                independent(5, 1)};
  return all;
}

std::size_t most_sharded_executions() {
  return test::long_searches() ? 10'000 : 300;
}

class KnownShards : public testing::TestWithParam<test::Family> {};

void expect_eight_parts_of(const test::Family& family, SearchMode mode) {
  const ExploreOptions options = in_mode(mode);
  const std::vector<Report> reports = parts(options, 8, family.model.body());
  const Total total(reports);
  const Report whole = explore(options, family.model.body());
  EXPECT_EQ(total.executions, whole.executions);
  EXPECT_EQ(total.own_prefixes, reports.front().region.prefixes);
  if (mode == SearchMode::reduced) {
    EXPECT_EQ(total.executions, family.traces);
  } else if (family.schedules != test::Family::few) {
    EXPECT_EQ(total.executions, family.schedules);
  }
}

using ReducedShards = KnownShards;
TEST_P(ReducedShards, AddUpToTheTraces) {
  expect_eight_parts_of(GetParam(), SearchMode::reduced);
}
INSTANTIATE_TEST_SUITE_P(Of, ReducedShards,
                         testing::ValuesIn(test::Families::with_traces(most_sharded_executions())),
                         testing::PrintToStringParamName());

using ExactShards = KnownShards;
TEST_P(ExactShards, AddUpToTheSchedules) {
  expect_eight_parts_of(GetParam(), SearchMode::levels);
  expect_eight_parts_of(GetParam(), SearchMode::brute_force);
}
INSTANTIATE_TEST_SUITE_P(
    Of, ExactShards, testing::ValuesIn(test::Families::with_schedules(most_sharded_executions())),
    testing::PrintToStringParamName());

class ShardsOf : public testing::TestWithParam<SearchMode> {};

TEST_P(ShardsOf, OneSearchTogetherExecuteEachScheduleOnce) {
  for (const BodyFunction& body : bodies()) {
    const Report whole = explore(in_mode(GetParam()), body);
    for (const std::size_t count : {2u, 3u, 8u}) {
      const Total total(parts(in_mode(GetParam()), count, body));
      EXPECT_EQ(whole.verdict, Verdict::complete);
      EXPECT_EQ(total.executions, whole.executions);
      if (GetParam() != SearchMode::reduced) {
        EXPECT_EQ(total.levels, whole.levels);
      }
    }
  }
}

TEST_P(ShardsOf, OneSearchPlanTheSameRegionAndDivideAllOfIt) {
  const std::vector<Report> reports = parts(in_mode(GetParam()), 8, cuts(2, 1, 0, 3));
  const ShardedRegion& first = reports.front().region;
  EXPECT_GE(first.prefixes, Shard::prefixes_min);
  for (const Report& report : reports) {
    EXPECT_EQ(report.region.prefixes, first.prefixes);
    EXPECT_EQ(report.region.hash, first.hash);
    EXPECT_LT(report.region.own_prefixes, first.prefixes);
  }
  EXPECT_EQ(Total(reports).own_prefixes, first.prefixes);
}

INSTANTIATE_TEST_SUITE_P(Modes, ShardsOf,
                         testing::Values(SearchMode::brute_force, SearchMode::levels,
                                         SearchMode::reduced),
                         [](const auto& param) {
                           std::string name(to_string(param.param));
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

TEST(Shards, OfABoundedWalkKeepTheBound) {
  const ExploreOptions options = in_mode(SearchMode::levels).deviations(2);
  const Total total(parts(options, 8, cuts(3, 1, 0, 1)));
  EXPECT_EQ(total.levels, (std::vector<std::size_t>{1, 27, 249}));
}

}  // namespace
}  // namespace weft::sim
