// Closing a channel, with and without grace, and destroying it.

#include <optional>
#include <string>
#include <utility>

#include "call_fixture.h"

namespace weft::test {
namespace {

class ChannelClose : public ScriptedCallTest {};

TEST_F(ChannelClose, WithoutGraceCancelsBeforeItReturns) {  // B402
  auto call = open_stream_stream();
  auto closing = channel->close();
  EXPECT_TRUE(channel->closed());
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
  EXPECT_TRUE(call.outcome()->locally_cancelled);
  run(std::move(closing));
}

TEST_F(ChannelClose, NeedNotBeAwaitedWithoutGrace) {
  auto call = open_stream_stream();
  (void)channel->close();
  EXPECT_TRUE(call.cancelled());
}

TEST_F(ChannelClose, CancelsCallsThatNobodyWaitsForAsWell) {  // B407
  auto first = open_stream_stream();
  auto second = open_unary_stream();
  auto third = channel->unary_unary(unary_unary, "request");
  (void)channel->close();
  EXPECT_TRUE(first.cancelled());
  EXPECT_TRUE(second.cancelled());
  EXPECT_TRUE(third.cancelled());
}

TEST_F(ChannelClose, RefusesNewCallsAtOnceAndLetsLiveOnesRun) {  // B401, B403
  auto call = open_stream_stream();
  Started closing(channel->close(absl::Seconds(10)));
  EXPECT_THAT(run(channel->unary_unary(unary_unary, "late").status()),
              IsUsageError("Channel is closed."));
  EXPECT_FALSE(call.done());
  loop.advance(absl::Seconds(9));
  EXPECT_FALSE(closing.done());
  stream().finish();
  loop.settle();
  EXPECT_TRUE(closing.done());
  EXPECT_EQ(run(call.status()), absl::OkStatus());
}

TEST_F(ChannelClose, CancelsWhatIsLeftAtTheEndOfTheGrace) {  // B404
  auto call = open_stream_stream();
  Started closing(channel->close(absl::Seconds(10)));
  loop.advance(absl::Seconds(9));
  EXPECT_FALSE(call.done());
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(closing.done());
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
}

TEST_F(ChannelClose, GraceWithNoCallsIsOverAtOnce) {
  Started closing(channel->close(absl::Seconds(10)));
  EXPECT_TRUE(closing.done());
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(ChannelClose, AnEarlierEndOfGraceWins) {  // B406
  auto call = open_stream_stream();
  Started patient(channel->close(absl::Seconds(10)));
  Started hasty(channel->close(absl::Seconds(1)));
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(call.cancelled());
  EXPECT_TRUE(hasty.done());
  EXPECT_TRUE(patient.done());
}

TEST_F(ChannelClose, IsIdempotent) {
  run(channel->close());
  run(channel->close());
  run(channel->close(absl::Seconds(1)));
  EXPECT_TRUE(channel->closed());
}

TEST_F(ChannelClose, EndlessGraceWaitsForTheLastCall) {
  auto call = open_stream_stream();
  Started closing(channel->close(absl::InfiniteDuration()));
  loop.advance(absl::Hours(24));
  EXPECT_FALSE(closing.done());
  call.cancel();
  loop.settle();
  EXPECT_TRUE(closing.done());
}

TEST_F(ChannelClose, DestroyingTheChannelCancelsItsCalls) {  // B287, B400
  auto call = open_stream_stream();
  Started read(call.read());
  channel.reset();
  loop.settle();
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
  EXPECT_THAT(read->status(), IsError(StatusCode::kCancelled, local_cancel_details));
}

TEST_F(ChannelClose, DestroyingTheChannelLeavesTheTransportToOthers) {
  channel.reset();
  EXPECT_EQ(transport->shutdowns, 0);
}

TEST_F(ChannelClose, ACloseThatIsUnderWayOutlivesTheChannel) {
  auto call = open_stream_stream();
  Started closing(channel->close(absl::Seconds(10)));
  channel.reset();
  loop.settle();
  EXPECT_TRUE(call.cancelled());
  EXPECT_TRUE(closing.done());
}

TEST_F(ChannelClose, MovingAChannelKeepsItsCalls) {
  auto call = open_stream_stream();
  std::optional<Channel> moved(std::move(*channel));
  channel.reset();
  EXPECT_FALSE(call.done());
  moved.reset();
  EXPECT_TRUE(call.cancelled());
}

TEST_F(ChannelClose, ACallbackOfACancelledCallMayEndAnother) {
  auto first = open_stream_stream();
  auto second = open_stream_stream();
  first.add_done_callback([&](const Call&) { second.cancel("by the first"); });
  second.add_done_callback([&](const Call&) { first.cancel("by the second"); });
  (void)channel->close();
  EXPECT_TRUE(first.cancelled());
  EXPECT_TRUE(second.cancelled());
}

}  // namespace
}  // namespace weft::test
