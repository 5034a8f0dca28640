// Deadlines over real gRPC.

#include "call_test.h"
#include "weft/api/sleep.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

class DeadlineOf : public CallTest {
 protected:
  static CallOptions soon() { return CallOptions().timeout(absl::Milliseconds(30)); }
};

TEST_F(DeadlineOf, AUnaryCallEndsIt) {
  const Instant due = loop.now() + absl::Milliseconds(30);
  auto call =
      channel.unary_unary(unary_unary, silent_request(), CallOptions().deadline(Deadline::at(due)));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(call.cancelled());
  EXPECT_TRUE(run(call.trailing_metadata()).empty());
  // The server may have told it, by a clock that is ahead (B229): the time itself is what is
  // tested.
  run(sleep_until(loop, due));
  EXPECT_EQ(call.time_remaining(), absl::ZeroDuration());
}

TEST_F(DeadlineOf, AStreamEndsTheReadThatWaitsForAnother) {
  int messages = 0;
  // How soon is soon enough for one message depends on the machine.
  for (absl::Duration timeout = absl::Milliseconds(30); messages == 0; timeout *= 2) {
    auto call = channel.stream_stream(stream_stream, CallOptions().timeout(timeout));
    auto converse = [&]() -> Task<absl::Status> {
      const EchoRequest message = request("x");
      absl::Status written = co_await call.write(message);
      if (!written.ok()) co_return written;
      auto answer = co_await call.read();
      for (; answer; answer = co_await call.read()) ++messages;
      co_return answer.status();
    };
    EXPECT_THAT(run(converse()), HasCode(StatusCode::kDeadlineExceeded));
  }
  EXPECT_EQ(messages, 1);
}

TEST_F(DeadlineOf, AStreamOfRequestsEndsTheResponse) {
  auto call = channel.stream_unary(stream_unary, soon());
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(DeadlineOf, ACallThatWaitsForAConnectionEndsItAllTheSame) {
  Channel nowhere(GrpcTransport::create(unreachable_target()).value(), loop);
  auto call = nowhere.stream_stream(stream_stream,
                                    CallOptions().wait_for_ready().timeout(absl::Milliseconds(50)));
  const auto [write, connection] =
      run(when_all(call.write(request("x")), call.wait_for_connection()));
  EXPECT_THAT(write, HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_THAT(connection, HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(DeadlineOf, ACallIsSeenByTheServer) {
  const auto response =
      run(channel.unary_unary(unary_unary, request("x"), CallOptions().timeout(absl::Seconds(60))));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_GT(response->time_remaining_ms(), 0);
  // Core puts it on the wire in tenths of seconds, rounded up.
  EXPECT_LE(response->time_remaining_ms(), 60'100);
}

TEST_F(DeadlineOf, NoneIsSeenByTheServerAsNone) {
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ(call.time_remaining(), std::nullopt);
  EXPECT_EQ(run(call)->time_remaining_ms(), -1);
}

TEST_F(DeadlineOf, TwoIsTheEarlierOne) {
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions()
                                      .timeout(absl::Seconds(500))
                                      .deadline(Deadline::after(loop.now(), absl::Seconds(5))));
  EXPECT_LE(call.time_remaining().value(), absl::Seconds(5));
}

}  // namespace
}  // namespace weft::test
