// How a call ends: the outcome is fixed once and is the same ever after.

#include <string>

#include "call_fixture.h"

namespace weft::test {
namespace {

using testing::IsEmpty;

class CallEnd : public ScriptedCallTest {};

TEST_F(CallEnd, IsOkWithEverythingThatThePeerSaid) {
  auto call = open_unary_stream();
  CallStatus status(StatusCode::kOk, "all is well");
  status.trailing_metadata.add("cost", "3");
  stream().finish(status);
  loop.settle();
  EXPECT_TRUE(call.done());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(run(call.status()), absl::OkStatus());
  EXPECT_EQ(run(call.code()), StatusCode::kOk);
  EXPECT_EQ(run(call.details()), "all is well");
  EXPECT_EQ(run(call.trailing_metadata()), (Metadata{{"cost", "3"}}));
  EXPECT_EQ(run(call.rpc_error()), std::nullopt);
}

TEST_F(CallEnd, IsAFailureWithEverythingThatThePeerSaid) {
  auto call = channel->unary_stream(unary_stream, "request");
  stream().open(Metadata{{"key", "value"}});
  stream().accept_message();
  stream().accept_close();
  CallStatus status(StatusCode::kNotFound, "no such thing");
  status.trailing_metadata.add("cost", "3");
  status.debug_error_string = "from the peer";
  stream().finish(status);
  loop.settle();
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kNotFound, "no such thing"));
  EXPECT_EQ(run(call.debug_error_string()), "from the peer");
  const auto error = run(call.rpc_error());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), StatusCode::kNotFound);
  EXPECT_EQ(error->details(), "no such thing");
  EXPECT_EQ(error->initial_metadata(), (Metadata{{"key", "value"}}));
  EXPECT_EQ(error->trailing_metadata(), (Metadata{{"cost", "3"}}));
  EXPECT_EQ(error->debug_error_string(), "from the peer");
  EXPECT_FALSE(error->locally_cancelled());
}

TEST_F(CallEnd, ACancelledSentByThePeerIsNoLocalCancel) {  // T38, B006
  auto call = open_unary_stream();
  stream().finish(CallStatus(StatusCode::kCancelled, "the server gave up"));
  loop.settle();
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.outcome()->locally_cancelled);
}

TEST_F(CallEnd, HasNoOutcomeBefore) {
  auto call = open_unary_stream();
  EXPECT_FALSE(call.done());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(call.outcome(), nullptr);
}

TEST_F(CallEnd, WakesAnyNumberOfWaiters) {  // B009
  auto call = open_unary_stream();
  Started first(call.status());
  Started second(call.status());
  Started third(call.code());
  stream().finish(CallStatus(StatusCode::kAborted, "stop"));
  loop.settle();
  EXPECT_THAT(*first, IsError(StatusCode::kAborted, "stop"));
  EXPECT_THAT(*second, IsError(StatusCode::kAborted, "stop"));
  EXPECT_EQ(*third, StatusCode::kAborted);
}

TEST_F(CallEnd, AWaiterThatGaveUpDoesNotDisturbTheOthers) {  // B008
  auto call = open_unary_stream();
  Started first(call.status());
  Started second(call.status());
  first.abandon();
  EXPECT_FALSE(call.done());
  stream().finish(CallStatus(StatusCode::kAborted, "stop"));
  loop.settle();
  EXPECT_THAT(*second, IsError(StatusCode::kAborted, "stop"));
}

TEST_F(CallEnd, AWaiterMayGiveUpInTheTurnOfTheEnd) {
  auto call = open_unary_stream();
  Started first(call.status());
  Started second(call.status());
  stream().finish();
  loop.run_one_task();
  EXPECT_TRUE(call.done());
  first.abandon();
  loop.settle();
  EXPECT_EQ(*second, absl::OkStatus());
}

TEST_F(CallEnd, HeadersAreKnownWhenTheyArrive) {  // B014
  auto call = channel->stream_stream(stream_stream);
  Started headers(call.initial_metadata());
  Started connection(call.wait_for_connection());
  stream().accept_start();
  loop.settle();
  EXPECT_EQ(*connection, absl::OkStatus());
  EXPECT_FALSE(headers.done());
  stream().send_headers(Metadata{{"key", "value"}});
  loop.settle();
  EXPECT_EQ(*headers, (Metadata{{"key", "value"}}));
  EXPECT_FALSE(call.done());
}

TEST_F(CallEnd, HeadersOfACallThatEndedWithoutAreEmpty) {  // B018
  auto call = channel->stream_stream(stream_stream);
  Started headers(call.initial_metadata());
  stream().accept_start();
  stream().omit_headers();
  stream().finish(CallStatus(StatusCode::kUnavailable, "nobody there"));
  loop.settle();
  EXPECT_THAT(*headers, IsEmpty());
}

TEST_F(CallEnd, AFailedStartIsToldByTheStatus) {
  auto call = channel->stream_stream(stream_stream);
  Started connection(call.wait_for_connection());
  stream().fail_start();
  loop.settle();
  EXPECT_FALSE(connection.done());
  stream().omit_headers();
  stream().finish(CallStatus(StatusCode::kUnavailable, "nobody there"));
  loop.settle();
  EXPECT_THAT(*connection, IsError(StatusCode::kUnavailable, "nobody there"));
}

TEST_F(CallEnd, TheStreamIsLetGoWithTheStatusNotWithTheHandle) {  // R1-11
  auto call = open_unary_stream();
  EXPECT_FALSE(stream().dropped);
  stream().finish();
  loop.settle();
  EXPECT_TRUE(stream().dropped);
  EXPECT_EQ(run(call.code()), StatusCode::kOk);
}

TEST_F(CallEnd, ARichStatusRidesAlong) {  // D7
  auto call = open_unary_stream();
  CallStatus status(StatusCode::kInvalidArgument, "bad");
  status.trailing_metadata.add("grpc-status-details-bin", "rich");
  stream().finish(status);
  EXPECT_EQ(run(call.status()).GetPayload("type.googleapis.com/google.rpc.Status"), "rich");
}

TEST_F(CallEnd, TimeRemainingCountsDownToZero) {  // B021, B022
  auto call = open_stream_stream(CallOptions().timeout(absl::Seconds(2)));
  EXPECT_EQ(call.time_remaining(), absl::Seconds(2));
  loop.advance(absl::Milliseconds(500));
  EXPECT_EQ(call.time_remaining(), absl::Milliseconds(1500));
  loop.advance(absl::Seconds(5));
  EXPECT_EQ(call.time_remaining(), absl::ZeroDuration());
  auto endless = open_stream_stream();
  EXPECT_EQ(endless.time_remaining(), std::nullopt);
}

}  // namespace
}  // namespace weft::test
