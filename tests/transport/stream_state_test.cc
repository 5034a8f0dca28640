// The rules of a stream's life: every legal and every illegal transition.

#include "weft/transport/stream_state.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace weft::test {
namespace {

using enum StreamEvent;

constexpr std::array all_events = {
    start,
    send,
    close,
    receive,
    request_status,
    started,
    start_failed,
    initial_metadata,
    sent,
    send_failed,
    closed,
    message,
    end,
    receive_failed,
    status,
};
constexpr std::array verbs = {start, send, close, receive, request_status};

using History = std::vector<StreamEvent>;

StreamState after(const History& history) {
  StreamState state;
  for (const StreamEvent event : history) state.apply(event);
  return state;
}

History then(History history, std::initializer_list<StreamEvent> more) {
  history.insert(history.end(), more);
  return history;
}

// Started, with its headers.
const History open = {start, started, initial_metadata};
History opened(std::initializer_list<StreamEvent> more) {
  return then(open, more);
}
// Everything has happened, the status included.
const History over = then(open, {request_status, receive, end, status});

// For one state, each event: "ok", or the rule that it breaks.
class Row {
 public:
  Row(const char* row_name, History how_to_get_there, std::map<StreamEvent, std::string> verdicts)
      : name(row_name), history(std::move(how_to_get_there)), rules(std::move(verdicts)) {}
  const char* name;
  History history;
  std::map<StreamEvent, std::string> rules;
};

// The verdicts of a state in which nothing is outstanding, then what differs from it.
std::map<StreamEvent, std::string> quiet(std::map<StreamEvent, std::string> but = {}) {
  std::map<StreamEvent, std::string> rules = {
      {start, "T25"},         {send, "ok"},
      {close, "ok"},          {receive, "ok"},
      {request_status, "ok"}, {started, "T05"},
      {start_failed, "T05"},  {initial_metadata, "T10"},
      {sent, "T05"},          {send_failed, "T05"},
      {closed, "T05"},        {message, "T50"},
      {end, "T05"},           {receive_failed, "T05"},
      {status, "T04"},
  };
  for (const auto& [event, rule] : but) rules[event] = rule;
  return rules;
}

// After the status with nothing outstanding, every delivery is one too many.
std::map<StreamEvent, std::string> ended(std::map<StreamEvent, std::string> but = {}) {
  auto rules = quiet({{request_status, "T25"}});
  for (const StreamEvent event : all_events) {
    if (event >= started) rules[event] = "T10";
  }
  for (const auto& [event, rule] : but) rules[event] = rule;
  return rules;
}

std::vector<Row> rows_without_status() {
  return {
      {"created",
       {},
       quiet({{start, "ok"},
              {send, "T25"},
              {close, "T25"},
              {receive, "T25"},
              {request_status, "T25"}})},
      {"starting",
       {start},
       quiet({{started, "ok"}, {start_failed, "ok"}, {initial_metadata, "ok"}})},
      {"started, headers awaited", {start, started}, quiet({{initial_metadata, "ok"}})},
      {"failed to start", {start, start_failed}, quiet({{initial_metadata, "ok"}})},
      {"open", open, quiet()},
      {"sending", opened({send}), quiet({{send, "T25"}, {sent, "ok"}, {send_failed, "ok"}})},
      {"a send succeeded", opened({send, sent}), quiet()},
      {"a send failed", opened({send, send_failed}), quiet()},
      {"sending after a failed send", opened({send, send_failed, send}),
       quiet({{send, "T25"}, {sent, "T17"}, {send_failed, "ok"}})},
      {"closing", opened({close}), quiet({{send, "T25"}, {close, "T25"}, {closed, "ok"}})},
      {"closing behind a send", opened({send, close}),
       quiet({{send, "T25"}, {close, "T25"}, {sent, "ok"}, {send_failed, "ok"}, {closed, "ok"}})},
      {"closed", opened({close, closed}), quiet({{send, "T25"}, {close, "T25"}})},
      {"receiving before the headers",
       {start, started, receive},
       quiet({{receive, "T25"},
              {initial_metadata, "ok"},
              {message, "T11"},
              {end, "T11"},
              {receive_failed, "ok"}})},
      {"receiving", opened({receive}),
       quiet({{receive, "T25"}, {message, "ok"}, {end, "ok"}, {receive_failed, "ok"}})},
      {"a message came", opened({receive, message}), quiet()},
      {"the end came", opened({receive, end}), quiet()},
      {"receiving after the end", opened({receive, end, receive}),
       quiet({{receive, "T25"}, {message, "T17"}, {end, "ok"}, {receive_failed, "T17"}})},
      {"a receive failed", opened({receive, receive_failed}), quiet()},
      {"receiving after a failure", opened({receive, receive_failed, receive}),
       quiet({{receive, "T25"}, {message, "T17"}, {end, "T17"}, {receive_failed, "ok"}})},
  };
}

std::vector<Row> rows_with_status() {
  return {
      {"status asked before the headers",
       {start, started, request_status},
       quiet({{request_status, "T25"}, {initial_metadata, "ok"}, {status, "T12"}})},
      {"status asked while starting",
       {start, request_status},
       quiet({{request_status, "T25"},
              {started, "ok"},
              {start_failed, "ok"},
              {initial_metadata, "ok"},
              {status, "T12"}})},
      {"status asked", opened({request_status}), quiet({{request_status, "T25"}, {status, "ok"}})},
      {"status asked while receiving", opened({request_status, receive}),
       quiet({{request_status, "T25"},
              {receive, "T25"},
              {message, "ok"},
              {end, "ok"},
              {receive_failed, "ok"},
              {status, "T12"}})},
      {"status asked while sending", opened({request_status, send}),
       quiet({{request_status, "T25"},
              {send, "T25"},
              {sent, "ok"},
              {send_failed, "ok"},
              {status, "T12"}})},
      {"status asked while closing", opened({request_status, close}),
       quiet({{request_status, "T25"},
              {send, "T25"},
              {close, "T25"},
              {closed, "ok"},
              {status, "T12"}})},
      {"over", over, ended()},
      {"receiving after the status", then(over, {receive}),
       quiet({{request_status, "T25"},
              {receive, "T25"},
              {message, "T17"},
              {end, "ok"},
              {receive_failed, "T17"}})},
      {"receiving first after the status", opened({request_status, status, receive}),
       quiet({{request_status, "T25"},
              {receive, "T25"},
              {message, "T10"},
              {end, "ok"},
              {receive_failed, "ok"}})},
      {"sending after the status", then(over, {send}),
       quiet({{request_status, "T25"}, {send, "T25"}, {sent, "ok"}, {send_failed, "ok"}})},
      {"closing after the status", then(over, {close}),
       quiet({{request_status, "T25"}, {send, "T25"}, {close, "T25"}, {closed, "ok"}})},
  };
}

std::vector<Row> table() {
  std::vector<Row> rows = rows_without_status();
  for (const Row& row : rows_with_status()) rows.push_back(row);
  return rows;
}

TEST(StreamState, JudgesEveryEventInEveryState) {
  for (const Row& row : table()) {
    const StreamState state = after(row.history);
    for (const StreamEvent event : all_events) {
      const char* rule = state.broken_rule(event);
      EXPECT_EQ(rule == nullptr ? "ok" : rule, row.rules.at(event))
          << to_string(event) << " when " << row.name << " " << state.to_string();
    }
  }
}

TEST(StreamState, AdmitsExactlyTheVerbsThatBreakNoRule) {
  for (const Row& row : table()) {
    const StreamState state = after(row.history);
    for (const StreamEvent verb : verbs) {
      EXPECT_EQ(state.admit(verb).ok(), row.rules.at(verb) == "ok")
          << to_string(verb) << " when " << row.name;
    }
  }
}

TEST(StreamState, JudgingChangesNothing) {
  for (const Row& row : table()) {
    const StreamState before = after(row.history);
    const StreamState judged = before;
    for (const StreamEvent event : all_events) (void)judged.broken_rule(event);
    EXPECT_EQ(judged, before) << row.name;
  }
}

TEST(StreamState, AppliesEveryLegalEventOfTheTable) {
  for (const Row& row : table()) {
    for (const StreamEvent event : all_events) {
      if (row.rules.at(event) != "ok") continue;
      StreamState state = after(row.history);
      state.apply(event);
      EXPECT_NE(state, after(row.history)) << to_string(event) << " when " << row.name;
    }
  }
}

TEST(StreamState, RefusalsNameTheRule) {
  const auto text = [](const History& history, StreamEvent verb) {
    const absl::Status refused = after(history).admit(verb);
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(refused.message());
  };
  EXPECT_EQ(text({start}, start), "the stream was already started (T03)");
  EXPECT_EQ(text({}, send), "send before start (T03)");
  EXPECT_EQ(text({}, close), "close before start (T03)");
  EXPECT_EQ(text({}, receive), "receive before start (T03)");
  EXPECT_EQ(text({}, request_status), "request_status before start (T03)");
  EXPECT_EQ(text(opened({receive}), receive), "a receive is already outstanding (T20)");
  EXPECT_EQ(text(opened({send}), send), "a send is already outstanding (T21)");
  EXPECT_EQ(text(opened({close}), send), "send after close (T22)");
  EXPECT_EQ(text(opened({send, close}), send), "send after close (T22)");
  EXPECT_EQ(text(opened({close, closed}), close), "the stream was already closed (T22)");
  EXPECT_EQ(text(opened({request_status}), request_status), "status was already requested (T24)");
}

TEST(StreamState, IsQuiescentWhenEveryAcceptedOperationWasCompleted) {
  EXPECT_TRUE(after({}).quiescent());
  EXPECT_FALSE(after({start}).quiescent());
  EXPECT_FALSE(after({start, started}).quiescent());  // the headers are missing
  EXPECT_FALSE(after({start, initial_metadata}).quiescent());
  EXPECT_TRUE(after(open).quiescent());
  EXPECT_FALSE(after(opened({send})).quiescent());
  EXPECT_FALSE(after(opened({close})).quiescent());
  EXPECT_FALSE(after(opened({receive})).quiescent());
  EXPECT_FALSE(after(opened({receive, end, receive})).quiescent());
  EXPECT_FALSE(after(opened({send, send_failed, send})).quiescent());
  EXPECT_TRUE(after(opened({request_status})).quiescent());
}

TEST(StreamState, IsFinishedWhenNoCompletionCanCome) {
  EXPECT_TRUE(after(open).finished());
  EXPECT_FALSE(after(opened({request_status})).finished());
  EXPECT_TRUE(after(over).finished());
  EXPECT_FALSE(after(then(over, {receive})).finished());
  EXPECT_TRUE(after(then(over, {receive, end})).finished());
}

TEST(StreamState, TakingAVerbAppliesItOnlyIfItIsAdmitted) {
  StreamState state = after(open);
  EXPECT_TRUE(state.take(send).ok());
  EXPECT_EQ(state, after(opened({send})));
  EXPECT_EQ(state.take(send).message(), "a send is already outstanding (T21)");
  EXPECT_EQ(state, after(opened({send})));
}

TEST(StreamState, WritesItselfOut) {
  EXPECT_EQ(after({}).to_string(),
            "{start: created, headers: not asked, send: idle, close: open, receive: idle, "
            "status: not asked}");
  EXPECT_EQ(after(opened({send, send_failed, send, close, receive, end, receive, request_status}))
                .to_string(),
            "{start: started, headers: delivered, send: failed, outstanding, close: outstanding, "
            "receive: ended, outstanding, status: asked}");
  EXPECT_EQ(after({start, start_failed, initial_metadata, close, closed, receive, receive_failed,
                   request_status, status})
                .to_string(),
            "{start: failed, headers: delivered, send: idle, close: closed, receive: failed, "
            "status: delivered}");
}

TEST(StreamStateDeathTest, AnIllegalEventAbortsNamingTheRuleTheEventAndTheState) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(after({start, started, receive, message}),
               "T11, message, \\{start: started, headers: awaited, send: idle, "
               "close: open, receive: outstanding, status: not asked\\}");
  EXPECT_DEATH(after(then(over, {message})), "T10, message, \\{start: started");
  EXPECT_DEATH(after({send}), "T25, send, \\{start: created");
  EXPECT_DEATH(after(opened({receive, request_status, status})), "T12, status, \\{start: started");
}

TEST(StreamStateDeathTest, OnlyVerbsCanBeAdmitted) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH((void)after(open).admit(message), "message");
}

}  // namespace
}  // namespace weft::test
