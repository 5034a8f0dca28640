// A search that is stopped and goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "build_id.h"
#include "checkpoint.h"
#include "choice_tree.h"
#include "model_families.h"
#include "temporary_folder.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using test::choice_tree;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CheckpointTest : public testing::TestWithParam<SearchMode> {
 protected:
  ExploreOptions options() const {
    return ExploreOptions().name("Suite.Search").mode(GetParam()).allow_incomplete();
  }
  ExploreOptions kept() const { return options().checkpoint(path_); }
  bool exists() const { return std::ifstream(path_).good(); }
  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // In pieces of so many executions.
  Report in_pieces(ExploreOptions options, std::size_t piece, const BodyFunction& body) const {
    for (std::size_t budget = piece;; budget += piece) {
      Report report = explore(options.executions(budget), body);
      if (report.verdict != Verdict::incomplete || HasFailure()) return report;
      EXPECT_EQ(report.executions + report.blocked_executions, budget);
    }
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "search.checkpoint";
};

void expect_same(const Report& a, const Report& b) {
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.executions, b.executions);
  EXPECT_EQ(a.blocked_executions, b.blocked_executions);
  EXPECT_EQ(a.audited_swaps, b.audited_swaps);
  EXPECT_EQ(a.failed_executions, b.failed_executions);
  EXPECT_EQ(a.levels, b.levels);
  EXPECT_EQ(a.level_sizes, b.level_sizes);
  EXPECT_EQ(a.open_schedules, b.open_schedules);
  EXPECT_EQ(a.tree_weight, b.tree_weight);
  EXPECT_EQ(a.sometimes, b.sometimes);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.checked_twice, b.checked_twice);
  EXPECT_EQ(a.expected, b.expected);
  EXPECT_EQ(a.problems, b.problems);
  EXPECT_EQ(a.to_string(), b.to_string());
}

TEST_P(CheckpointTest, ASearchInPiecesIsTheSearchInOne) {
  for (const std::size_t piece : {1u, 7u, 64u}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      auto runs = std::make_shared<std::size_t>(0);
      const BodyFunction tree = choice_tree(seed, piece == 1 ? 3 : 6);
      const auto counted = [runs, tree](World& world) {
        ++*runs;
        return tree(world);
      };
      const Report whole = explore(options(), counted);
      const std::size_t runs_of_whole = std::exchange(*runs, 0);
      const Report pieces = in_pieces(kept(), piece, counted);
      expect_same(pieces, whole);
      EXPECT_EQ(*runs, runs_of_whole) << "a schedule was executed again, or not at all";
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ", pieces of " << piece;
    }
  }
}

// Fails on a third of the schedules.
Body fails_sometimes(World& world) {
  std::size_t sum = 0;
  for (int i = 0; i < 6; ++i) sum += world.choose(2, "bit");
  world.sometimes("all", sum == 6);
  world.expect_schedules(64);
  if (sum % 3 == 1) world.fail("bad");
  world.outcome(std::to_string(sum));
  co_return;
}

TEST_P(CheckpointTest, FailuresOfAllPiecesAreCountedAndTheFirstIsTold) {
  const Report whole = explore(options().keep_going(), &fails_sometimes);
  ASSERT_TRUE(whole.counterexample.has_value());
  const Report pieces = in_pieces(kept().keep_going(), 5, &fails_sometimes);
  expect_same(pieces, whole);
  ASSERT_TRUE(pieces.counterexample.has_value());
  EXPECT_EQ(pieces.counterexample->token, whole.counterexample->token);
  EXPECT_EQ(pieces.counterexample->trace.steps.size(), whole.counterexample->trace.steps.size());
}

// Only a walk by levels has one.
using BoundedCheckpointTest = CheckpointTest;
TEST_P(BoundedCheckpointTest, HoldsTheBoundForAllPiecesTogether) {
  const BodyFunction body = choice_tree(11, 6);
  const Report whole = explore(options().deviations(2), body);
  EXPECT_EQ(whole.verdict, Verdict::complete_within_bound);
  expect_same(in_pieces(kept().deviations(2), 9, body), whole);
}

// With steps, of which a reduced search leaves some out and gives some up.
TEST_P(CheckpointTest, ASearchThroughEventsGoesOnAsWell) {
  for (const BodyFunction& body : {test::cuts(2, 1, 0, 1), test::models::readers(4).body(),
                                   test::models::last_zero(3).body()}) {
    const Report whole = explore(options(), body);
    expect_same(in_pieces(kept(), 13, body), whole);
  }
}

TEST_P(CheckpointTest, APartOfASearchGoesOnAsWell) {
  const BodyFunction body = choice_tree(3, 6);
  for (std::size_t part = 0; part < 3; ++part) {
    const Report whole = explore(options().shard(part, 3), body);
    expect_same(in_pieces(kept().shard(part, 3), 11, body), whole);
  }
}

TEST_P(CheckpointTest, StaysUntilTheSearchIsOver) {
  const BodyFunction body = choice_tree(11, 6);
  const Report part = explore(kept().executions(20).resume_command("again"), body);
  EXPECT_TRUE(exists());
  EXPECT_THAT(part.to_string(), HasSubstr("resume with: again"));
  const Report rest = explore(kept().resume_command("again"), body);
  EXPECT_EQ(rest.verdict, Verdict::complete);
  EXPECT_EQ(rest.resumed_at, 20u);
  EXPECT_FALSE(exists());
  EXPECT_THAT(rest.to_string(), Not(HasSubstr("resume with")));
}

TEST_P(CheckpointTest, IsRefusedByAnotherSearch) {
  const BodyFunction body = choice_tree(11, 6);
  explore(kept().executions(20), body);
  const auto problem = [&](ExploreOptions options) {
    const Report report = explore(options, body);
    EXPECT_EQ(report.executions, 0u);
    EXPECT_FALSE(report.ok());
    EXPECT_THAT(report.verdict_line(), HasSubstr("nothing was executed"));
    return report.problems.empty() ? std::string() : report.problems.front();
  };
  EXPECT_THAT(problem(kept().name("Suite.Other")),
              HasSubstr("belongs to the test Suite.Search, not to Suite.Other"));
  EXPECT_THAT(problem(kept().world(WorldOptions().timer_bound(2))),
              AllOf(HasSubstr("other options"), HasSubstr("timers 3"), HasSubstr("timers 2")));
  EXPECT_THAT(problem(kept().deviations(2)), HasSubstr("other options"));
  EXPECT_THAT(problem(kept().keep_going()), HasSubstr("other options"));
  const bool levels = GetParam() == SearchMode::levels;
  EXPECT_THAT(problem(kept().mode(levels ? SearchMode::brute_force : SearchMode::levels)),
              HasSubstr("other options"));
  EXPECT_TRUE(explore(kept(), body).ok()) << "what refused it should have left it alone";
}

TEST_P(CheckpointTest, IsRefusedByAnotherBuild) {
  const ExploreOptions search = kept();
  std::string nothing;
  detail::Checkpoint old_one(search, detail::search_identity(search), "0123abcd");
  ASSERT_TRUE(old_one.save(nothing).ok());
  const Report report = explore(search, choice_tree(11, 6));
  EXPECT_THAT(report.problems,
              ElementsAre(AllOf(HasSubstr("another build of the program (build id 0123abcd; "),
                                HasSubstr(detail::build_id()))));
}

TEST_P(CheckpointTest, IsRefusedWhenAByteIsWrongOrMissing) {
  explore(kept().executions(20), choice_tree(11, 6));
  const std::string whole = content();
  ASSERT_GT(whole.size(), 100u);
  const auto is_refused = [&] {
    const Report report = explore(kept(), choice_tree(11, 6));
    return report.executions == 0 && !report.ok();
  };
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    std::string other = whole;
    other[i] = static_cast<char>(other[i] ^ 0x40);
    write(other);
    EXPECT_TRUE(is_refused()) << "byte " << i;
    write(whole.substr(0, i));
    EXPECT_TRUE(is_refused()) << "the first " << i << " bytes";
  }
}

TEST_P(CheckpointTest, ThatCannotBeWrittenIsSaidAndOffersNoResuming) {
  const Report report = explore(options()
                                    .checkpoint("/nowhere/at/all", absl::ZeroDuration())
                                    .executions(20)
                                    .resume_command("again"),
                                choice_tree(11, 6));
  EXPECT_EQ(report.executions, 20u);
  EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("cannot create the checkpoint /nowhere")));
  EXPECT_THAT(report.to_string(), Not(HasSubstr("resume with")));
}

TEST(BuildId, IsOfSomeLengthAndAlwaysTheSame) {
  EXPECT_GE(detail::build_id().size(), 16u);
  EXPECT_EQ(detail::build_id().find_first_not_of("0123456789abcdef+"), std::string::npos);
}

std::string name_of(const testing::TestParamInfo<SearchMode>& mode) {
  std::string name(to_string(mode.param));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, CheckpointTest,
                         testing::Values(SearchMode::levels, SearchMode::brute_force,
                                         SearchMode::reduced),
                         name_of);
INSTANTIATE_TEST_SUITE_P(The, BoundedCheckpointTest, testing::Values(SearchMode::levels), name_of);

}  // namespace
}  // namespace weft::sim
