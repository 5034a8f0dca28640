// What the parts of a divided search prove together, and what is said when they do not.

#include "merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "choice_tree.h"
#include "report_reader.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

using test::choice_tree;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ExploreOptions options() {
  return ExploreOptions().name("Suite.Divided").allow_incomplete();
}

// Through their files, as the tool has them.
PartReport part(std::size_t index, const ExploreOptions& options_of_part, const BodyFunction& body,
                std::size_t count = 4) {
  const Report report = explore(ExploreOptions(options_of_part).shard(index, count), body);
  absl::StatusOr<Report> read = read_report(report_json(report));
  EXPECT_TRUE(read.ok()) << read.status();
  return PartReport("part" + std::to_string(index) + ".json", *std::move(read));
}

std::vector<PartReport> four_parts(const BodyFunction& body) {
  std::vector<PartReport> parts;
  for (std::size_t i = 0; i < 4; ++i) parts.push_back(part(i, options(), body));
  return parts;
}

void expect_incomplete(const std::vector<PartReport>& parts, std::string_view problem) {
  const Report all = merge_parts(parts);
  EXPECT_EQ(all.verdict, Verdict::incomplete);
  EXPECT_FALSE(all.ok());
  EXPECT_THAT(all.problems, Contains(HasSubstr(std::string(problem))));
}

TEST(Merge, OfAllPartsIsTheWholeSearch) {
  for (const SearchMode mode : {SearchMode::levels, SearchMode::brute_force, SearchMode::reduced}) {
    const BodyFunction body = choice_tree(3, 6);
    const Report whole = explore(options().mode(mode), body);
    std::vector<PartReport> parts;
    for (std::size_t i = 0; i < 5; ++i) parts.push_back(part(i, options().mode(mode), body, 5));
    const Report all = merge_parts(parts);
    EXPECT_THAT(all.problems, IsEmpty());
    EXPECT_EQ(all.verdict, Verdict::complete);
    EXPECT_EQ(all.executions, whole.executions);
    EXPECT_EQ(all.levels, whole.levels);
    ASSERT_EQ(all.outcomes.size(), whole.outcomes.size());
    for (const auto& [name, outcome] : whole.outcomes) {
      EXPECT_EQ(all.outcomes.at(name).count, outcome.count);
      EXPECT_EQ(all.outcomes.at(name).example, outcome.example);
    }
  }
}

TEST(Merge, OfABoundedSearchNamesItsBound) {
  const BodyFunction body = choice_tree(3, 6);
  std::vector<PartReport> parts;
  for (std::size_t i = 0; i < 4; ++i) parts.push_back(part(i, options().deviations(2), body));
  const Report all = merge_parts(parts);
  EXPECT_THAT(all.problems, IsEmpty());
  EXPECT_EQ(all.verdict, Verdict::complete_within_bound);
  EXPECT_EQ(all.bound, 2u);
  EXPECT_EQ(all.levels, explore(options().deviations(2), body).levels);
}

TEST(Merge, SaysWhichPartIsMissing) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  parts.erase(parts.begin() + 2);
  expect_incomplete(parts, "part 2 of 4 is missing");
}

TEST(Merge, SaysWhichPartIsThereTwice) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  parts.emplace_back("again.json", parts[1].report);
  expect_incomplete(parts, "part 1 is there twice: part1.json and again.json");
}

TEST(Merge, SaysWhichPartIsOfAnotherBuild) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  parts[3].report.build = "0123abcd";
  expect_incomplete(parts, "part3.json: it is of build 0123abcd, but part0.json has ");
}

TEST(Merge, SaysWhichPartIsOfAnotherTestOrSearch) {
  const BodyFunction body = choice_tree(3, 6);
  std::vector<PartReport> parts = four_parts(body);
  parts[1] = part(1, options().name("Suite.Other"), body);
  expect_incomplete(parts, "part1.json: it is of test Suite.Other, but part0.json has ");
  parts[1] = part(1, options().deviations(3), body);
  expect_incomplete(parts, "part1.json: its search is levels, deviations 3");
  parts[1] = part(1, options(), body, 5);
  expect_incomplete(parts, "part1.json: its number of parts is 5, but part0.json has 4");
}

TEST(Merge, SaysWhichPartHasPlannedAnotherRegion) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  parts[1] = part(1, options(), choice_tree(4, 6));
  expect_incomplete(parts, "part1.json: its region's hash is ");
}

TEST(Merge, SaysWhichPartIsIncomplete) {
  const BodyFunction body = choice_tree(3, 6);
  std::vector<PartReport> parts = four_parts(body);
  parts[2] = part(2, options().executions(2), body);
  expect_incomplete(parts, "part 2 (part2.json) is incomplete: at least ");
}

// Whoever makes a file by hand, or a mistake in dividing.
TEST(Merge, FindsPrefixesThatNobodyOrTheWrongPartHas) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  const std::uint64_t stolen = parts[0].report.region.own_hashes.back();
  parts[0].report.region.own_hashes.pop_back();
  expect_incomplete(parts, "together the parts have ");
  parts[1].report.region.own_hashes.push_back(stolen);
  expect_incomplete(parts, "part1.json: it has a prefix of another part");
}

TEST(Merge, FindsThatPartOfTheTreeWasNotExecuted) {
  std::vector<PartReport> parts = four_parts(choice_tree(3, 6));
  parts[1].report.tree_weight -= 0.01;
  EXPECT_THAT(merge_parts(parts).problems, ElementsAre(HasSubstr("of the tree of decisions")));
}

TEST(Merge, ChecksWhatTheBodyExpectsOfTheWhole) {
  const auto body = [](std::size_t expected) {
    return [expected](World& world) -> Body {
      std::size_t sum = 0;
      for (int i = 0; i < 7; ++i) sum += world.choose(2, "bit");
      world.expect_schedules(expected);
      world.sometimes("all", sum == 7);
      world.sometimes("more", sum == 8);
      co_return;
    };
  };
  EXPECT_THAT(merge_parts(four_parts(body(129))).problems,
              ElementsAre("\"more\" should happen sometimes, and never did",
                          "expected 129 schedules, but there are 128"));
  EXPECT_THAT(merge_parts(four_parts(body(128))).problems, testing::SizeIs(1));
}

TEST(Merge, TellsTheFailureOfAPartThatFailed) {
  const auto body = [](World& world) -> Body {
    std::size_t sum = 0;
    for (int i = 0; i < 7; ++i) sum += world.choose(2, "bit");
    if (sum == 7) world.fail("all bits");
    co_return;
  };
  const Report all = merge_parts(four_parts(body));
  EXPECT_EQ(all.verdict, Verdict::stopped_at_failure);
  EXPECT_FALSE(all.ok());
  EXPECT_THAT(all.to_string(), AllOf(HasSubstr("all bits"), HasSubstr("token: cs1~")));
}

TEST(Merge, OfNothingIsNothing) {
  EXPECT_FALSE(merge_parts({}).ok());
}

TEST(ReportReader, SaysWhatIsWrong) {
  const auto error = [](const std::string& json) {
    return std::string(read_report(json).status().message());
  };
  EXPECT_THAT(error("nonsense"), HasSubstr("parse error"));
  EXPECT_THAT(error("{}"), HasSubstr("format"));
  EXPECT_THAT(error(R"({"format": "weft simulator report", "version": 2})"),
              HasSubstr("its version is 2, not 1"));
}

}  // namespace
}  // namespace weft::sim
