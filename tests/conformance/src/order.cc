// C042-C054: the order of what a client sees.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

Task<> no_status_is_one(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().abort());
  EXPECT_TRUE(stream.ask_status().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts.size(), 1u);
  const CallStatus status = co_await stream.ended();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(status.locally_cancelled);
}

Task<> nothing_after_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  co_await drain(stream);
  co_await stream.status();
  const std::size_t events = stream.log().size();
  for (int i = 0; i < 5; ++i) {
    Task<> step = bench.step();
    co_await std::move(step);
  }
  EXPECT_EQ(stream.log().size(), events) << stream.story();
}

// The peer is through, and what it sent is here, before anything is read (P2, P3).
Task<> unread_messages(Bench& bench, StatusCode code) {
  ObservedStream stream =
      bench.start(PeerScript().headers().message("last").finish(code).tell(bench.note("through")));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  Task<> through = bench.await("through");
  co_await std::move(through);
  EXPECT_FALSE(stream.has("status")) << stream.story();
  const Received last = co_await stream.receive();
  EXPECT_EQ(told(last), "m:last");
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(status.code, code);
}

Task<> cancelled_with_messages_unread(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().messages(2, 10).wait_for_cancel());
  co_await stream.headers();
  EXPECT_TRUE(stream.cancel());
  const Texts texts = co_await drain(stream);
  EXPECT_LE(texts.size(), 3u);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "CANCELLED: enough");
}

Task<> end_is_sticky(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"m:m", "end"}));
  for (int i = 0; i < 3; ++i) {
    const Received received = co_await stream.receive();
    EXPECT_EQ(told(received), "end");
  }
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
  const Received late = co_await stream.receive();
  EXPECT_EQ(told(late), "end");
}

// The status is asked for at once and the reader is late: before the first message (P17), or behind
// it (P25).
Task<> ok_loses_nothing(Bench& bench, bool read_before) {
  PeerScript script = PeerScript().headers();
  if (read_before) script.message("first").await(bench.note("go"));
  ObservedStream stream = bench.start(script.message("last").finish().tell(bench.note("through")));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  if (read_before) {
    const Received first = co_await stream.receive();
    EXPECT_EQ(told(first), "m:first");
    Task<> go = bench.give("go");
    co_await std::move(go);
  }
  Task<> through = bench.await("through");
  co_await std::move(through);
  const Texts rest = co_await drain(stream);
  EXPECT_EQ(rest, (Texts{"m:last", "end"}));
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "OK");
}

Task<> reads_after_a_failed_write(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript()
                                          .message("last")
                                          .finish(StatusCode::kAborted, "enough")
                                          .tell(bench.note("through")));
  Task<> through = bench.await("through");
  co_await std::move(through);
  bool failed = false;
  for (int i = 0; i < 3; ++i) {
    const OperationResult sent = co_await stream.send("m");
    if (failed) {
      EXPECT_EQ(sent, OperationResult::failed);
    }
    failed = failed || sent == OperationResult::failed;  // a transport may not know yet (TG4)
  }
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:last");
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "ABORTED: enough");
}

Task<> send_after_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish(StatusCode::kAborted, "enough"));
  co_await stream.status();
  const OperationResult sent = co_await stream.send("m");
  EXPECT_EQ(sent, OperationResult::failed);
  const OperationResult again = co_await stream.send("m");
  EXPECT_EQ(again, OperationResult::failed);
  co_await stream.close();
}

Task<> send_against_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish(StatusCode::kAborted, "enough"));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.send("m");
  co_await stream.close();
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "ABORTED: enough");
}

Task<> close_behind_a_send(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read().read_all().report().finish());
  EXPECT_TRUE(stream.begin_send("last").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.messages.size(), 1u);
  EXPECT_TRUE(report.half_closed);
  co_await stream.sent();
  co_await stream.closed();
  EXPECT_EQ(stream.count("send"), 1u);
  EXPECT_EQ(stream.count("close"), 1u);
}

Task<> discard(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().messages(3, 10).finish(StatusCode::kAborted));
  EXPECT_TRUE(stream.ask_status().ok());
  while (!stream.has("status")) {
    const Received dropped = co_await stream.receive();
    if (dropped.kind != Received::Kind::message) break;
  }
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(status.code, StatusCode::kAborted);
}

// [check]
Task<> status_asked_last(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish(StatusCode::kAborted, "x"));
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts.front(), "m:m");
  EXPECT_FALSE(stream.has("status"));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "ABORTED: x");
}
// [/check]

}  // namespace

std::vector<Check> order_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C042", "T04", "EndWithoutAStatusIsAStatus", &no_status_is_one);
  checks.emplace_back("C043", "T10", "NothingComesAfterTheStatus", &nothing_after_status);
  checks.push_back(Check("C044", "T15 T18", "UnreadMessagesHoldBackOk",
                         [](Bench& bench) { return unread_messages(bench, StatusCode::kOk); }));
  checks.push_back(Check("C045", "T15 T18", "UnreadMessagesHoldBackAnError", [](Bench& bench) {
    return unread_messages(bench, StatusCode::kInvalidArgument);
  }));
  checks.emplace_back("C046", "T16", "LocalCancelIsTheStatusOfLostMessages",
                      &cancelled_with_messages_unread);
  checks.emplace_back("C047", "T17", "EndIsSticky", &end_is_sticky);
  checks.push_back(Check("C049", "T15 T16 TG2", "OkLosesNothingForALateFirstRead",
                         [](Bench& bench) { return ok_loses_nothing(bench, false); }));
  checks.push_back(Check("C049", "T15 T16 TG2", "OkLosesNothingForALateSecondRead",
                         [](Bench& bench) { return ok_loses_nothing(bench, true); }));
  checks.emplace_back("C050", "T17 TG4", "ReadsGoOnAfterAFailedWrite", &reads_after_a_failed_write);
  checks.emplace_back("C051", "T19 T26", "SendAfterTheStatusFails", &send_after_status);
  checks.emplace_back("C051", "T19 TG4", "SendAgainstTheStatusKeepsIt", &send_against_status);
  checks.emplace_back("C052", "T22 T54", "CloseArrivesBehindTheLastMessage", &close_behind_a_send);
  checks.emplace_back("C053", "T18", "DiscardingGivesTheStatus", &discard);
  checks.emplace_back("C054", "T24", "StatusMayBeAskedForLast", &status_asked_last);
  return checks;
}

}  // namespace weft::conformance
