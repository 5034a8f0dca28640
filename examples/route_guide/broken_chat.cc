#include "broken_chat.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "demo.h"
#include "simulated.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/timeline.h"

namespace routeguide {
namespace {

namespace sim = weft::sim;

const std::string test_name = "broken_chat";

weft::Task<void> explore_broken_chat(sim::World& world) {
  const std::vector<Feature> places = few_places();
  serve_route_guide(world.server(), places);
  weft::Channel channel(world.transport(), world.loop());
  const Point pier = point_at(47.36, 8.54);
  const std::vector<RouteNote> notes = {note_at(pier, "the boat leaves at nine"),
                                        note_at(pier, "found a seat")};
  BrokenChat chat(RouteGuideClient(channel), world.loop(), notes);
  sim::Anytime hang_up(world, "user.hangs_up", [&] { chat.hang_up(); });
  auto running = chat.run();
  const absl::Status status = co_await std::move(running);
  world.outcome(code_name(status));
}

// A new empty file, "/tmp/route_guide_timeline_a8Xq2c.html".
std::string temporary_page() {
  const std::string suffix = ".html";
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::string path = (folder / ("route_guide_timeline_XXXXXX" + suffix)).string();
  const int file = ::mkstemps(path.data(), static_cast<int>(suffix.size()));
  if (file < 0) throw std::system_error(errno, std::generic_category(), path);
  ::close(file);
  return path;
}

sim::Timeline timeline_of(const sim::Counterexample& example) {
  sim::Timeline timeline(test_name, example.trace);
  timeline.passing = example.nearest_passing;
  timeline.facts = example.facts;
  timeline.replay_command =
      "weft::sim::ExploreOptions().name(\"" + test_name + "\").replay(\"" + example.token + "\")";
  return timeline;
}

// What the exploration must have found, so that the demo has shown what it says.
void expect_hang(Console& console, const sim::Report& report) {
  console.expect(report.verdict == sim::Verdict::stopped_at_failure,
                 "the search ends at a failure");
  const sim::Counterexample& example = *report.counterexample;
  console.expect_equal<std::string>("the kind of failure",
                                    std::string(to_string(example.failures.front().kind)), "hang");
  console.expect_equal<std::size_t>("the number of orders that it needs", example.facts.size(), 1);
  console.expect(example.deterministic, "the failure comes each time");
  console.expect(example.nearest_passing.has_value(), "without that order it passes");

  const sim::Report again = sim::explore(
      sim::ExploreOptions().name(test_name).replay(example.token), &explore_broken_chat);
  console.expect(again.failed_executions == 1, "its token replays it");
}

}  // namespace

void show_broken_chat(Console& console) {
  console.heading("A bug", "a chat that a reviewer would let pass");
  console.paragraph(
      "BrokenChat (broken_chat.h) writes no note before it is connected: one coroutine waits for "
      "the connection and sets a flag, another one waits for the flag and writes. Over real gRPC "
      "it works, run after run. The simulator tries it with the same user who may hang up:");
  const sim::Report report =
      sim::explore(sim::ExploreOptions().name(test_name), &explore_broken_chat);
  print_report(console, report);
  if (!console.expect(report.counterexample.has_value(), "the bug is found")) return;
  expect_hang(console, report);

  console.paragraph(
      "Nothing can happen any more, and the chat is not over. The order that failed was shrunk "
      "until every step off the usual order is needed. Read it from the top, a column for each "
      "actor; * marks what came out of turn:");
  const sim::Timeline timeline = timeline_of(*report.counterexample);
  console.block(sim::timeline_text(timeline, console.colours()));
  console.paragraph(
      "So: the user hangs up before the call has a connection. The one who watches the connection "
      "leaves early, nobody sets the flag, and the writer waits for ever. The cure is to set it "
      "however the wait ends: the write after it then gives the status of the call.");

  const std::string page = temporary_page();
  if (console.expect_ok("writing the page", sim::write_timeline(timeline, page))) {
    console.field("page", page);
  }
  console.conclude("found, shrunk, explained; the token above replays it, this time and any other");
}

}  // namespace routeguide
