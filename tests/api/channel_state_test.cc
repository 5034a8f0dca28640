// The connectivity of a channel.

#include <utility>

#include "call_fixture.h"

namespace weft::test {
namespace {

class ChannelState : public ScriptedCallTest {};

TEST_F(ChannelState, IsTheTransports) {
  transport->state = ConnectivityState::connecting;
  EXPECT_EQ(channel->state(), ConnectivityState::connecting);
  EXPECT_EQ(transport->connects, 0);
  EXPECT_EQ(channel->state(/*try_to_connect=*/true), ConnectivityState::connecting);
  EXPECT_EQ(transport->connects, 1);
}

TEST_F(ChannelState, IsShutdownOnceClosed) {  // B408
  run(channel->close());
  EXPECT_EQ(channel->state(), ConnectivityState::shutdown);
}

TEST_F(ChannelState, AChangeWakesTheWaiter) {
  Started change(channel->wait_for_state_change(ConnectivityState::idle));
  EXPECT_FALSE(change.done());
  transport->change_state(ConnectivityState::connecting);
  loop.settle();
  EXPECT_EQ(change->value(), ConnectivityState::connecting);
}

TEST_F(ChannelState, ClosingWakesTheWaiterWithShutdown) {  // B409
  Started change(channel->wait_for_state_change(ConnectivityState::idle));
  run(channel->close());
  loop.settle();
  EXPECT_EQ(change->value(), ConnectivityState::shutdown);
}

TEST_F(ChannelState, WaitingOnAClosedChannelIsAUsageError) {  // B409
  run(channel->close());
  EXPECT_THAT(run(channel->wait_for_state_change(ConnectivityState::idle)).status(),
              IsUsageError("Channel is closed."));
}

TEST_F(ChannelState, AWaitThatIsGivenUpIsTakenBackFromTheTransport) {
  Started change(channel->wait_for_state_change(ConnectivityState::idle));
  EXPECT_EQ(transport->waits(), 1u);
  change.abandon();
  EXPECT_EQ(transport->waits(), 0u);
  EXPECT_EQ(transport->cancelled_waits, 1);
  loop.settle();
}

TEST_F(ChannelState, AWaitMayBeGivenUpInTheTurnOfTheChange) {
  Started change(channel->wait_for_state_change(ConnectivityState::idle));
  transport->change_state(ConnectivityState::ready);
  change.abandon();
  loop.settle();
  EXPECT_EQ(transport->cancelled_waits, 0);
}

TEST_F(ChannelState, ReadyConnectsAsLongAsItTakes) {  // B413
  Started ready(channel->ready());
  EXPECT_EQ(transport->connects, 1);
  for (const auto state : {ConnectivityState::connecting, ConnectivityState::transient_failure,
                           ConnectivityState::idle, ConnectivityState::connecting}) {
    transport->change_state(state);
    loop.settle();
    EXPECT_FALSE(ready.done());
  }
  transport->change_state(ConnectivityState::ready);
  loop.settle();
  EXPECT_EQ(*ready, absl::OkStatus());
}

TEST_F(ChannelState, ReadyIsAtOnceWhenReady) {
  transport->state = ConnectivityState::ready;
  EXPECT_EQ(run(channel->ready()), absl::OkStatus());
}

TEST_F(ChannelState, ReadyGivesUpAtTheDeadlineNamingTheState) {
  transport->state = ConnectivityState::connecting;
  Started ready(channel->ready(Deadline::after(loop.now(), absl::Seconds(1))));
  loop.advance(absl::Seconds(1));
  transport->change_state(ConnectivityState::connecting);  // what a transport tells at the deadline
  loop.settle();
  EXPECT_THAT(*ready, IsError(StatusCode::kDeadlineExceeded, "the channel is still CONNECTING"));
}

TEST_F(ChannelState, ReadyOnAClosedChannelIsAUsageError) {
  run(channel->close());
  EXPECT_THAT(run(channel->ready()), IsUsageError("Channel is closed."));
}

TEST_F(ChannelState, ReadyEndsWhenTheChannelIsClosed) {
  Started ready(channel->ready());
  run(channel->close());
  loop.settle();
  EXPECT_THAT(*ready, IsUsageError("Channel is closed."));
}

TEST_F(ChannelState, ReadyFailsOnATransportThatIsShutDown) {
  transport->state = ConnectivityState::shutdown;
  EXPECT_THAT(run(channel->ready()),
              IsError(StatusCode::kUnavailable, "the transport is shut down"));
}

}  // namespace
}  // namespace weft::test
