// C070-C088: cancels, at every stage and from every callback.

#include <gtest/gtest.h>

#include <mutex>

#include "sections.h"
#include "stages.h"

namespace weft::conformance {
namespace {

constexpr const char* cancelled = "CANCELLED: enough";

Task<> in_a_vacuum(Bench& bench) {
  ObservedStream stream = bench.open(Bench::options(PeerScript().finish()));
  EXPECT_TRUE(stream.cancel());
  EXPECT_FALSE(stream.cancel());
  co_return;
}

// The first so many of: send, close, receive, status.
void begin_operations(ObservedStream& stream, int count) {
  if (count > 0) {
    EXPECT_TRUE(stream.begin_send("m").ok());
  }
  if (count > 1) {
    EXPECT_TRUE(stream.begin_close().ok());
  }
  if (count > 2) {
    EXPECT_TRUE(stream.begin_receive().ok());
  }
  if (count > 3) {
    EXPECT_TRUE(stream.ask_status().ok());
  }
}

Task<> before_the_start(Bench& bench) {
  for (int operations = 0; operations <= 4; ++operations) {
    ObservedStream stream = bench.open(Bench::options(PeerScript().message("m").finish()));
    EXPECT_TRUE(stream.cancel());
    EXPECT_TRUE(stream.start().ok());
    begin_operations(stream, operations);
    const CallStatus status = co_await stream.status();
    EXPECT_EQ(told(status), cancelled);
    EXPECT_TRUE(stream.has("start failed")) << stream.story();
    EXPECT_EQ(stream.has("send failed"), operations > 0) << stream.story();
    EXPECT_FALSE(stream.has("receive message")) << stream.story();
  }
}

Task<> after_the_start(Bench& bench, int operations) {
  ObservedStream stream = bench.start(PeerScript().wait_for_cancel());
  begin_operations(stream, operations);
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_TRUE(stream.cancel());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), cancelled);
  EXPECT_TRUE(status.locally_cancelled);
}

Task<> cancel_at_stage(Bench& bench, Stage stage) {
  ObservedStream stream = bench.start(script_for(stage));
  Task<> there = reach(bench, stream, stage);
  co_await std::move(there);
  EXPECT_TRUE(stream.cancel());
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), cancelled);
  Task<> rest = expect_all_over(stream, stage, true);
  co_await std::move(rest);
}

// Nobody listens, and the call waits for somebody; so does a watcher of the connection.
Task<> cancel_without_a_connection(Bench& bench, CallKind kind) {
  const std::shared_ptr<Transport> transport = bench.connect_to_nobody();
  StreamOptions options = Bench::options(PeerScript(), kind);
  options.wait_for_ready = true;
  ObservedStream stream = bench.start(*transport, std::move(options));
  begin_operations(stream, 4);
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_TRUE(stream.cancel());
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), cancelled);
  EXPECT_TRUE(stream.has("send failed")) << stream.story();
}

Task<> peer_sees_it(Bench& bench, CallKind kind) {
  const bool one_request = request_cardinality(kind) == Cardinality::one;
  PeerScript script;
  if (one_request) script.read_all();
  ObservedStream stream =
      bench.start(script.message("m").wait_for_cancel().tell(bench.note("cancelled")), kind);
  if (one_request) {
    EXPECT_TRUE(stream.begin_send("go").ok());
    EXPECT_TRUE(stream.begin_close().ok());
  }
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:m");
  EXPECT_TRUE(stream.cancel(StatusCode::kInternal, "nobody's business"));
  Task<> seen = bench.await("cancelled");
  co_await std::move(seen);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "INTERNAL: nobody's business");
}

// Awaiting resumes inside the completion: what follows is in the callback.
Task<> in_message_callback(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().messages(3, 10).wait_for_cancel());
  const Received received = co_await stream.receive();
  EXPECT_EQ(received.kind, Received::Kind::message);
  EXPECT_TRUE(stream.cancel());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), cancelled);
}

Task<> in_status_callback(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish(StatusCode::kAborted, "x"));
  const CallStatus status = co_await stream.status();
  EXPECT_FALSE(stream.cancel());
  EXPECT_EQ(told(status), "ABORTED: x");
}

Task<> in_headers_callback(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  EXPECT_TRUE(stream.cancel());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), cancelled);
}

Task<> await_end_with_lock(ObservedStream& stream, std::mutex& mutex) {
  co_await stream.ended();
  const bool free = mutex.try_lock();
  EXPECT_TRUE(free) << "a completion ran while the canceller held its lock";
  if (free) mutex.unlock();
}

Task<> with_a_lock(Bench& bench) {
  std::mutex mutex;
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(stream.cancel());
  }
  Task<> end = await_end_with_lock(stream, mutex);
  co_await std::move(end);
}

Task<> twice(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  EXPECT_TRUE(stream.cancel(StatusCode::kAborted, "first"));
  EXPECT_FALSE(stream.cancel(StatusCode::kInternal, "second"));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "ABORTED: first");
}

Task<> with_a_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().wait_for_cancel());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.cancel(StatusCode::kDataLoss, "chosen"));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "DATA_LOSS: chosen");
  EXPECT_FALSE(status.locally_cancelled);
}

// The response and OK are here when it comes.
Task<> late(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().message("m").finish().tell(bench.note("through")));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  Task<> through = bench.await("through");
  co_await std::move(through);
  stream.cancel();
  const Texts texts = co_await drain(stream);
  const CallStatus status = co_await stream.ended();
  if (status.ok()) {
    EXPECT_EQ(texts, (Texts{"m:m", "end"}));
  } else {
    EXPECT_EQ(told(status), cancelled);
  }
}

Task<> after_the_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  co_await drain(stream);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_FALSE(stream.cancel());
  EXPECT_EQ(stream.count("status"), 1u);
}

}  // namespace

std::vector<Check> cancel_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C070", "T30", "CancelInAVacuum", &in_a_vacuum);
  checks.emplace_back("C071", "T34", "CancelBeforeTheStartFailsEverything",
                      &before_the_start);  // R1-45
  for (int operations = 0; operations <= 4; ++operations) {
    checks.push_back(
        Check("C072", "T33", "CancelAfterTheStartWith" + std::to_string(operations) + "Operations",
              [operations](Bench& bench) { return after_the_start(bench, operations); }));
  }
  const char* const ids[] = {"C073", "C075", "C076", "C077", "C078", "C079"};
  for (std::size_t i = 0; i < std::size(all_stages); ++i) {
    const Stage stage = all_stages[i];
    checks.push_back(Check(ids[i], "T33", "Cancel" + name_of(stage) + "EndsEverything",
                           [stage](Bench& bench) { return cancel_at_stage(bench, stage); }));
  }
  for (const CallKind kind : all_kinds) {
    checks.push_back(
        Check("C074", "T33 T80", name_of(kind) + "IsCancelledWithoutAConnection",
              [kind](Bench& bench) { return cancel_without_a_connection(bench, kind); })
            .need(Need::nobody)
            .within(3, endless_attempts));
    checks.push_back(Check("C080", "T35", name_of(kind) + "CancelReachesThePeer",
                           [kind](Bench& bench) { return peer_sees_it(bench, kind); }));
  }
  checks.emplace_back("C081", "T63", "CancelInsideTheMessageCallback", &in_message_callback);
  checks.emplace_back("C082", "T36 T63", "CancelInsideTheStatusCallback", &in_status_callback);
  checks.emplace_back("C083", "T63", "CancelInsideTheHeadersCallback", &in_headers_callback);
  checks.emplace_back("C084", "T31 TG5", "CancelUnderALockThatCompletionsTake", &with_a_lock);
  checks.emplace_back("C085", "T32", "FirstOfTwoCancelsWins", &twice);
  checks.emplace_back("C086", "T32", "CancelWithAChosenStatus", &with_a_status);
  checks.emplace_back("C087", "T16 T37", "LateCancelHasTwoOutcomes", &late);
  checks.emplace_back("C088", "T36", "CancelAfterTheStatusSaysFalse", &after_the_status);
  return checks;
}

}  // namespace weft::conformance
