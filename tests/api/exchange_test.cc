// exchange(): a write and a read as one step.

#include <string>

#include "call_fixture.h"

namespace weft::test {
namespace {

class Exchange : public ScriptedCallTest {};

TEST_F(Exchange, WritesAndReadsInOneTurn) {  // D20
  auto call = open_stream_stream();
  Started exchange(call.exchange("ping"));
  EXPECT_EQ(stream().count("send ping with receive"), 1);
  EXPECT_EQ(stream().count("receive"), 1);
  stream().accept_message();
  loop.settle();
  EXPECT_FALSE(exchange.done());
  stream().deliver("pong");
  loop.settle();
  EXPECT_THAT(*exchange, IsMessage("pong"));
}

TEST_F(Exchange, MayBeRepeated) {
  auto call = open_stream_stream();
  for (const char* text : {"a", "b", "c"}) {
    stream().accept_message();
    stream().deliver(text);
    EXPECT_THAT(run(call.exchange("ping")), IsMessage(text));
  }
}

TEST_F(Exchange, MayBeRepeatedThoughTheAnswerOvertakesTheWritesCompletion) {
  auto call = open_stream_stream();
  Started first(call.exchange("ping"));
  stream().deliver("pong");
  loop.settle();
  stream().accept_message();
  if (!first.done()) loop.settle();  // it may as well wait for its write
  EXPECT_THAT(*first, IsMessage("pong"));
  Started second(call.exchange("ping"));
  loop.settle();
  if (second.done()) {
    EXPECT_FALSE(second->is_failed()) << second->status();
    return;
  }
  stream().accept_message();
  stream().deliver("pong again");
  loop.settle();
  EXPECT_THAT(*second, IsMessage("pong again"));
}

TEST_F(Exchange, IsRefusedDuringARead) {
  auto call = open_stream_stream();
  Started read(call.read());
  EXPECT_THAT(run(call.exchange("ping")).status(),
              IsUsageError("a read is already in progress on this call: await it first"));
  EXPECT_EQ(stream().count("send"), 0);
  stream().deliver("m");
  loop.settle();
  EXPECT_THAT(*read, IsMessage("m"));
}

TEST_F(Exchange, IsRefusedDuringAWriteAndLeavesTheMessagesAlone) {
  auto call = open_stream_stream();
  Started write(call.write("a"));
  EXPECT_THAT(run(call.exchange("b")).status(),
              IsUsageError("a write is already in progress on this call: await it first"));
  EXPECT_EQ(stream().count("send"), 1);
  stream().accept_message();
  stream().deliver("m");
  loop.settle();
  EXPECT_THAT(run(call.read()), IsMessage("m"));
}

TEST_F(Exchange, IsRefusedAfterDoneWriting) {
  auto call = open_stream_stream();
  stream().accept_close();
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_THAT(run(call.exchange("late")).status(), IsUsageError(half_closed_text));
}

TEST_F(Exchange, IsRefusedOnACallThatIsIteratedOver) {
  auto call = open_stream_stream();
  stream().deliver("a");
  EXPECT_THAT(run(call.responses().next()), IsMessage("a"));
  EXPECT_THAT(run(call.exchange("b")).status(), IsUsageError(mixed_styles_text));
  EXPECT_EQ(stream().count("send"), 0);
}

TEST_F(Exchange, GivesTheOutcomeWhenTheCallEnds) {
  auto call = open_stream_stream();
  Started exchange(call.exchange("ping"));
  stream().break_off(CallStatus(StatusCode::kUnavailable, "lost"));
  loop.settle();
  EXPECT_THAT(exchange->status(), IsError(StatusCode::kUnavailable, "lost"));
}

TEST_F(Exchange, AbandonedItLeavesTheAnswerForTheNextRead) {
  auto call = open_stream_stream();
  Started exchange(call.exchange("ping"));
  exchange.abandon();
  EXPECT_FALSE(call.done());
  stream().accept_message();
  stream().deliver("pong");
  loop.settle();
  EXPECT_THAT(run(call.read()), IsMessage("pong"));
}

}  // namespace
}  // namespace weft::test
