// C089-C098: cancels against other ends, ends by the peer, and streams that are given up.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"
#include "weft/api/block_on.h"

namespace weft::conformance {
namespace {

// Anywhere among the call's events, where orders are tried.
Task<> against_the_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().messages(2, 10).finish());
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  Task<> step = bench.step();
  co_await std::move(step);
  stream.cancel();
  Texts texts;
  const Received first = co_await stream.received();
  texts.push_back(told(first));
  if (first.kind == Received::Kind::message) {
    const Texts rest = co_await drain(stream);
    texts.insert(texts.end(), rest.begin(), rest.end());
  }
  const CallStatus status = co_await stream.ended();
  if (status.ok()) {
    EXPECT_EQ(texts, numbered(2, 10));
  } else {
    EXPECT_EQ(told(status), "CANCELLED: enough");
    EXPECT_TRUE(status.locally_cancelled);
  }
}

Task<> against_deadline_and_loss(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().headers().wait_for_cancel());
  options.deadline = bench.deadline_in(absl::Milliseconds(20));
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  Task<> step = bench.step();
  co_await std::move(step);
  bench.site().stop_peer();
  Task<> another = bench.step();
  co_await std::move(another);
  stream.cancel();
  const CallStatus status = co_await stream.ended();
  const bool legal = told(status) == "CANCELLED: enough" ||
                     status.code == StatusCode::kDeadlineExceeded ||
                     status.code == StatusCode::kUnavailable;
  EXPECT_TRUE(legal) << told(status);
  EXPECT_EQ(status.locally_cancelled, status.code == StatusCode::kCancelled);
}

Task<> peer_learns_no_reason(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().wait_for_cancel().tell(bench.note("cancelled")));
  co_await stream.headers();
  stream.cancel(StatusCode::kPermissionDenied, "secret");
  Task<> seen = bench.await("cancelled");
  co_await std::move(seen);
}

Task<> peer_aborts(Bench& bench, PeerScript script) {
  ObservedStream stream = bench.start(script.abort());
  EXPECT_TRUE(stream.ask_status().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_LE(texts.size(), 2u);
  const CallStatus status = co_await stream.ended();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(status.locally_cancelled);
}

// What is still on its way when a stream ends does not hurt the others.
Task<> late_frames(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().messages(bench.many(200, 3), 1000).finish());
  const Received first = co_await stream.receive();
  EXPECT_EQ(first.kind, Received::Kind::message);
  stream.cancel();
  stream.drop();
  Task<> next = echo_once(bench, *bench.transport(), "still there");
  co_await std::move(next);
}

// The bench waits for all completions (T05); the stream is gone by then.
Task<> dropped(Bench& bench, bool answered) {
  PeerScript script;
  if (answered) script.headers().message("m");
  ObservedStream stream = bench.start(script.wait_for_cancel().tell(bench.note("gone")));
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_send(bench.large_message()).ok());
  EXPECT_TRUE(stream.begin_close().ok());
  if (answered) {
    co_await stream.headers();
  } else {
    Task<> step = bench.step();
    co_await std::move(step);
  }
  stream.drop();
}

Task<> dropped_is_cancelled(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().wait_for_cancel().tell(bench.note("gone")));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  stream.drop();
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "CANCELLED: Cancelled upon destruction!");
  Task<> seen = bench.await("gone");
  co_await std::move(seen);
}

// The client's send is blocked; the peer has enough.
Task<> early_answer(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript()
                                          .headers()
                                          .await(bench.note("go"))
                                          .message("answer")
                                          .finish(StatusCode::kAborted, "enough"));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  EXPECT_TRUE(stream.begin_send(bench.large_message()).ok());
  Task<> go = bench.give("go");
  co_await std::move(go);
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts.front(), "m:answer");
  co_await stream.sent();
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "ABORTED: enough");
}

Task<> told_apart(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish(StatusCode::kCancelled, "by the peer"));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "CANCELLED: by the peer");
  EXPECT_FALSE(status.locally_cancelled);
  ObservedStream other = bench.start(PeerScript().wait_for_cancel());
  other.cancel();
  const CallStatus local = co_await other.status();
  EXPECT_TRUE(local.locally_cancelled);
}

Task<> give_up_receiving(ObservedStream& stream) {
  co_await stream.received();
}

// Whoever waited for a receive is gone; its result goes to the next.
Task<> abandoned_receive(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().await(bench.note("go")).messages(2, 10).finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  co_await stream.headers();
  std::optional<std::monostate> never;
  weft::detail::RootCoroutine waiter =
      weft::detail::run_into<std::monostate>(give_up_receiving(stream), never);
  waiter.start([](void*) noexcept -> std::coroutine_handle<> { return std::noop_coroutine(); },
               nullptr, nullptr);
  waiter = weft::detail::RootCoroutine();
  Task<> go = bench.give("go");
  co_await std::move(go);
  const Received received = co_await stream.received();
  EXPECT_EQ(told(received), "m:" + numbered_message(0, 10));
  const Texts rest = co_await drain(stream);
  EXPECT_EQ(rest, (Texts{"m:" + numbered_message(1, 10), "end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

}  // namespace

std::vector<Check> cancel_race_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C089", "T37 T16", "CancelAgainstTheStatusHasTwoOutcomes",
                      &against_the_status);
  checks.push_back(
      Check("C090", "T32", "FirstOfCancelDeadlineAndLossWins", &against_deadline_and_loss)
          .need(Need::peer_stops));
  checks.emplace_back("C091", "T35", "PeerLearnsOfACancel", &peer_learns_no_reason);
  checks.push_back(Check("C092", "T04", "PeerAbortsBeforeAnything",
                         [](Bench& bench) { return peer_aborts(bench, PeerScript()); }));
  checks.push_back(Check("C092", "T04", "PeerAbortsBehindTheHeaders",
                         [](Bench& bench) { return peer_aborts(bench, PeerScript().headers()); }));
  checks.push_back(Check("C092", "T04", "PeerAbortsBehindAMessage", [](Bench& bench) {
    return peer_aborts(bench, PeerScript().message("m"));
  }));
  checks.push_back(Check("C093", "T83", "LateFramesHurtNobody", &late_frames));
  checks.push_back(Check("C094", "T05 T06 TG8", "DroppedStreamCompletesEverything",
                         [](Bench& bench) { return dropped(bench, false); }));
  checks.push_back(Check("C094", "T05 T06 TG8", "DroppedStreamCompletesEverythingAfterAnAnswer",
                         [](Bench& bench) { return dropped(bench, true); }));
  checks.emplace_back("C094", "T06 T35", "DroppedStreamIsCancelled", &dropped_is_cancelled);
  checks.emplace_back("C096", "T53", "EarlyAnswerReleasesABlockedSend", &early_answer);
  checks.emplace_back("C097", "T38", "LocalCancelIsToldFromThePeers", &told_apart);
  checks.emplace_back("C098", "T39", "AbandonedReceiveKeepsItsMessage", &abandoned_receive);
  return checks;
}

}  // namespace weft::conformance
