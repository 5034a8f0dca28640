// cancel(): synchronous, once, and it wakes whoever waits.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "call_fixture.h"

namespace weft::test {
namespace {

using testing::IsEmpty;

class CallCancel : public ScriptedCallTest {};

constexpr const char* cancelled_text = "Locally cancelled by application!";

TEST_F(CallCancel, EndsTheCallAtOnceAndSaysSoOnce) {  // B180-B182
  auto call = open_stream_stream();
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.done());
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancel("again"));
  EXPECT_EQ(stream().count("cancel"), 1);
  EXPECT_EQ(stream().count("cancel CANCELLED: Locally cancelled by application!"), 1);
}

TEST_F(CallCancel, IsTheCallsOutcome) {
  auto call = open_stream_stream();
  call.cancel();
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_EQ(run(call.code()), StatusCode::kCancelled);
  EXPECT_EQ(run(call.details()), cancelled_text);
  EXPECT_EQ(run(call.debug_error_string()), std::nullopt);  // B012
  EXPECT_THAT(run(call.trailing_metadata()), IsEmpty());
  ASSERT_NE(call.outcome(), nullptr);
  EXPECT_TRUE(call.outcome()->locally_cancelled);
}

TEST_F(CallCancel, CarriesAReason) {
  auto call = open_stream_stream();
  EXPECT_TRUE(call.cancel("the user went home"));
  EXPECT_EQ(run(call.details()), "the user went home");
  EXPECT_EQ(stream().count("cancel CANCELLED: the user went home"), 1);
}

TEST_F(CallCancel, BeforeTheHeadersWakesEverybodyWhoWaits) {
  auto call = channel->stream_stream(stream_stream);
  Started read(call.read());
  Started write(call.write("m"));
  Started close(call.done_writing());
  Started connection(call.wait_for_connection());
  Started headers(call.initial_metadata());
  Started trailers(call.trailing_metadata());
  Started status(call.status());
  Started code(call.code());
  Started details(call.details());
  Started debug(call.debug_error_string());
  Started error(call.rpc_error());
  loop.settle();
  EXPECT_FALSE(read.done() || write.done() || close.done() || connection.done() || headers.done() ||
               trailers.done() || status.done() || code.done() || details.done() || debug.done() ||
               error.done());

  EXPECT_TRUE(call.cancel());
  loop.settle();  // the transport has said nothing
  EXPECT_THAT(read->status(), IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_THAT(*write, IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_THAT(*close, IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_THAT(*connection, IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_THAT(*headers, IsEmpty());  // B018
  EXPECT_THAT(*trailers, IsEmpty());
  EXPECT_THAT(*status, IsError(StatusCode::kCancelled, cancelled_text));
  EXPECT_EQ(*code, StatusCode::kCancelled);
  EXPECT_EQ(*details, cancelled_text);
  EXPECT_EQ(*debug, std::nullopt);
  EXPECT_TRUE((*error)->locally_cancelled());
}

TEST_F(CallCancel, ResumesNobodyOnItsOwnStack) {
  auto call = open_stream_stream();
  Started read(call.read());
  Started status(call.status());
  call.cancel();
  EXPECT_FALSE(read.done());
  EXPECT_FALSE(status.done());
  loop.settle();
  EXPECT_TRUE(read.done());
  EXPECT_TRUE(status.done());
}

TEST_F(CallCancel, IsNotUndoneByAStatusThatArrivesLater) {  // B183, T32
  auto call = open_stream_stream();
  call.cancel("first");
  stream().finish(CallStatus(StatusCode::kNotFound, "second"));
  loop.settle();
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, "first"));
}

TEST_F(CallCancel, LosesToAStatusThatCameBefore) {
  auto call = open_stream_stream();
  stream().finish(CallStatus(StatusCode::kNotFound, "first"));
  loop.settle();
  EXPECT_FALSE(call.cancel("second"));
  EXPECT_EQ(stream().count("cancel"), 0);
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kNotFound, "first"));
}

TEST_F(CallCancel, DropsAMessageThatNobodyHasRead) {  // B082
  auto call = open_stream_stream();
  Started abandoned(call.read());
  abandoned.abandon();
  stream().deliver("unread");
  loop.settle();
  call.cancel();
  EXPECT_THAT(run(call.read()).status(), IsError(StatusCode::kCancelled, cancelled_text));
}

TEST_F(CallCancel, InTheTurnInWhichAMessageCameTheReaderGetsTheCancel) {
  auto call = open_stream_stream();
  Started read(call.read());
  stream().deliver("too late");
  loop.run_one_task();
  call.cancel();
  loop.settle();
  EXPECT_THAT(read->status(), IsError(StatusCode::kCancelled, cancelled_text));
}

TEST_F(CallCancel, InTheTurnInWhichAWriteWasTakenTheWriterIsTold) {
  auto call = open_stream_stream();
  Started write(call.write("m"));
  stream().accept_message();
  loop.run_one_task();
  call.cancel();
  loop.settle();
  EXPECT_TRUE(write.done());  // with either outcome: the message was taken, and the call is over
}

TEST_F(CallCancel, KeepsHeadersThatCameBefore) {
  auto call = open_stream_stream();
  call.cancel();
  EXPECT_THAT(run(call.initial_metadata()), IsEmpty());

  auto other = channel->stream_stream(stream_stream);
  stream().open(Metadata{{"key", "value"}});
  loop.settle();
  other.cancel();
  EXPECT_EQ(run(other.initial_metadata()), (Metadata{{"key", "value"}}));
}

TEST_F(CallCancel, HeadersThatComeAfterItAreNotShown) {  // B018
  auto call = channel->stream_stream(stream_stream);
  call.cancel();
  stream().open(Metadata{{"key", "value"}});
  loop.settle();
  EXPECT_THAT(run(call.initial_metadata()), IsEmpty());
}

TEST_F(CallCancel, OfAUnaryCallGivesItsWaiterTheError) {
  auto call = channel->unary_unary(unary_unary, "request");
  Started response(call);
  call.cancel("enough");
  loop.settle();
  EXPECT_THAT(response->status(), IsError(StatusCode::kCancelled, "enough"));
}

TEST_F(CallCancel, FromAnotherThreadTakesEffectInTheLoopsNextTurn) {
  auto call = open_stream_stream();
  bool taken = false;
  std::thread other([&] { taken = call.cancel("from elsewhere"); });
  other.join();
  EXPECT_TRUE(taken);
  EXPECT_FALSE(call.done());
  loop.settle();
  EXPECT_TRUE(call.done());
  EXPECT_EQ(run(call.details()), "from elsewhere");
}

TEST_F(CallCancel, FromManyThreadsIsTakenOnce) {
  auto call = open_stream_stream();
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { taken += call.cancel() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
  loop.settle();
  EXPECT_EQ(stream().count("cancel"), 1);
}

TEST_F(CallCancel, FromAnotherThreadOnACallThatIsDoneIsRefused) {
  auto call = open_stream_stream();
  call.cancel();
  bool taken = true;
  std::thread other([&] { taken = call.cancel(); });
  other.join();
  EXPECT_FALSE(taken);
}

TEST_F(CallCancel, FromAnotherThreadMayComeTooLate) {
  auto call = open_stream_stream();
  std::thread other([&] { EXPECT_TRUE(call.cancel("late")); });
  other.join();
  call.cancel("first");
  loop.settle();
  EXPECT_EQ(run(call.details()), "first");
}

}  // namespace
}  // namespace weft::test
