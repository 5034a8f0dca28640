// Reports as JSON and as JUnit's XML. Pages are opened in a browser by report_page_test.py.

#include "weft/transport_sim/report_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "choice_tree.h"
#include "temporary_folder.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Body fails_with_anything(World& world) {
  const std::size_t bit = world.choose(2, "bit");
  world.outcome("</system-out>\x01\xff \"quoted\" back\\slash\nline");
  if (bit == 1) world.fail("<b>]]>&\n\xe2\x80\xaesecond \"line\"");
  co_return;
}

Report failing() {
  return explore(ExploreOptions().name("Suite.Fails <&>").keep_going(), &fails_with_anything);
}

TEST(ReportJson, HoldsTheNumbersOfTheReport) {
  const Report report = explore(ExploreOptions().name("Suite.Passes"), test::choice_tree(3, 4));
  const json read = json::parse(report_json(report));
  EXPECT_EQ(read["format"], "weft simulator report");
  EXPECT_EQ(read["version"], 1);
  EXPECT_EQ(read["test"], "Suite.Passes");
  EXPECT_EQ(read["verdict"], "complete");
  EXPECT_EQ(read["ok"], true);
  EXPECT_EQ(read["executions"], report.executions);
  EXPECT_EQ(read["levels"], report.levels);
  EXPECT_EQ(read["tree_weight"], 1.0);
  EXPECT_EQ(read["outcomes"].size(), report.outcomes.size());
  EXPECT_TRUE(read["counterexample"].is_null());
}

TEST(ReportJson, TellsAFailureWithItsTokenAndItsFacts) {
  const Report report = failing();
  const json read = json::parse(report_json(report));
  EXPECT_EQ(read["ok"], false);
  EXPECT_EQ(read["failed_executions"], 1);
  EXPECT_EQ(read["counterexample"]["token"], report.counterexample->token);
  EXPECT_EQ(read["counterexample"]["facts"].size(), 1u);
  EXPECT_EQ(read["counterexample"]["failures"][0]["kind"], "check");
}

TEST(ReportJson, IsJsonWhateverTheTextsHold) {
  const json read = json::parse(report_json(failing()));
  EXPECT_EQ(read["counterexample"]["failures"][0]["text"], "<b>]]>&\n\\u{202e}second \"line\"");
  EXPECT_EQ(read["outcomes"][0]["outcome"], "</system-out>\\x01\\xff \"quoted\" back\\slash\nline");
}

TEST(ReportJunit, IsOneCaseThatFailedAndSaysWhy) {
  const std::string xml = report_junit(failing());
  EXPECT_THAT(
      xml,
      AllOf(HasSubstr("tests=\"1\" failures=\"1\" errors=\"0\""),
            HasSubstr("<testcase name=\"Fails &lt;&amp;&gt;\" classname=\"Suite\""),
            HasSubstr("<failure type=\"COMPLETE\" message=\"a schedule fails: check: "),
            HasSubstr("<property name=\"weft.schedules\" value=\"2\"/>"), Not(HasSubstr("<b>"))));
}

TEST(ReportJunit, CallsASearchThatABudgetStoppedAnError) {
  const Report report =
      explore(ExploreOptions().name("Suite.Long").executions(3), test::choice_tree(3, 4));
  EXPECT_THAT(report_junit(report),
              AllOf(HasSubstr("failures=\"0\" errors=\"1\""),
                    HasSubstr("<error type=\"INCOMPLETE\" message=\"the search is incomplete")));
}

TEST(ReportFiles, AreWrittenIntoAFolderThatIsMade) {
  const test::TemporaryFolder temporary;
  const std::string folder = temporary / "new/within";
  const Report report =
      explore(ExploreOptions().name("Suite.Passes").shard(1, 2), test::choice_tree(3, 4));
  ASSERT_TRUE(write_reports(report, folder).ok());
  std::ifstream file(folder + "/Suite.Passes.part-1-of-2.json");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(text, report_json(report));
  EXPECT_TRUE(std::filesystem::exists(folder + "/Suite.Passes.part-1-of-2.xml"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/Suite.Passes.part-1-of-2.html"));
  EXPECT_THAT(std::string(write_reports(report, "/dev/null/x").message()),
              HasSubstr("cannot make the folder /dev/null/x"));
}

}  // namespace
}  // namespace weft::sim
