// The explorer finds ten call layers out, each with the fewest deviations, and passes the right
// one. A hang, a leak, a broken rule and an exception need nothing that the bodies assert.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "canaries.h"
#include "weft/transport_sim/timeline.h"

namespace weft::test {
namespace {

using sim::Counterexample;
using sim::ExploreOptions;
using sim::FailureKind;
using sim::Report;
using sim::Verdict;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<std::string> texts_of(const std::vector<sim::OrderingFact>& facts) {
  std::vector<std::string> texts;
  for (const sim::OrderingFact& fact : facts) texts.push_back(fact.to_string());
  return texts;
}

bool fails_as(const Report& report, const sim::Failure& failure) {
  if (!report.counterexample.has_value()) return false;
  const auto& failures = report.counterexample->failures;
  return std::any_of(failures.begin(), failures.end(),
                     [&](const sim::Failure& other) { return other.same_as(failure); });
}

std::string timeline_of(const Canary& canary, const Counterexample& example) {
  return sim::timeline_text(sim::Timeline(canary.name, example.trace), false);
}

// The token alone brings the failure back, in one execution, and the same one to the byte.
void expect_to_replay(const Canary& canary, const Counterexample& example) {
  const Report report = canary.replay(example.token);
  EXPECT_EQ(report.verdict, Verdict::replayed);
  EXPECT_EQ(report.executions, 1u);
  EXPECT_THAT(report.warnings, IsEmpty());
  ASSERT_TRUE(fails_as(report, example.failures.front())) << report.to_string();
  EXPECT_EQ(report.counterexample->schedule, example.schedule);
  EXPECT_EQ(report.counterexample->token, example.token);
  EXPECT_EQ(timeline_of(canary, *report.counterexample), timeline_of(canary, example));
}

// Every deviation is needed: without it what is left of the schedule passes, and so does all else
// that has fewer.
void expect_to_be_shortest(const Canary& canary, const Counterexample& example) {
  const std::size_t deviations = example.schedule.size();
  for (std::size_t i = 0; i < deviations; ++i) {
    sim::Schedule without = example.schedule;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    const Report report = canary.replay(canary.token_of(without));
    EXPECT_EQ(report.failed_executions, 0u) << "without deviation " << i << "\n"
                                            << report.to_string();
  }
  if (deviations == 0) return;
  const Report fewer = canary.explore(canary.defect, ExploreOptions().deviations(deviations - 1));
  EXPECT_TRUE(fewer.ok()) << fewer.to_string();
  EXPECT_EQ(fewer.verdict, Verdict::complete_within_bound);
}

void expect_caught(Defect defect, FailureKind kind, const std::string& site,
                   const std::vector<std::string>& facts) {
  const Canary& canary = test::canary(defect);
  const Report report = canary.explore();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.verdict, Verdict::stopped_at_failure);
  EXPECT_EQ(report.failed_executions, 1u);
  ASSERT_TRUE(report.counterexample.has_value()) << report.to_string();
  const Counterexample& example = *report.counterexample;
  EXPECT_EQ(to_string(example.failures.front().kind), to_string(kind));
  EXPECT_EQ(example.failures.front().site(), site);
  EXPECT_THAT(texts_of(example.facts), ElementsAreArray(facts));
  EXPECT_EQ(example.schedule.size(), facts.size());
  EXPECT_TRUE(example.deterministic);
  EXPECT_TRUE(example.nearest_passing.has_value());
  expect_to_replay(canary, example);
  expect_to_be_shortest(canary, example);
}

std::string hang(const std::string& statuses) {
  return "the body waits for something that can never happen (calls: " + statuses + ")";
}

TEST(Explorer, CatchesACancelThatLeavesAWriteWaiting) {
  expect_caught(Defect::write_left_waiting, FailureKind::hang, hang("CANCELLED"),
                {"call1.cancel BEFORE channel1.connect"});
}

TEST(Explorer, CatchesAStatusThatIsOverwritten) {
  expect_caught(Defect::status_overwritten, FailureKind::invariant, "a call is done once",
                {"call1: cancel BEFORE reaches_peer"});
}

TEST(Explorer, CatchesALocalEndThatThePeerNeverLearnsOf) {
  expect_caught(Defect::local_end_keeps_transport, FailureKind::hang, hang("unfinished"),
                {"call1: reaches_peer BEFORE started", "call1: gap BEFORE started",
                 "call1: gap#2 BEFORE started"});
}

TEST(Explorer, CatchesACallbackThatComesBeforeTheTransport) {
  expect_caught(Defect::callback_before_transport, FailureKind::exception,
                "an exception left the body: the callback threw",
                {"body.yield BEFORE call1.status"});
}

TEST(Explorer, CatchesAHalfCloseThatOvertakesAWrite) {
  expect_caught(Defect::half_close_overtakes_write, FailureKind::check,
                "the call is OK without its message",
                {"call1.done_writing BEFORE channel1.connect"});
}

TEST(Explorer, CatchesAReadThatLooksAtTheStatusFirst) {
  expect_caught(Defect::status_before_messages, FailureKind::check,
                "the call is OK without one of its messages",
                {"call1: gap BEFORE headers", "call1: gap#2 BEFORE headers"});
}

TEST(Explorer, CatchesASecondResponseThatIsNeverRead) {
  expect_caught(Defect::second_response_unread, FailureKind::hang, hang("unfinished"),
                {"fault.doubled message on call1 BEFORE call1.message"});
}

TEST(Explorer, CatchesATimerThatIsLeftArmed) {
  expect_caught(Defect::timer_left_armed, FailureKind::leak, "a timer is still armed",
                {"call1.cancel BEFORE channel1.connect"});
}

TEST(Explorer, CatchesAReaderThatIsResumedTwice) {
  expect_caught(Defect::reader_resumed_twice, FailureKind::check,
                "resumed by nothing that it waited for", {"call1.cancel BEFORE channel1.connect"});
}

TEST(Explorer, CatchesACancelThatRunsTheLoopInsideACompletion) {
  expect_caught(Defect::cancel_waits_in_continuation, FailureKind::rule_violation,
                "T60 was broken: receive_failed came inside another completion",
                {"call1: sent BEFORE reaches_peer"});
}

// By number of deviations, in the order of canaries().
TEST(Explorer, PassesTheRightClientInAllTenBodies) {
  const std::vector<std::size_t> levels[] = {
      {1, 14, 33, 34, 13, 3},      {1, 14, 28, 33, 24, 10, 3},
      {1, 5, 12, 18, 21, 6},       {1, 2, 2, 2, 3},
      {1, 9, 30, 49, 44, 46, 20},  {1, 6, 19, 39, 54, 57, 54, 55, 51, 16},
      {1, 4, 5, 5, 5, 2},          {1, 11, 7, 5},
      {1, 11, 19, 24, 17, 14, 10}, {1, 6, 12, 13, 7, 1},
  };
  for (std::size_t i = 0; i < canaries().size(); ++i) {
    const Canary& canary = canaries()[i];
    const Report report = canary.explore(Defect::none);
    EXPECT_TRUE(report.ok()) << report.to_string();
    EXPECT_EQ(report.verdict, Verdict::complete) << canary.name;
    EXPECT_EQ(report.levels, levels[i]) << canary.name;
    const Report all =
        canary.explore(Defect::none, ExploreOptions().mode(sim::SearchMode::brute_force));
    EXPECT_EQ(all.verdict, Verdict::complete) << canary.name;
    EXPECT_EQ(all.levels, levels[i]) << canary.name;
  }
}

TEST(Explorer, GivesTheSameTraceOfATokenAHundredTimes) {
  for (const Canary& canary : canaries()) {
    const Report found = canary.explore();
    ASSERT_TRUE(found.counterexample.has_value()) << canary.name;
    const std::string timeline = timeline_of(canary, *found.counterexample);
    EXPECT_THAT(timeline, testing::HasSubstr(canary.name));
    for (int i = 0; i < 100; ++i) {
      const Report replayed = canary.replay(found.counterexample->token);
      ASSERT_TRUE(replayed.counterexample.has_value()) << canary.name;
      ASSERT_EQ(timeline_of(canary, *replayed.counterexample), timeline);
    }
  }
}

}  // namespace
}  // namespace weft::test
