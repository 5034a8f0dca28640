// The explorer finds the hasty box's bug, says what it takes, and has nothing against the other
// one.

#include "search_box.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "weft/transport_sim/sim_test.h"
#include "weft/transport_sim/timeline.h"

namespace {

// [body]
template <class Box>
weft::Task<> type_two_words(weft::sim::World& world) {
  world.server().serve(find, [](const std::string& text) { return "all about " + text; });
  weft::Channel channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                        world.loop());
  Box box(channel);

  box.typed("weft");
  co_await world.yield();  // as long as it takes to type the next word
  box.typed("warp");
  co_await box.idle();

  if (box.shown() != "all about warp") world.fail("\"warp\" was typed; shown: " + box.shown());
}
// [/body]

// [mended_test]
WEFT_SIM_TEST(SearchBox, ShowsWhatWasTypedLast) {
  co_await type_two_words<SearchBox>(world);
}
// [/mended_test]

weft::sim::ExploreOptions hasty() {
  return weft::sim::ExploreOptions().name("HastySearchBox.ShowsWhatWasTypedLast");
}

std::string kept() {
  std::ifstream file(FOUND_FILE);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// The verdict, and the counterexample as a timeline.
std::string told(const weft::sim::Report& report) {
  weft::sim::Timeline timeline(report.test_name, report.counterexample->trace);
  timeline.passing = report.counterexample->nearest_passing;
  timeline.facts = report.counterexample->facts;
  return report.to_string() + "\n" + weft::sim::timeline_text(timeline, false);
}

TEST(HastySearchBox, IsFoundOut) {
  const weft::sim::Report report = weft::sim::explore(hasty(), &type_two_words<HastySearchBox>);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().text,
            "\"warp\" was typed; shown: all about weft");
  EXPECT_TRUE(report.counterexample->deterministic);
  // What the documents show is what is found. WEFT_KEEP_FOUND=1 writes it anew.
  const std::string found = "# [found]\n" + told(report) + "# [/found]\n";
  if (std::getenv("WEFT_KEEP_FOUND") != nullptr) std::ofstream(FOUND_FILE) << found;
  EXPECT_EQ(kept(), found);
}

TEST(HastySearchBox, FailsAgainWithTheToken) {
  const weft::sim::Report found = weft::sim::explore(hasty(), &type_two_words<HastySearchBox>);
  const weft::sim::Report again = weft::sim::explore(hasty().replay(found.counterexample->token),
                                                     &type_two_words<HastySearchBox>);
  EXPECT_EQ(again.executions, 1u);
  EXPECT_EQ(again.failed_executions, 1u);
}

}  // namespace
