// Writes pages and texts of timelines, for timeline_page_test.py and for looking at.
//
//   timeline_sample DIRECTORY

#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

TraceStep step(std::string label, absl::Duration time, std::vector<TraceNote> notes = {}) {
  TraceStep made;
  made.actor = label.substr(0, label.find('.'));
  made.alternatives = {std::move(label)};
  made.time = time;
  made.notes = std::move(notes);
  return made;
}

// `label` was taken although `default_label` would have been the default.
TraceStep deviation(const std::string& label, const std::string& default_label, absl::Duration time,
                    std::vector<TraceNote> notes = {}) {
  TraceStep made = step(label, time, std::move(notes));
  made.alternatives = {default_label, label};
  made.choice = 1;
  return made;
}

TraceStep decision(const std::string& label, const std::string& other, absl::Duration time,
                   std::vector<TraceNote> notes = {}) {
  TraceStep made = step(label, time, std::move(notes));
  made.alternatives = {label, other};
  return made;
}

TraceNote note(std::string actor, std::string text) {
  return TraceNote(std::move(actor), std::move(text));
}

std::vector<TraceStep> shared_beginning() {
  const absl::Duration none = absl::ZeroDuration();
  const absl::Duration ms = absl::Milliseconds(1);
  std::vector<TraceStep> steps;
  steps.push_back(step("body.start", none,
                       {note("body", "opens channel to sim:///routeguide"),
                        note("call 1", "starts RouteChat (bidi), deadline 1.5s"),
                        note("call 2", "starts RecordRoute (client streaming)")}));
  steps.push_back(step("call1.connected", none));
  steps.push_back(decision("call1.written", "call2.connected", none,
                           {note("call 1", "write: 17 bytes accepted")}));
  steps.push_back(step("call2.connected", none, {note("call 2", "writes wait for credit")}));
  steps.push_back(decision("server.accept", "call2.written", 2 * ms,
                           {note("server", "sees RouteChat, answers with 3 messages")}));
  steps.push_back(step("call2.written", 2 * ms, {note("call 2", "write: 65,536 bytes accepted")}));
  steps.push_back(decision("call1.headers", "call2.written#2", 5 * ms,
                           {note("body", "headers arrived: x-route=\"north\"")}));
  steps.push_back(step("call2.written#2", 5 * ms));
  steps.push_back(decision("call1.message", "server.accept#2", 10 * ms,
                           {note("body", "read: RouteNote{\"first\"}")}));
  steps.push_back(step("server.accept#2", 10 * ms, {note("server", "sees RecordRoute")}));
  return steps;
}

Trace failing_trace() {
  const absl::Duration ms = absl::Milliseconds(1);
  Trace trace;
  trace.failed = true;
  trace.outcome = "hang: nothing is left to happen, and 2 coroutines are suspended";
  trace.token = "weft1:8f3c:10.1-a41f,14.2-77b0,18.1-09ce";
  trace.actors = {"body", "call1", "call2", "server", "timer1"};
  trace.steps = shared_beginning();
  auto& steps = trace.steps;
  steps.push_back(deviation("timer1.fire", "call1.message#2", 10 * ms,
                            {note("body", "its 10ms are over: cancels call 1"),
                             note("call 1", "cancel: asked for \"user went away\"")}));
  steps.push_back(decision("call1.message#2", "call1.cancel", 10 * ms,
                           {note("call 1", "message of 212 bytes kept for the next read")}));
  steps.push_back(decision("call2.written#3", "call1.cancel", 12 * ms));
  steps.push_back(
      step("server.message", 12 * ms, {note("server", "reads 131,072 of 196,608 bytes")}));
  steps.push_back(
      deviation("call1.cancel", "call1.message#3", 15 * ms,
                {note("call 1", "status CANCELLED: Locally cancelled by application!"),
                 note("body", "read: ended"),
                 note("server", "RouteChat: cancelled by the peer (RST_STREAM CANCEL)")}));
  steps.push_back(step("server.reset", 15 * ms));
  steps.push_back(
      step("call1.end", 15 * ms, {note("body", "status: CANCELLED after 2 of 3 messages")}));
  steps.push_back(decision("call2.written#4", "server.message#2", 20 * ms));
  steps.push_back(deviation("server.window", "call2.half_close", 20 * ms,
                            {note("server", "grants 65,536 bytes to the connection")}));
  steps.push_back(step("server.message#2", 20 * ms));
  steps.push_back(step("call2.half_close", 250 * ms));
  steps.push_back(step("server.status", 250 * ms, {note("server", "RecordRoute: OK, 4 points")}));
  steps.push_back(step("call2.headers", 251 * ms));
  steps.push_back(
      step("call2.response", 251 * ms,
           {note("call 2", "RouteSummary{points: 4, distance: 9,021 m}"),
            note("body", "waits for call 1's writer before it looks at the response")}));
  steps.push_back(step("timer1.fire#2", 1500 * ms,
                       {note("timer1", "call 1's deadline: the call is over, nobody is told")}));
  SuspendedCoroutine writer;
  writer.awaitable = "write";
  writer.subject = "call1";
  writer.location = "chat_client.cc:87 in routeguide::send_notes";
  SuspendedCoroutine body;
  body.awaitable = "when_all";
  body.location = "chat_client.cc:41 in routeguide::chat";
  trace.suspended = {writer, body};
  return trace;
}

Trace passing_trace() {
  const absl::Duration ms = absl::Milliseconds(1);
  Trace trace;
  trace.outcome = "completed";
  trace.token = "weft1:8f3c:10.1-a41f,18.1-09ce";
  trace.actors = {"body", "call1", "call2", "server", "timer1"};
  trace.steps = shared_beginning();
  auto& steps = trace.steps;
  steps.push_back(deviation("timer1.fire", "call1.message#2", 10 * ms,
                            {note("body", "its 10ms are over: cancels call 1"),
                             note("call 1", "cancel: asked for \"user went away\"")}));
  steps.push_back(decision("call1.message#2", "call1.cancel", 10 * ms,
                           {note("call 1", "message of 212 bytes kept for the next read")}));
  steps.push_back(decision("call2.written#3", "call1.cancel", 12 * ms));
  steps.push_back(
      step("server.message", 12 * ms, {note("server", "reads 131,072 of 196,608 bytes")}));
  steps.push_back(decision("call1.message#3", "call1.cancel", 15 * ms,
                           {note("body", "read: RouteNote{\"third\"}")}));
  steps.push_back(decision("call1.written#2", "call1.cancel", 15 * ms,
                           {note("body", "write: 17 bytes accepted")}));
  steps.push_back(step("call1.cancel", 15 * ms,
                       {note("call 1", "status CANCELLED: Locally cancelled by application!")}));
  steps.push_back(
      step("call1.end", 15 * ms, {note("body", "status: CANCELLED after 3 of 3 messages")}));
  steps.push_back(step("server.reset", 15 * ms));
  steps.push_back(step("call2.written#4", 20 * ms));
  steps.push_back(step("server.message#2", 20 * ms));
  steps.push_back(step("call2.half_close", 250 * ms));
  steps.push_back(step("server.status", 250 * ms, {note("server", "RecordRoute: OK, 4 points")}));
  steps.push_back(step("call2.headers", 251 * ms));
  steps.push_back(step(
      "call2.response", 251 * ms,
      {note("call 2", "RouteSummary{points: 4, distance: 9,021 m}"), note("body", "returns")}));
  return trace;
}

Timeline long_hang() {
  Timeline timeline("RouteChat.CancelReleasesTheWriter", failing_trace());
  timeline.passing = passing_trace();
  timeline.facts = {OrderingFact("timer1.fire", "call1.message#2"),
                    OrderingFact("call1.cancel", "call1.written#2")};
  timeline.summary =
      "Found by execution 217 of 961; made simpler from 6 deviations to 3.\n"
      "Expected every coroutine to be done when nothing is left to happen.\n"
      "INCOMPLETE: stopped at the first failure; all schedules with at most 2 deviations passed.";
  timeline.replay_command =
      "WEFT_SIM_REPLAY='weft1:8f3c:10.1-a41f,14.2-77b0,18.1-09ce' \\\n"
      "    ./route_chat_test --gtest_filter=RouteChat.CancelReleasesTheWriter";
  return timeline;
}

Timeline many_lanes() {
  Trace trace;
  trace.failed = true;
  trace.outcome = "expected equality of these values: status.code, OK";
  for (int i = 0; i < 12; ++i) trace.actors.push_back(detail::text("call", i));
  for (int i = 0; i < 12; ++i) {
    const std::string actor = detail::text("call", i);
    trace.steps.push_back(deviation(actor + ".cancel", actor + ".headers",
                                    absl::Microseconds(1500 * i),
                                    {note(actor, "status CANCELLED: why not")}));
  }
  Timeline timeline("ManyCalls.AreCancelledInTurn", std::move(trace));
  timeline.facts = {OrderingFact("call3.cancel", "call7.cancel")};
  timeline.replay_command = "./many_calls_test --replay=weft1:0";
  return timeline;
}

Timeline hostile() {
  Trace trace;
  trace.failed = true;
  trace.outcome = "</pre><script>alert(1)</script> & 'quoted' \"quoted\"";
  trace.actors = {"<b>body</b>", "caf\xc3\xa9", "\xe8\xb7\xaf\xe7\xba\xbf"};
  trace.steps.push_back(
      step("<b>body</b>.st\x1b[31mart\x07", absl::ZeroDuration(),
           {note("<b>body</b>", "<img src=x onerror=alert(1)> \xff \xe2\x80\xae")}));
  trace.steps.push_back(deviation("caf\xc3\xa9.\xc3\xbc\"><i>", "\xe8\xb7\xaf\xe7\xba\xbf.&amp;",
                                  absl::Hours(26) + absl::Nanoseconds(1)));
  Timeline timeline("<script>alert('title')</script>", std::move(trace));
  timeline.facts = {OrderingFact("caf\xc3\xa9.\xc3\xbc\"><i>", "never.<happens>")};
  timeline.summary = "a line\n<b>and & another\x01</b>\n";
  timeline.replay_command = "echo '<&>' \"$HOME\"";
  return timeline;
}

int write_all(const std::string& directory) {
  const std::vector<std::pair<std::string, Timeline>> samples{
      {"hang", long_hang()}, {"lanes", many_lanes()}, {"hostile", hostile()}};
  for (const auto& [name, timeline] : samples) {
    const absl::Status written =
        write_timeline(timeline, detail::text(directory, "/", name, ".html"));
    if (!written.ok()) {
      std::cerr << written << "\n";
      return 1;
    }
    std::ofstream(detail::text(directory, "/", name, ".txt")) << timeline_text(timeline, false);
    std::ofstream(detail::text(directory, "/", name, ".ansi")) << timeline_text(timeline, true);
  }
  return 0;
}

}  // namespace
}  // namespace weft::sim

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "timeline_sample DIRECTORY\n";
    return 2;
  }
  return weft::sim::write_all(argv[1]);
}
