// The parts of a divided search against the whole of it.

#include "weft/transport_sim/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model_families.h"
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

const std::vector<BodyFunction>& families() {
  static const std::vector<BodyFunction> all = {test::models::cuts(2, 1, 0, 3).body(),
                                                test::random_model(7).body(),
                                                independent(2, 3),
                                                independent(3, 3),
                                                cancel_all(2, 3),
                                                cuts(1, 1, 0, 1),
                                                cuts(1, 1, 1, 3),
                                                cuts(2, 1, 0, 3),
                                                cuts(3, 1, 0, 1),
                                                independent(6, 1)};
  return all;
}

// Too many schedules for a search without reduction.
const std::vector<BodyFunction>& large_families() {
  static const std::vector<BodyFunction> all = {test::models::cuts(3, 1, 0, 3).body(),
                                                test::models::last_zero(5).body()};
  return all;
}

class ShardsOf : public testing::TestWithParam<SearchMode> {};

TEST_P(ShardsOf, OneSearchTogetherExecuteEachScheduleOnce) {
  std::vector<BodyFunction> bodies = families();
  if (GetParam() == SearchMode::reduced) {
    bodies.insert(bodies.end(), large_families().begin(), large_families().end());
  }
  for (const BodyFunction& body : bodies) {
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
