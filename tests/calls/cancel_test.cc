// Cancelling, dropping and abandoning, over real gRPC.

#include <string>
#include <thread>

#include "call_test.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

class Cancel : public CallTest {};

TEST_F(Cancel, IsSynchronousAndOnlyTheFirstOneCounts) {
  auto call = channel.unary_unary(unary_unary, silent_request());
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.done());
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.cancel());
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kCancelled));
  EXPECT_EQ(run(call.details()), local_cancel_details);
  EXPECT_EQ(run(call.debug_error_string()), std::nullopt);
  EXPECT_TRUE(run(call.initial_metadata()).empty());
  EXPECT_TRUE(call.outcome()->locally_cancelled);
}

TEST_F(Cancel, AfterTheEndChangesNothing) {
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_TRUE(run(call).ok());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(run(call.code()), StatusCode::kOk);
}

TEST_F(Cancel, BeforeTheConnectionExistsWakesEverythingThatWaits) {
  Channel nowhere(GrpcTransport::create(unreachable_target()).value(), loop);
  auto call = nowhere.stream_stream(stream_stream, CallOptions().wait_for_ready());
  absl::Status write, connection, read;
  auto writing = [&]() -> Task<> {
    const EchoRequest message = request("x");
    write = co_await call.write(message);
  };
  auto waiting = [&]() -> Task<> { connection = co_await call.wait_for_connection(); };
  auto reading = [&]() -> Task<> { read = (co_await call.read()).status(); };
  auto cancelling = [&]() -> Task<> {
    (void)co_await nowhere.wait_for_state_change(ConnectivityState::idle);
    EXPECT_TRUE(call.cancel());
  };
  run(when_all(writing(), waiting(), reading(), cancelling()));
  EXPECT_THAT(write, HasCode(StatusCode::kCancelled));
  EXPECT_THAT(connection, HasCode(StatusCode::kCancelled));
  EXPECT_THAT(read, HasCode(StatusCode::kCancelled));
  EXPECT_THAT(run(call.wait_for_connection()), HasCode(StatusCode::kCancelled));
}

TEST_F(Cancel, FreesAWriteThatFlowControlHolds) {
  auto call = channel.stream_stream(stream_stream);
  absl::Status stuck;
  // Whenever it comes, some write is pending: so much is never taken by a peer that does not read.
  auto cancelling = [&]() -> Task<> {
    // Nothing tells that flow control holds a write; earlier, it is pending all the same.
    co_await sleep_for(loop, absl::Milliseconds(20));
    call.cancel("enough");
  };
  auto writing = [&]() -> Task<> {
    const EchoRequest silence = silent_request();
    EXPECT_EQ(co_await call.write(silence), absl::OkStatus());
    TaskScope scope(loop);
    scope.spawn(cancelling());
    const EchoRequest large = request(std::string(8 << 20, 'x'));
    for (int i = 0; i < 8 && stuck.ok(); ++i) stuck = co_await call.write(large);
    co_await scope.join();
  };
  run(writing());
  EXPECT_THAT(stuck, HasCode(StatusCode::kCancelled));
  EXPECT_EQ(stuck.message(), "enough");
}

TEST_F(Cancel, InTheMiddleOfAStreamDropsWhatWasNotRead) {
  auto call = channel.unary_stream(unary_stream, request("m", 100));
  auto read_some = [&]() -> Task<absl::Status> {
    EXPECT_TRUE(bool(co_await call.read()));
    EXPECT_TRUE(call.cancel());
    auto after = co_await call.read();
    co_return after.status();
  };
  EXPECT_THAT(run(read_some()), HasCode(StatusCode::kCancelled));
  EXPECT_THAT(run(call.read()).status(), HasCode(StatusCode::kCancelled));
}

TEST_F(Cancel, FromAnotherThreadTakesEffectOnTheLoop) {
  auto call = channel.stream_stream(stream_stream);
  std::thread elsewhere([&] { EXPECT_TRUE(call.cancel("from elsewhere")); });
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kCancelled));
  elsewhere.join();
  EXPECT_EQ(run(call.details()), "from elsewhere");
}

TEST_F(Cancel, ByThePeerIsToldApartFromALocalOne) {
  auto call =
      channel.unary_unary(unary_unary, failing_request(StatusCode::kCancelled, "not in the mood"));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kCancelled));
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.outcome()->locally_cancelled);
  EXPECT_EQ(run(call.details()), "not in the mood");
}

TEST_F(Cancel, OfATaskEndsTheCallThatItWaitsForWithTheReason) {
  auto call = channel.stream_stream(stream_stream);
  bool waiting = false;
  auto wait = [&]() -> Task<> {
    waiting = true;
    (void)co_await call.read();
  };
  TaskScope scope(loop);
  scope.spawn(wait());
  while (!waiting) loop.run_one();
  scope.cancel("the user went home");
  run(scope.join());
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(run(call.details()), "the user went home");
}

TEST_F(Cancel, OfATaskLeavesACallAloneWhoseStatusItWaitsFor) {
  auto call = channel.stream_stream(stream_stream);
  bool waiting = false;
  auto wait = [&]() -> Task<> {
    waiting = true;
    (void)co_await call.code();
  };
  TaskScope scope(loop);
  scope.spawn(wait());
  while (!waiting) loop.run_one();
  scope.cancel();
  run(scope.join());
  EXPECT_FALSE(call.done());
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_EQ(run(call.status()), absl::OkStatus());
}

TEST_F(Cancel, IsNotWhatHappensToAReadThatIsGivenUp) {
  auto call = channel.stream_stream(stream_stream);
  auto first = run(when_any(call.read(), sleep_for(loop, absl::Milliseconds(5))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_EQ(run(call.write(request("late"))), absl::OkStatus());
  auto message = run(call.read());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->payload(), "late");
}

TEST_F(Cancel, HappensWhenTheLastHandleGoes) {
  std::optional<CallStatus> seen;
  {
    auto call = channel.unary_unary(unary_unary, silent_request());
    const auto copy = call;
    EXPECT_FALSE(copy.done());
    call.add_done_callback([&](const Call& done) { seen = *done.outcome(); });
  }
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->code, StatusCode::kCancelled);
  EXPECT_EQ(seen->details, dropped_details);
}

TEST_F(Cancel, OfTheChannelEndsEveryKindOfCall) {
  auto unary = channel.unary_unary(unary_unary, silent_request());
  auto stream = channel.unary_stream(unary_stream, silent_request());
  auto idle = channel.stream_stream(stream_stream);
  run(channel.close());
  EXPECT_TRUE(unary.cancelled());
  EXPECT_TRUE(stream.cancelled());
  EXPECT_TRUE(idle.cancelled());
  EXPECT_EQ(run(idle.details()), local_cancel_details);
}

TEST_F(Cancel, OfTheChannelWaitsOutTheGrace) {
  EchoRequest slow = request("slow");
  slow.set_delay_ms(30);
  auto call = channel.unary_unary(unary_unary, slow);
  auto idle = channel.stream_stream(stream_stream);
  auto close = [&]() -> Task<> {
    auto closed = channel.close(absl::Seconds(20));
    auto end_idle = [&]() -> Task<> { (void)co_await idle.done_writing(); };
    co_await when_all(std::move(closed), end_idle());
  };
  run(close());
  EXPECT_TRUE(run(call).ok());
  EXPECT_EQ(run(idle.status()), absl::OkStatus());
}

TEST_F(Cancel, OfTheChannelComesWhenTheGraceIsOver) {
  auto call = channel.stream_stream(stream_stream);
  run(channel.close(absl::Milliseconds(20)));
  EXPECT_TRUE(call.cancelled());
}

}  // namespace
}  // namespace weft::test
