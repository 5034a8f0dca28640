#include "broken_chat.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_format.h"
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

// What must have been found, so that the demo has shown what it says.
void expect_hang(Console& console, const sim::Counterexample& example) {
  console.expect_equal("the kind of failure", std::string(to_string(example.failures.front().kind)),
                       std::string("hang"));
  console.expect_equal<std::size_t>("the number of orders that it needs", example.facts.size(), 1);
  console.expect(!example.shrinking_was_cut_short, "it is shrunk as far as it goes");
  console.expect(example.deterministic, "it fails each time");
  console.expect(example.nearest_passing.has_value(), "without that order it passes");
  const auto options = sim::ExploreOptions().name(test_name).replay(example.token);
  const sim::Report again = sim::explore(options, &explore_broken_chat);
  console.expect(again.failed_executions == 1, "its token replays it");
}

}  // namespace

void show_broken_chat(Console& console) {
  console.heading("A bug", "a chat that a reviewer would let pass");
  console.paragraph(
      "BrokenChat (broken_chat.h) writes no note before it is connected: one coroutine waits for "
      "the connection and sets a flag, another one waits for the flag and writes. It looks right, "
      "and for a user who stays it is. Here is the simulator's answer for one who may hang up at "
      "any "
      "moment:");
  const auto options = sim::ExploreOptions().name(test_name).keep_going();
  const sim::Report report = sim::explore(options, &explore_broken_chat);
  print_report(console, report);
  if (!console.expect(report.counterexample.has_value(), "the bug is found")) return;
  const sim::Counterexample& example = *report.counterexample;
  expect_hang(console, example);
  console.expect(report.failed_executions < report.executions, "it goes well in other orders");

  console.paragraph(absl::StrFormat(
      "A hang: the chat is not over, and nothing can happen any more. The search begins with the "
      "usual order and moves away from it, one swap more at a time, so its first failure is "
      "simple; "
      "then each swap that the failure does not need is taken back. Found with %d, left: %d. What "
      "is left, step by step, with a column for each actor; * marks a step out of turn:",
      example.found_with_deviations, example.schedule.size()));
  const sim::Timeline timeline = timeline_of(example);
  console.block(sim::timeline_text(timeline, console.colours()));
  console.paragraph(
      "So the user hangs up before the call has a connection. The coroutine that watches the "
      "connection leaves early, nobody sets the flag, and the writer waits for ever. The cure: set "
      "the flag however the wait ends. A write to a call that is over gives its status at once.");

  const std::string page = temporary_page();
  if (console.expect_ok("writing the page", sim::write_timeline(timeline, page))) {
    console.field("page", page + ", the same beside the nearest order that passes");
  }
  console.conclude("found, shrunk and explained; the token replays it each time");
}

}  // namespace routeguide
