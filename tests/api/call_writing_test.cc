// Writing messages: one at a time, half-close behind them, refusals that change nothing.

#include <string>

#include "call_fixture.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

class CallWriting : public ScriptedCallTest {};

constexpr const char* write_in_progress =
    "a write is already in progress on this call: await it first";

TEST_F(CallWriting, AWriteIsDoneWhenTheTransportHasTakenTheMessage) {  // B111
  auto call = open_stream_stream();
  Started write(call.write("hello"));
  loop.settle();
  EXPECT_FALSE(write.done());
  EXPECT_EQ(stream().count("send hello"), 1);
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(*write, absl::OkStatus());
}

TEST_F(CallWriting, NothingIsSentBeforeTheWriteIsAwaited) {
  auto call = open_stream_stream();
  { auto pending = call.write("never awaited"); }
  EXPECT_EQ(stream().count("send"), 0);
  stream().accept_message();
  EXPECT_EQ(run(call.write("awaited")), absl::OkStatus());
  EXPECT_EQ(stream().count("send"), 1);
}

TEST_F(CallWriting, TheMessageIsSerialisedWhenTheWriteIsMade) {
  auto call = open_stream_stream();
  std::string message = "before";
  auto write = call.write(message);
  message = "after";
  stream().accept_message();
  EXPECT_EQ(run(std::move(write)), absl::OkStatus());
  EXPECT_EQ(stream().count("send before"), 1);
}

TEST_F(CallWriting, ASecondConcurrentWriteIsRefusedAndTheCallIsUnharmed) {  // B122
  auto call = open_stream_stream();
  Started first(call.write("a"));
  EXPECT_THAT(run(call.write("b")), IsUsageError(write_in_progress));
  EXPECT_FALSE(call.done());
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(*first, absl::OkStatus());
  EXPECT_EQ(stream().count("send"), 1);
}

TEST_F(CallWriting, AWriteBehindAnAbandonedOneThatIsStillOutstandingIsRefused) {
  auto call = open_stream_stream();
  Started abandoned(call.write("a"));
  abandoned.abandon();
  EXPECT_FALSE(call.done());
  EXPECT_THAT(run(call.write("b")),
              IsUsageError("a write that was given up is still in progress on this call"));
  stream().accept_message();
  loop.settle();
  stream().accept_message();
  EXPECT_EQ(run(call.write("c")), absl::OkStatus());
}

TEST_F(CallWriting, AWriteAfterDoneWritingIsRefused) {  // B107
  auto call = open_stream_stream();
  stream().accept_close();
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_THAT(run(call.write("late")),
              IsUsageError("RPC is half closed after calling \"done_writing\"."));
  EXPECT_FALSE(call.done());
}

TEST_F(CallWriting, AWriteOnACallThatIsDoneIsRefused) {  // B106
  auto call = open_stream_stream();
  stream().finish(CallStatus(StatusCode::kNotFound, "gone"));
  loop.settle();
  EXPECT_THAT(run(call.write("late")), IsUsageError("RPC already finished."));
  EXPECT_EQ(stream().count("send"), 0);
}

// The status waits for messages that nobody reads while the program waits for its write: the write
// must not wait for the status.
TEST_F(CallWriting, AWriteThatFailsBeforeAnUnreadMessageEndsWithoutTheStatus) {  // R1-37, R1-57
  auto call = open_stream_stream();
  Started write(call.write("a"));
  stream().fail_message();
  loop.settle();
  EXPECT_FALSE(write.done());  // the status may be all that is left
  stream().deliver("unread");
  loop.settle();
  EXPECT_THAT(*write, IsUsageError(already_finished_text));
  EXPECT_FALSE(call.done());
  EXPECT_THAT(run(call.write("b")), IsUsageError(already_finished_text));
  EXPECT_THAT(run(call.read()), IsMessage("unread"));
  Started last(call.read());
  stream().deliver_end();
  stream().finish(CallStatus(StatusCode::kAborted, "no more"));
  loop.settle();
  EXPECT_THAT((*last).status(), IsError(StatusCode::kAborted, "no more"));
}

TEST_F(CallWriting, HalfCloseGoesBehindAnAcceptedWrite) {  // B125, D10
  auto call = open_stream_stream();
  Started write(call.write("a"));
  Started close(call.done_writing());
  EXPECT_THAT(run(call.write("b")), IsUsageError(half_closed_text));
  stream().accept_message();
  stream().accept_close();
  loop.settle();
  EXPECT_EQ(*write, absl::OkStatus());
  EXPECT_EQ(*close, absl::OkStatus());
  EXPECT_THAT(stream().verbs, ElementsAre("start", "status", "send a", "close"));
  EXPECT_THAT(run(call.write("c")), IsUsageError(half_closed_text));
}

TEST_F(CallWriting, DoneWritingIsIdempotent) {  // B108
  auto call = open_stream_stream();
  Started first(call.done_writing());
  Started second(call.done_writing());
  EXPECT_FALSE(second.done());
  stream().accept_close();
  loop.settle();
  EXPECT_EQ(*first, absl::OkStatus());
  EXPECT_EQ(*second, absl::OkStatus());
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_EQ(stream().count("close"), 1);
}

TEST_F(CallWriting, DoneWritingOnACallThatIsDoneIsOk) {  // B108
  auto call = open_stream_stream();
  call.cancel();
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_EQ(stream().count("close"), 0);
}

TEST_F(CallWriting, DoneWritingThatTheEndOvertakesGivesTheOutcome) {
  auto call = open_stream_stream();
  Started close(call.done_writing());
  stream().break_off(CallStatus(StatusCode::kUnavailable, "lost"));
  loop.settle();
  EXPECT_THAT(*close, IsError(StatusCode::kUnavailable, "lost"));
}

TEST_F(CallWriting, AWriteThatTheEndOvertakesGivesTheOutcome) {  // B120
  auto call = open_stream_stream();
  Started write(call.write("a"));
  stream().fail_message();
  loop.settle();
  EXPECT_FALSE(write.done());  // why, only the status says (T19)
  stream().deliver_end();
  stream().finish(CallStatus(StatusCode::kUnavailable, "lost"));
  loop.settle();
  EXPECT_THAT(*write, IsError(StatusCode::kUnavailable, "lost"));
}

TEST_F(CallWriting, AWriteAfterAFailedOneWaitsForTheOutcome) {  // T17
  auto call = open_stream_stream();
  Started first(call.write("a"));
  first.abandon();
  stream().fail_message();
  loop.settle();
  Started second(call.write("b"));
  loop.settle();
  EXPECT_FALSE(second.done());
  EXPECT_EQ(stream().count("send"), 1);
  stream().deliver_end();
  stream().finish(CallStatus(StatusCode::kUnavailable, "lost"));
  loop.settle();
  EXPECT_THAT(*second, IsError(StatusCode::kUnavailable, "lost"));
}

TEST_F(CallWriting, AWriteThatThePeersOkOvertakesIsAUsageError) {
  auto call = open_stream_stream();
  Started write(call.write("a"));
  stream().fail_message();
  loop.settle();
  stream().deliver_end();
  stream().finish();
  loop.settle();
  EXPECT_THAT(*write, IsUsageError(already_finished_text));
  EXPECT_EQ(run(call.status()), absl::OkStatus());
}

TEST_F(CallWriting, AWriteThatTimedOutLeavesTheCallAlive) {
  auto call = open_stream_stream();
  auto first = run(when_any(call.write("slow"), sleep_for(loop, absl::Seconds(1))));
  EXPECT_EQ(first.index(), 1u);
  EXPECT_FALSE(call.done());
  stream().accept_message();
  loop.settle();
  stream().accept_message();
  EXPECT_EQ(run(call.write("next")), absl::OkStatus());
}

TEST_F(CallWriting, AReadAndAWriteRunTogether) {  // B148
  auto call = open_stream_stream();
  Started read(call.read());
  Started write(call.write("a"));
  stream().deliver("b");
  loop.settle();
  EXPECT_THAT(*read, IsMessage("b"));
  EXPECT_FALSE(write.done());
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(*write, absl::OkStatus());
}

TEST_F(CallWriting, WritesOfACallWithASourceAreRefused) {  // B170
  auto call = channel->stream_stream(stream_stream, std::vector<std::string>{"a"});
  EXPECT_THAT(run(call.write("b")), IsUsageError(mixed_styles_text));
  EXPECT_THAT(run(call.done_writing()), IsUsageError(mixed_styles_text));
  EXPECT_FALSE(call.done());
}

absl::StatusOr<Bytes> serialise_none(const std::string&, BytesAllocator&) {
  return absl::InvalidArgumentError("not a message");
}

TEST_F(CallWriting, AMessageThatCannotBeSerialisedIsRefusedAndTheCallGoesOn) {  // B053
  const StreamStreamMethod<std::string, std::string> method("/test.Echo/Bad", &serialise_none);
  auto call = channel->stream_stream(method);
  stream().open();
  loop.settle();
  const absl::Status refused = run(call.write("m"));
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.message()), EndsWith("not a message"));
  EXPECT_EQ(stream().count("send"), 0);
  EXPECT_FALSE(call.done());
}

}  // namespace
}  // namespace weft::test
