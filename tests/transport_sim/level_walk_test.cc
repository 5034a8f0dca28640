// The level walk against brute force, and what it keeps in memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "choice_tree.h"
#include "frontier.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using detail::Frontier;
using detail::Parent;
using detail::PathStep;
using test::choice_tree;

// Outcomes name paths, so this says which schedules were executed, and how often.
std::map<std::string, std::size_t> executed(const Report& report) {
  std::map<std::string, std::size_t> times;
  for (const auto& [path, outcome] : report.outcomes) times[path] = outcome.count;
  return times;
}

TEST(LevelWalk, ExecutesTheSchedulesOfBruteForceEachOnce) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const BodyFunction body = choice_tree(seed, 1 + seed % 7);
    const Report levels = explore(ExploreOptions().mode(SearchMode::levels), body);
    const Report all = explore(ExploreOptions().mode(SearchMode::brute_force), body);
    ASSERT_TRUE(levels.ok()) << levels.to_string();
    ASSERT_EQ(levels.verdict, Verdict::complete) << seed;
    ASSERT_EQ(executed(levels), executed(all)) << seed;
    ASSERT_EQ(levels.levels, all.levels) << seed;
    ASSERT_EQ(levels.outcomes.size(), levels.executions) << seed;
  }
}

TEST(LevelWalk, KnowsEachLevelsSizeWhenTheOneBeforeIsDone) {
  const BodyFunction body = choice_tree(11, 7);
  const Report whole = explore(ExploreOptions(), body);
  ASSERT_GT(whole.levels.size(), 3u);
  std::size_t before = 0;
  for (std::size_t level = 0; level + 1 < whole.levels.size(); ++level) {
    before += whole.levels[level];
    const Report part = explore(ExploreOptions().executions(before), body);
    ASSERT_EQ(part.level_sizes.size(), level + 2);
    EXPECT_EQ(part.level_sizes[level + 1], whole.levels[level + 1]);
    EXPECT_EQ(part.open_schedules, whole.levels[level + 1]);
  }
}

TEST(LevelWalk, InPartsExecutesTheSchedulesOfAllEachOnce) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const BodyFunction body = choice_tree(seed, 3 + seed % 5);
    for (const SearchMode mode : {SearchMode::levels, SearchMode::brute_force}) {
      std::map<std::string, std::size_t> together;
      double weight = 0;
      for (std::size_t part = 0; part < 5; ++part) {
        const Report report = explore(ExploreOptions().mode(mode).shard(part, 5), body);
        ASSERT_TRUE(report.ok()) << report.to_string();
        for (const auto& [path, times] : executed(report)) together[path] += times;
        weight += report.tree_weight;
      }
      ASSERT_EQ(together, executed(explore(ExploreOptions().mode(mode), body))) << seed;
      EXPECT_NEAR(weight, 1, 1e-9);
    }
  }
}

TEST(LevelWalk, SaysWhichShareOfTheTreeItHasExecuted) {
  const BodyFunction body = choice_tree(11, 7);
  const Report whole = explore(ExploreOptions(), body);
  EXPECT_EQ(whole.tree_weight, 1.0);
  double last = 0;
  for (std::size_t executions = 1; executions < whole.executions; executions += 5) {
    const Report part = explore(ExploreOptions().executions(executions), body);
    EXPECT_GT(part.tree_weight, last);
    EXPECT_LT(part.tree_weight, 1.0);
    last = part.tree_weight;
  }
}

TEST(LevelWalk, SaysHowFarItCameWhenABudgetStopsIt) {
  const Report part = explore(ExploreOptions().name("Walk.Far").executions(50), choice_tree(11, 7));
  EXPECT_THAT(part.to_string(), testing::HasSubstr(" of the tree weight\n  by deviations: 1, "));
  EXPECT_THAT(part.to_string(), testing::ContainsRegex("2 deviations were tried\n  [0-9.]+% of"));
}

TEST(Frontier, GivesBackWhatWasPushed) {
  std::mt19937 random(1);
  Frontier frontier;
  std::vector<Parent> parents;
  std::vector<PathStep> path(3);
  for (int i = 0; i < 20'000; ++i) {
    Parent parent;
    const std::size_t kept = random() % 4;
    for (std::size_t k = kept; k < path.size(); ++k) {
      const std::uint32_t first = k == 0 ? 0 : path[k - 1].decision + 1;
      path[k] = PathStep(first + random() % 300, 1 + random() % 200);
    }
    parent.path = path;
    parent.first_decision = parent.after_path() + random() % 3;
    parent.decisions = parent.first_decision + 1 + random() % 1000;
    parent.last_state_hash = static_cast<std::uint32_t>(random());
    frontier.push(parent);
    parents.push_back(parent);
  }
  for (const Parent& parent : parents) {
    ASSERT_FALSE(frontier.empty());
    Parent popped;
    frontier.pop(popped);
    ASSERT_EQ(popped.path, parent.path);
    ASSERT_EQ(popped.first_decision, parent.first_decision);
    ASSERT_EQ(popped.decisions, parent.decisions);
    ASSERT_EQ(popped.last_state_hash, parent.last_state_hash);
  }
  EXPECT_TRUE(frontier.empty());
}

// As a walk pushes them: neighbours are siblings or cousins.
TEST(Frontier, TakesAboutTenBytesForAParent) {
  Frontier frontier;
  std::size_t count = 0;
  Parent parent;
  for (std::uint32_t a = 0; a < 60; ++a) {
    for (std::uint32_t b = a + 1; b < 60; ++b) {
      for (std::uint32_t c = b + 1; c < 60; ++c) {
        for (std::uint32_t choice = 1; choice < 4; ++choice) {
          parent.path = {PathStep(a, 1), PathStep(b, 2), PathStep(c, choice)};
          parent.first_decision = c + 1;
          parent.decisions = 61;
          parent.last_state_hash = 0xffffffff - static_cast<std::uint32_t>(count);
          frontier.push(parent);
          ++count;
        }
      }
    }
  }
  EXPECT_LT(frontier.bytes(), count * 12);
  const std::size_t full = frontier.bytes();
  for (std::size_t i = 0; i < count / 2; ++i) frontier.pop(parent);
  EXPECT_LT(frontier.bytes(), full * 6 / 10);
}

// A budget of ten million executions, in a process of its own; WEFT_LONG_SEARCHES=1 asks for it.
std::size_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/status", "r");
  std::size_t kilobytes = 0;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "VmHWM: %zu kB", &kilobytes) == 1) break;
  }
  std::fclose(file);
  return kilobytes * 1024;
}

TEST(LongSearch, OfTenMillionExecutionsStaysBelowAQuarterOfAGibibyte) {
  if (std::getenv("WEFT_LONG_SEARCHES") == nullptr) {
    GTEST_SKIP() << "takes minutes; asked for by WEFT_LONG_SEARCHES=1";
  }
  for (const SearchMode mode : {SearchMode::levels, SearchMode::brute_force, SearchMode::reduced}) {
    const auto body = [](World& world) -> Body {
      std::size_t sum = 0;
      for (int i = 0; i < 40; ++i) sum += world.choose(2 + i % 2, "bit");
      world.outcome(std::to_string(sum));
      co_return;
    };
    const Report report =
        explore(ExploreOptions().mode(mode).executions(10'000'000).allow_incomplete(), body);
    EXPECT_EQ(report.executions, 10'000'000u);
    EXPECT_LT(resident_bytes(), 256u << 20) << to_string(mode);
    std::printf("%s: %zu MiB at most\n%s", std::string(to_string(mode)).c_str(),
                resident_bytes() >> 20, report.to_string().c_str());
  }
}

}  // namespace
}  // namespace weft::sim
