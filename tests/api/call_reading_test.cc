// Reading messages: one at a time, none lost, the end and the failure stay.

#include <string>
#include <vector>

#include "call_fixture.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class CallReading : public ScriptedCallTest {};

constexpr const char* read_in_progress =
    "a read is already in progress on this call: await it first";

TEST_F(CallReading, GivesMessagesInOrderThenTheEnd) {
  auto call = open_unary_stream();
  stream().deliver("a");
  EXPECT_THAT(run(call.read()), IsMessage("a"));
  stream().deliver("b");
  EXPECT_THAT(run(call.read()), IsMessage("b"));
  stream().deliver_end();
  stream().finish();
  EXPECT_TRUE(run(call.read()).is_end());
  EXPECT_TRUE(run(call.read()).is_end());  // B071
  EXPECT_EQ(run(call.status()), absl::OkStatus());
}

TEST_F(CallReading, AFailureStays) {  // B076
  auto call = open_unary_stream();
  stream().fail_receive();
  stream().finish(CallStatus(StatusCode::kAborted, "stop"));
  EXPECT_THAT(run(call.read()).status(), IsError(StatusCode::kAborted, "stop"));
  EXPECT_THAT(run(call.read()).status(), IsError(StatusCode::kAborted, "stop"));
}

TEST_F(CallReading, TheEndIsNotSaidBeforeTheStatusIsKnown) {
  auto call = open_unary_stream();
  Started read(call.read());
  stream().deliver_end();
  loop.settle();
  EXPECT_FALSE(read.done());
  EXPECT_FALSE(call.done());
  stream().finish(CallStatus(StatusCode::kDataLoss, "gone"));
  loop.settle();
  EXPECT_THAT(read->status(), IsError(StatusCode::kDataLoss, "gone"));
}

TEST_F(CallReading, AsksForAMessageOnlyWhenOneIsRead) {  // T50
  auto call = open_unary_stream();
  EXPECT_EQ(stream().count("receive"), 0);
  stream().deliver("a");
  run(call.read());
  loop.settle();
  EXPECT_EQ(stream().count("receive"), 1);
}

TEST_F(CallReading, ASecondConcurrentReadIsRefusedAndTheCallIsUnharmed) {  // B083
  auto call = open_unary_stream();
  Started first(call.read());
  EXPECT_THAT(run(call.read()).status(), IsUsageError(read_in_progress));
  EXPECT_FALSE(call.done());
  stream().deliver("for the first");
  loop.settle();
  EXPECT_THAT(*first, IsMessage("for the first"));
  stream().deliver("next");
  EXPECT_THAT(run(call.read()), IsMessage("next"));
}

TEST_F(CallReading, AReadInTheTurnInWhichAMessageCameIsRefusedNotMixedUp) {
  auto call = open_unary_stream();
  Started first(call.read());
  stream().deliver("for the first");
  loop.run_one_task();  // the message is here, its reader not yet resumed
  ASSERT_FALSE(first.done());
  Started second(call.read());
  EXPECT_THAT(second->status(), IsUsageError(read_in_progress));
  loop.settle();
  EXPECT_THAT(*first, IsMessage("for the first"));
}

TEST_F(CallReading, AnAbandonedReadLeavesItsMessageForTheNext) {  // T39, B197
  auto call = open_unary_stream();
  Started abandoned(call.read());
  abandoned.abandon();
  EXPECT_FALSE(call.done());
  stream().deliver("kept");
  loop.settle();
  EXPECT_THAT(run(call.read()), IsMessage("kept"));
  EXPECT_EQ(stream().count("receive"), 1);
  EXPECT_EQ(stream().count("cancel"), 0);
}

TEST_F(CallReading, AReadAbandonedWhileItIsBeingResumedLeavesItsMessage) {
  auto call = open_unary_stream();
  Started abandoned(call.read());
  stream().deliver("kept");
  loop.run_one_task();
  abandoned.abandon();
  loop.settle();
  EXPECT_THAT(run(call.read()), IsMessage("kept"));
}

TEST_F(CallReading, AReadThatTimedOutLeavesTheMessageForTheNext) {
  auto call = open_unary_stream();
  auto first = run(when_any(call.read(), sleep_for(loop, absl::Seconds(1))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_FALSE(call.done());
  stream().deliver("late");
  auto second = run(when_any(call.read(), sleep_for(loop, absl::Seconds(1))));
  ASSERT_EQ(second.index(), 0u);
  EXPECT_THAT(std::get<0>(second), IsMessage("late"));
}

TEST_F(CallReading, TheNextReadTakesOverAReceiveThatIsStillOutstanding) {
  auto call = open_unary_stream();
  Started abandoned(call.read());
  abandoned.abandon();
  Started next(call.read());
  EXPECT_EQ(stream().count("receive"), 1);
  stream().deliver("m");
  loop.settle();
  EXPECT_THAT(*next, IsMessage("m"));
}

TEST_F(CallReading, ReadsAndIterationDoNotMix) {  // B171, B172, B176
  auto call = open_unary_stream();
  stream().deliver("a");
  EXPECT_THAT(run(call.read()), IsMessage("a"));
  auto responses = call.responses();
  EXPECT_THAT(run(responses.next()).status(),
              IsUsageError("The iterator and read/write APIs may not be mixed on a single RPC."));
  EXPECT_FALSE(call.done());
  stream().deliver("b");
  EXPECT_THAT(run(call.read()), IsMessage("b"));
}

TEST_F(CallReading, IterationsOfOneCallAreTheSameIteration) {  // B078
  auto call = open_unary_stream();
  auto first = call.responses();
  auto second = call.responses();
  stream().deliver("a");
  EXPECT_THAT(run(first.next()), IsMessage("a"));
  stream().deliver("b");
  EXPECT_THAT(run(second.next()), IsMessage("b"));
  EXPECT_THAT(run(call.read()).status(), IsUsageError(mixed_styles_text));
}

TEST_F(CallReading, ForEachUsesEveryMessageAndGivesTheStatus) {
  auto call = open_unary_stream();
  std::vector<std::string> seen;
  Started all(call.for_each([&](std::string message) { seen.push_back(std::move(message)); }));
  for (const char* message : {"a", "b"}) {
    stream().deliver(message);
    loop.settle();
  }
  stream().fail_receive();
  stream().finish(CallStatus(StatusCode::kNotFound, "no more"));
  loop.settle();
  EXPECT_THAT(seen, ElementsAre("a", "b"));
  EXPECT_THAT(*all, IsError(StatusCode::kNotFound, "no more"));
}

TEST_F(CallReading, AMessageThatArrivedBeforeTheStatusIsStillReadAfterIt) {  // B025
  auto call = open_unary_stream();
  Started abandoned(call.read());
  abandoned.abandon();
  stream().deliver("last words");
  stream().finish(CallStatus(StatusCode::kNotFound, "no more"));
  loop.settle();
  EXPECT_TRUE(call.done());
  EXPECT_THAT(run(call.read()), IsMessage("last words"));
  EXPECT_THAT(run(call.read()).status(), IsError(StatusCode::kNotFound, "no more"));
}

TEST_F(CallReading, DiscardDropsMessagesUntilTheStatus) {  // D10, T18
  auto call = open_unary_stream();
  Started status(call.status());
  call.discard();
  for (const char* message : {"a", "b", "c"}) {
    stream().deliver(message);
    loop.settle();
  }
  stream().deliver_end();
  stream().finish();
  loop.settle();
  EXPECT_EQ(*status, absl::OkStatus());
  EXPECT_TRUE(run(call.read()).is_end());
}

TEST_F(CallReading, DiscardDropsTheMessageThatAnAbandonedReadLeft) {
  auto call = open_unary_stream();
  Started abandoned(call.read());
  abandoned.abandon();
  stream().deliver("dropped");
  loop.settle();
  call.discard();
  stream().deliver_end();
  stream().finish();
  EXPECT_TRUE(run(call.read()).is_end());
}

TEST_F(CallReading, DiscardWhileAReadWaitsLetsItWaitForTheEnd) {
  auto call = open_unary_stream();
  Started read(call.read());
  call.discard();
  stream().deliver("dropped");
  loop.settle();
  EXPECT_FALSE(read.done());
  stream().deliver_end();
  stream().finish();
  loop.settle();
  EXPECT_TRUE(read->is_end());
}

absl::Status parse_none(Bytes, std::string&) {
  return absl::InvalidArgumentError("not a message");
}

TEST_F(CallReading, AMessageThatCannotBeParsedEndsTheCallWithInternal) {  // B087
  const UnaryStreamMethod<std::string, std::string> method(
      "/test.Echo/Bad", &Codec<std::string>::serialize, &parse_none);
  auto call = channel->unary_stream(method, "request");
  stream().open();
  stream().accept_message();
  stream().accept_close();
  stream().deliver("garbage");
  EXPECT_THAT(run(call.read()).status(),
              IsError(StatusCode::kInternal, "cannot parse the peer's message: not a message"));
  EXPECT_EQ(stream().count("cancel INTERNAL: cannot parse the peer's message: not a message"), 1);
  EXPECT_THAT(run(call.status()),
              IsError(StatusCode::kInternal, "cannot parse the peer's message: not a message"));
}

TEST_F(CallReading, DiscardInTheTurnInWhichAMessageCameForAReaderDoesNotAbort) {
  auto call = open_unary_stream();
  Started read(call.read());
  stream().deliver("m");
  loop.run_one_task();  // the message is here, its reader not yet resumed
  call.discard();
  loop.settle();
  stream().deliver_end();
  stream().finish();
  loop.settle();
  EXPECT_TRUE(read.done());  // with the message or with the end
  EXPECT_TRUE(call.done());
}

}  // namespace
}  // namespace weft::test
