// Handles: copies are the same call; dropping the last one cancels it.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "call_fixture.h"

namespace weft::test {
namespace {

using StreamCall = StreamStreamCall<std::string, std::string>;

class CallHandles : public ScriptedCallTest {};

TEST_F(CallHandles, DroppingTheLastOneCancelsTheCall) {  // D9
  std::optional<StreamCall> call = open_stream_stream();
  call.reset();
  EXPECT_EQ(stream().count("cancel CANCELLED: Cancelled upon destruction!"), 1);
  EXPECT_FALSE(stream().dropped);  // kept until the transport is through
  stream().finish(CallStatus(StatusCode::kCancelled, "cancelled"));
  loop.settle();
  EXPECT_TRUE(stream().dropped);
}

TEST_F(CallHandles, ACopyKeepsTheCallRunning) {
  std::optional<StreamCall> call = open_stream_stream();
  std::optional<StreamCall> copy = call;
  call.reset();
  EXPECT_FALSE(copy->done());
  EXPECT_EQ(stream().count("cancel"), 0);
  copy.reset();
  EXPECT_EQ(stream().count("cancel"), 1);
}

TEST_F(CallHandles, CopiesAreTheSameCall) {
  StreamCall call = open_stream_stream();
  const StreamCall copy = call;
  copy.cancel("through the copy");
  EXPECT_TRUE(call.done());
  EXPECT_EQ(call.outcome(), copy.outcome());
}

TEST_F(CallHandles, AssigningDropsTheCallThatWasHeld) {
  StreamCall call = open_stream_stream();
  ScriptedStream& first = stream();
  call = open_stream_stream();
  EXPECT_EQ(first.count("cancel CANCELLED: Cancelled upon destruction!"), 1);
  EXPECT_FALSE(call.done());
}

TEST_F(CallHandles, MovingHandsTheCallOn) {
  StreamCall call = open_stream_stream();
  const StreamCall moved = std::move(call);
  EXPECT_FALSE(moved.done());
  EXPECT_EQ(stream().count("cancel"), 0);
}

TEST_F(CallHandles, OneThatWasMovedFromMayBeCopiedAndAssignedTo) {
  StreamCall call = open_stream_stream();
  const StreamCall moved = std::move(call);
  const StreamCall copy = call;  // NOLINT(bugprone-use-after-move): what this is about
  call = moved;
  EXPECT_FALSE(call.done());
  EXPECT_EQ(stream().count("cancel"), 0);
}

TEST_F(CallHandles, DroppingACallThatIsDoneCancelsNothing) {
  {
    StreamCall call = open_stream_stream();
    stream().finish();
    loop.settle();
    EXPECT_TRUE(call.done());
  }
  EXPECT_EQ(stream().count("cancel"), 0);
}

TEST_F(CallHandles, AWaiterKeepsTheMemoryOfACallWhoseHandlesAreGone) {
  std::optional<StreamCall> call = open_stream_stream();
  Started status(call->status());
  Started read(call->read());
  call.reset();
  loop.settle();
  EXPECT_THAT(*status, IsError(StatusCode::kCancelled, "Cancelled upon destruction!"));
  EXPECT_THAT(read->status(), IsError(StatusCode::kCancelled, "Cancelled upon destruction!"));
}

TEST_F(CallHandles, DroppingItInsideItsOwnReadersFrameIsFine) {
  auto use = [](StreamCall call) -> Task<std::string> {
    auto message = co_await call.read();
    co_return *message;
  };
  Started task(use(open_stream_stream()));
  stream().deliver("m");
  loop.settle();
  EXPECT_EQ(*task, "m");
  task.abandon();
  EXPECT_EQ(stream().count("cancel CANCELLED: Cancelled upon destruction!"), 1);
}

TEST_F(CallHandles, AFrameThatOwnsItsCallCancelsItWhenDestroyed) {
  auto use = [](StreamCall call) -> Task<void> { (void)co_await call.read(); };
  Started task(use(open_stream_stream()));
  task.abandon();
  EXPECT_EQ(stream().count("cancel CANCELLED: Cancelled upon destruction!"), 1);
}

TEST_F(CallHandles, TheMemoryGoesWhenHandlesAndTransportAreThrough) {
  // The transport is held by the channel and by each call.
  std::weak_ptr<ScriptedTransport> watched = transport;
  std::optional<StreamCall> call = open_stream_stream();
  channel.reset();
  call.reset();
  loop.settle();
  stream().finish(CallStatus(StatusCode::kCancelled, "through"));
  loop.settle();
  EXPECT_EQ(watched.use_count(), 1);  // the fixture's
}

}  // namespace
}  // namespace weft::test
