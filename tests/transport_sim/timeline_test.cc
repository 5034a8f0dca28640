// Timelines: what a terminal shows, and what the page says.

#include "weft/transport_sim/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "temporary_folder.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using detail::text;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TraceStep step(std::string label, absl::Duration time, std::vector<TraceNote> notes = {}) {
  TraceStep made;
  made.actor = label.substr(0, label.find('.'));
  made.alternatives = {std::move(label)};
  made.time = time;
  made.notes = std::move(notes);
  return made;
}

TraceStep deviation(const std::string& label, const std::string& default_label, absl::Duration time,
                    std::vector<TraceNote> notes = {}) {
  TraceStep made = step(label, time, std::move(notes));
  made.alternatives = {default_label, label};
  made.choice = 1;
  return made;
}

constexpr absl::Duration kNow = absl::ZeroDuration();
constexpr absl::Duration kMillisecond = absl::Milliseconds(1);

// A call is cancelled before its headers, and its reader is forgotten.
Timeline forgotten_reader() {
  Trace failing;
  failing.failed = true;
  failing.outcome = "hang: 1 coroutine is suspended";
  failing.token = "weft1:1.1-beef";
  failing.actors = {"body", "call1"};
  failing.steps = {
      step("body.start", kNow, {TraceNote("body", "starts"), TraceNote("call 1", "connects")}),
      step("call1.connected", 10 * kMillisecond),
      deviation("call1.cancel", "call1.headers", 1500 * kMillisecond,
                {TraceNote("call 1", "status CANCELLED"), TraceNote("the peer", "sees a reset")})};
  SuspendedCoroutine reader;
  reader.awaitable = "read";
  reader.subject = "call1";
  reader.location = "chat.cc:42 in chat";
  failing.suspended = {reader};

  Trace passing;
  passing.outcome = "completed";
  passing.actors = failing.actors;
  passing.steps = {failing.steps[0], failing.steps[1], step("call1.headers", 12 * kMillisecond),
                   step("call1.cancel", 12 * kMillisecond)};

  Timeline timeline("Chat.Cancels", std::move(failing));
  timeline.passing = std::move(passing);
  timeline.facts = {OrderingFact("call1.cancel", "call1.headers")};
  timeline.summary = "Found by execution 3 of 4.\nIt is minimal.\n";
  timeline.replay_command = "./chat_test --replay=weft1:1.1-beef";
  return timeline;
}

// As many calls, each cancelled in its turn.
Timeline calls(std::size_t count) {
  Trace trace;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string actor = text("call", i);
    trace.actors.push_back(actor);
    trace.steps.push_back(deviation(actor + ".cancel", actor + ".headers", kNow,
                                    {TraceNote(actor, "ends"), TraceNote("call 0", "looks on")}));
  }
  return Timeline("Many.Calls", std::move(trace));
}

std::vector<std::string> lines(const std::string& whole) {
  std::istringstream stream(whole);
  std::vector<std::string> all;
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

std::size_t count(std::string_view whole, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = whole.find(part); at != whole.npos; at = whole.find(part, at + 1)) ++found;
  return found;
}

// The table's row, up to its end.
std::string row(const std::string& page, std::size_t number, std::size_t table = 0) {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= table; ++i) {
    at = page.find(text("data-step=\"", number, "\""), at + 1);
    if (at == page.npos) return "no such row";
  }
  return page.substr(at, page.find("</tr>", at) - at);
}

TEST(OrderingFact, NamesACommonActorOnce) {
  EXPECT_EQ(OrderingFact("call1.cancel", "call1.headers").to_string(),
            "call1: cancel BEFORE headers");
  EXPECT_EQ(OrderingFact("call1.message#2", "call1.end").to_string(),
            "call1: message#2 BEFORE end");
}

TEST(OrderingFact, NamesBothActorsIfTheyDiffer) {
  EXPECT_EQ(OrderingFact("call1.cancel", "call2.headers").to_string(),
            "call1.cancel BEFORE call2.headers");
  EXPECT_EQ(OrderingFact("call1.cancel", "call12.end").to_string(),
            "call1.cancel BEFORE call12.end");
  EXPECT_EQ(OrderingFact("cancel", "cancer").to_string(), "cancel BEFORE cancer");
}

TEST(OrderingFact, ReversesForThePassingSchedule) {
  EXPECT_EQ(OrderingFact("a.x", "b.y").reversed(), OrderingFact("b.y", "a.x"));
}

TEST(TimelineText, DrawsALaneForEachActor) {
  EXPECT_EQ(timeline_text(forgotten_reader(), false),
            R"(Chat.Cancels
FAILED: hang: 1 coroutine is suspended
  Found by execution 3 of 4.
  It is minimal.

  step  time   body                    call1
     0     0   start                   |
               | starts                |
               |                       | connects
     1  10ms   |                       connected
     2  1.5s * |                       cancel [1]
               |                       | instead of call1.headers
               |                       | status CANCELLED
               |                       | the peer: sees a reset

Suspended when nothing was left to happen:
  read of call1 at chat.cc:42 in chat

The failure needs:
  [1] call1: cancel BEFORE headers  (step 2; call1.headers did not happen)

The nearest passing schedule:
  differs first at step 2: call1.headers instead of call1.cancel
  outcome: completed

Replay:
  ./chat_test --replay=weft1:1.1-beef
)");
}

TEST(TimelineText, HasNothingToSayWithoutSteps) {
  EXPECT_EQ(timeline_text(Timeline("Empty", Trace()), false), "Empty\nPASSED:\n\n");
}

TEST(TimelineText, AddsColoursAndNothingElse) {
  std::string coloured = timeline_text(forgotten_reader(), true);
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;33mcancel\x1b[0m"));
  for (std::size_t at = coloured.find('\x1b'); at != coloured.npos; at = coloured.find('\x1b')) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, timeline_text(forgotten_reader(), false));
}

TEST(TimelineText, FallsBackToAListWhenLanesDoNotFit) {
  EXPECT_THAT(timeline_text(calls(5), false), HasSubstr("call0            call1"));
  const std::string list = timeline_text(calls(6), false);
  EXPECT_THAT(list, HasSubstr(R"(  step  time   event
     0     0 * call0.cancel
                 instead of call0.headers
                 ends
                 looks on
     1     0 * call1.cancel
                 instead of call1.headers
                 ends
                 call0: looks on
)"));
}

TEST(TimelineText, StaysWithinAHundredColumns) {
  Timeline timeline = calls(5);
  const std::string word = "internationalisation ";
  for (TraceStep& taken : timeline.failing.steps) {
    taken.notes.emplace_back(taken.actor, word + word + word + std::string(150, 'x'));
  }
  timeline.failing.outcome = word + word + word + word + word + word;
  timeline.summary = timeline.failing.outcome;
  const std::string drawn = timeline_text(timeline, false);
  EXPECT_THAT(lines(drawn), testing::Each(SizeIs(Le(100u))));
  EXPECT_EQ(count(drawn, "x"), 5u * 150);
  // The last lane has no room to the right.
  EXPECT_THAT(drawn, HasSubstr("   call4: internationalisation  |\n"));
}

TEST(TimelineText, MakesControlCharactersAndBrokenTextVisible) {
  Trace trace;
  trace.actors = {"body"};
  trace.steps = {step(
      "body.st\x1b[31mart", kNow,
      {TraceNote("body",
                 "a\nb\tc\x7f \xff \xc3\xa9 \xe2\x80\xae \xed\xa0\x80 \xc0\xaf \xe0\x9f\xbf")})};
  const std::string drawn = timeline_text(Timeline("T\r", trace), false);
  EXPECT_THAT(drawn, StartsWith("T\\x0d\n"));
  EXPECT_THAT(drawn, HasSubstr("st\\x1b[31mart"));
  EXPECT_THAT(
      drawn,
      HasSubstr(
          "a\\nb\\tc\\x7f \\xff \xc3\xa9 \\u{202e} \\xed\\xa0\\x80 \\xc0\\xaf \\xe0\\x9f\\xbf\n"));
}

TEST(TimelineText, CountsColumnsAndNotBytes) {
  Trace trace;
  trace.actors = {"caf\xc3\xa9", "\xe8\xb7\xaf", "end"};
  trace.steps = {step("\xe8\xb7\xaf.go", kNow)};
  const std::vector<std::string> drawn = lines(timeline_text(Timeline("T", trace), false));
  ASSERT_THAT(drawn, SizeIs(testing::Ge(5u)));
  EXPECT_EQ(drawn[3], text("  step  time   caf\xc3\xa9                    \xe8\xb7\xaf",
                           std::string(22, ' '), "end"));
  EXPECT_EQ(drawn[4], text("     0     0   |                       go", std::string(22, ' '), "|"));
}

TEST(TimelineText, SaysWhereAShorterPassingScheduleEnds) {
  Timeline timeline = forgotten_reader();
  timeline.passing->steps.resize(2);
  EXPECT_THAT(timeline_text(timeline, false),
              HasSubstr("differs first at step 2: the end instead of call1.cancel"));
  timeline.passing->steps = timeline.failing.steps;
  EXPECT_THAT(timeline_text(timeline, false), HasSubstr("has the same steps"));
}

TEST(TimelineText, NamesBothStepsOfAFact) {
  Timeline timeline = forgotten_reader();
  timeline.facts = {OrderingFact("body.start", "call1.connected"),
                    OrderingFact("call1.connected", "call1.cancel")};
  const std::string drawn = timeline_text(timeline, false);
  EXPECT_THAT(drawn, HasSubstr("connected [1] [2]\n"));
  EXPECT_THAT(drawn, HasSubstr("[1] body.start BEFORE call1.connected  (steps 0 and 1)\n"));
  EXPECT_THAT(drawn, HasSubstr("[2] call1: connected BEFORE cancel  (steps 1 and 2)\n"));
}

TEST(TimelineHtml, HasEveryStepAndLaneOfBothSchedules) {
  const std::string page = timeline_html(forgotten_reader());
  EXPECT_EQ(count(page, "<tr role=\"row\" data-step="), 7u);
  EXPECT_EQ(count(page, "<table "), 2u);
  EXPECT_EQ(count(page, "class=\"lane\">body</th>"), 2u);
  EXPECT_EQ(count(page, "class=\"lane\">call1</th>"), 2u);
  EXPECT_THAT(row(page, 0), AllOf(HasSubstr(">start<"), HasSubstr("<li>starts</li>"),
                                  HasSubstr("<li>connects</li>")));
  EXPECT_THAT(row(page, 1), AllOf(HasSubstr(">connected<"), HasSubstr(">10ms<")));
  EXPECT_THAT(row(page, 3, 0), AllOf(HasSubstr("cancel"), HasSubstr(">12ms<")));
}

TEST(TimelineHtml, BeginsWithWhatWentWrong) {
  const std::string page = timeline_html(forgotten_reader());
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("<title>FAILED: Chat.Cancels</title>"));
  EXPECT_THAT(page, HasSubstr("<meta name=\"viewport\""));
  const std::size_t outcome = page.find("hang: 1 coroutine is suspended");
  const std::size_t fact = page.find("call1: cancel BEFORE headers");
  EXPECT_LT(outcome, fact);
  EXPECT_LT(fact, page.find("<table "));
  EXPECT_THAT(page, HasSubstr("<pre>Found by execution 3 of 4.\nIt is minimal.</pre>"));
  EXPECT_THAT(page, HasSubstr("<code>read of call1 at chat.cc:42 in chat</code>"));
  EXPECT_THAT(page, HasSubstr(">./chat_test --replay=weft1:1.1-beef</pre>"));
  EXPECT_THAT(page, HasSubstr("<code>weft1:1.1-beef</code>"));
}

TEST(TimelineHtml, MarksDeviationsByShapeAndText) {
  const std::string page = timeline_html(forgotten_reader());
  EXPECT_THAT(row(page, 2), AllOf(HasSubstr("class=\"later deviation\""), HasSubstr("mark off"),
                                  HasSubstr("<span class=\"star\">* </span>cancel"),
                                  HasSubstr("instead of <code>call1.headers</code>")));
  EXPECT_THAT(row(page, 1), AllOf(Not(HasSubstr("deviation")), HasSubstr("mark only")));
}

TEST(TimelineHtml, JoinsTheTwoStepsOfAFact) {
  const std::string page = timeline_html(forgotten_reader());
  const auto joined = [](std::string_view part) {
    return AllOf(HasSubstr(text("class=\"rail ", part, "\"")), HasSubstr("href=\"#fact1\""));
  };
  EXPECT_THAT(page, HasSubstr("<li id=\"fact1\">"));
  EXPECT_THAT(row(page, 2, 0), joined("begin"));
  EXPECT_THAT(page, HasSubstr("<code>call1.headers</code> did not happen"));
  // The passing schedule has them the other way round.
  EXPECT_THAT(page, HasSubstr("here <code>call1: headers BEFORE cancel</code>"));
  EXPECT_THAT(row(page, 2, 1), AllOf(HasSubstr("headers"), joined("begin")));
  EXPECT_THAT(row(page, 3, 0), AllOf(HasSubstr("cancel"), joined("end")));
}

TEST(TimelineHtml, ShowsWhereTheSchedulesPart) {
  const std::string page = timeline_html(forgotten_reader());
  EXPECT_EQ(count(page, "The two schedules part here"), 2u);
  const std::size_t fork = page.find("The two schedules part here");
  EXPECT_GT(fork, page.find("data-step=\"1\""));
  EXPECT_LT(fork, page.find("data-step=\"2\""));
  EXPECT_THAT(row(page, 1, 0), Not(HasSubstr("shared")));
  EXPECT_THAT(row(page, 1, 1), HasSubstr("shared"));
  EXPECT_THAT(row(page, 2, 1), Not(HasSubstr("shared")));
}

TEST(TimelineHtml, RefersToNothingOutsideItself) {
  const std::string page = timeline_html(forgotten_reader());
  for (const char* const reference :
       {"http:", "https:", "url(", "@import", "src=", "<script", "<link"}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
  EXPECT_EQ(count(page, "href="), count(page, "href=\"#fact"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(TimelineHtml, EscapesEveryText) {
  const std::string evil = "<i>\"'&\x01\xc3\xa9\xff";
  const std::string tame = "&lt;i&gt;&quot;&#39;&amp;\\x01\xc3\xa9\\xff";
  Trace trace;
  trace.failed = true;
  trace.outcome = evil;
  trace.token = evil;
  trace.actors = {evil};
  trace.steps = {deviation(text(evil, ".", evil), evil, kNow,
                           {TraceNote(evil, evil), TraceNote("?" + evil, evil)})};
  trace.steps[0].actor = evil;
  SuspendedCoroutine coroutine;
  coroutine.awaitable = coroutine.subject = coroutine.location = evil;
  trace.suspended = {coroutine};
  Timeline timeline(evil, trace);
  timeline.passing = trace;
  timeline.facts = {OrderingFact(evil, evil), OrderingFact(text(evil, ".", evil), evil)};
  timeline.summary = evil;
  timeline.replay_command = evil;
  const std::string page = timeline_html(timeline);
  EXPECT_EQ(count(page, "<i>"), 0u);
  EXPECT_EQ(count(page, "\x01"), 0u);
  EXPECT_EQ(count(page, "\xff"), 0u);
  EXPECT_EQ(count(page, "\xc3\xa9"), count(page, tame));
  EXPECT_THAT(page, HasSubstr(text("<title>FAILED: ", tame, "</title>")));
  EXPECT_THAT(page, HasSubstr(text("data-lane=\"", tame, "\"")));
  EXPECT_THAT(page, HasSubstr(text("?", tame, ": ", tame)));
}

TEST(TimelineHtml, LeavesOutWhatThereIsNot) {
  const std::string page = timeline_html(calls(2));
  EXPECT_THAT(page, HasSubstr("<title>PASSED: Many.Calls</title>"));
  for (const char* const absent : {"Report", "Suspended", "Replay", "<tfoot", "schedules part"}) {
    EXPECT_THAT(page, Not(HasSubstr(absent)));
  }
  EXPECT_THAT(timeline_html(Timeline("Empty", Trace())), EndsWith("</html>\n"));
}

TEST(WriteTimeline, WritesThePage) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "timeline.html";
  ASSERT_TRUE(write_timeline(forgotten_reader(), path).ok());
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), timeline_html(forgotten_reader()));
}

TEST(WriteTimeline, NamesThePathAndTheReason) {
  const absl::Status missing = write_timeline(forgotten_reader(), "/no/such/folder/page.html");
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(detail::as_std(missing.message()),
            "cannot open the timeline /no/such/folder/page.html: No such file or directory");
  const absl::Status full = write_timeline(forgotten_reader(), "/dev/full");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(detail::as_std(full.message()),
            "cannot write the timeline /dev/full: No space left on device");
}

}  // namespace
}  // namespace weft::sim
