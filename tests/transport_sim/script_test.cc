// Scripts of a simulated server: what a peer does, frame by frame.

#include "weft/transport_sim/script.h"

#include <string>
#include <utility>

#include "fault_bodies.h"
#include "four_kinds.h"
#include "stream_fixture.h"

namespace weft::sim {
namespace {

using test::Explored;
using test::StreamStream;
using test::UnaryStream;
using testing::ElementsAre;
using testing::IsEmpty;
using weft::detail::text;

// One stream that a script answers, in the default order.
class ScriptTest : public test::StreamTest {
 protected:
  void play(Script script) {
    world.server().script(method, std::move(script));
    start();
    run();
  }
  void send(std::string message) {
    ASSERT_TRUE(client.send(std::move(message)).ok());
    run();
  }
  void receive() {
    ASSERT_TRUE(client.receive().ok());
    run();
  }
};

TEST_F(ScriptTest, SendsWhatItSaysInItsOrder) {
  play(Script()
           .headers({{"a", "1"}})
           .message("one")
           .message("two")
           .finish(StatusCode::kAborted, "so it says"));
  EXPECT_EQ(client.headers.results.at(0).metadata, (Metadata{{"a", "1"}}));
  receive();
  receive();
  EXPECT_THAT(client.got(), ElementsAre("one", "two"));
  EXPECT_EQ(client.status().to_string(), "ABORTED: so it says");
}

TEST_F(ScriptTest, FinishesWithAWholeStatusIfGivenOne) {
  CallStatus status(StatusCode::kOk, "");
  status.trailing_metadata = Metadata{{"a", "1"}};
  play(Script().finish(status));
  EXPECT_EQ(client.status().trailing_metadata, status.trailing_metadata);
}

TEST_F(ScriptTest, WaitsForOneMessageEachTimeItReads) {
  play(Script().read().message("first").read().message("second").finish());
  receive();
  EXPECT_THAT(client.got(), IsEmpty());
  send("a");
  EXPECT_THAT(client.got(), ElementsAre("first"));
  receive();
  send("b");
  EXPECT_THAT(client.got(), ElementsAre("first", "second"));
  EXPECT_TRUE(client.over());
}

TEST_F(ScriptTest, TakesOnlyTheMessagesThatItReads) {
  connect(SimTransportOptions().connected().window(4));
  play(Script().read());
  send("12345");
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok));
  send("12345");
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok));
}

TEST_F(ScriptTest, TakesTheHalfCloseForTheMessageThatDoesNotCome) {
  play(Script().read().read().finish());
  send("the only one");
  EXPECT_FALSE(client.over());
  ASSERT_TRUE(client.close().ok());
  run();
  EXPECT_TRUE(client.over());
}

TEST_F(ScriptTest, ReadsAllUntilTheHalfClose) {
  play(Script().read_all().finish());
  send("one");
  send("two");
  EXPECT_FALSE(client.over());
  ASSERT_TRUE(client.close().ok());
  run();
  EXPECT_TRUE(client.over());
}

TEST_F(ScriptTest, ResetsTheStreamOverWhatWasNotReceived) {
  play(Script().message("lost").reset(Http2Error::refused_stream));
  receive();
  EXPECT_THAT(client.got(), ElementsAre("failed"));
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_EQ(client.status().progress, Progress::refused_unprocessed);
}

TEST_F(ScriptTest, ThatIsOverLeavesTheCallOpenF29) {
  play(Script().headers());
  run_all();
  EXPECT_FALSE(client.over());
  send("into the window");
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok));
}

TEST_F(ScriptTest, WaitsUntilTheClientHasCancelled) {
  play(Script().headers().wait_for_cancel().finish());
  EXPECT_FALSE(client.over());
  client.cancel();
  world.settle();
  EXPECT_TRUE(world.step());  // the peer is told
  EXPECT_EQ(client.code(), StatusCode::kCancelled);
}

TEST_F(ScriptTest, IsPlayedFromItsBeginningForEveryCall) {
  world.server().script(method, Script().message("hello").finish());
  for (int i = 0; i < 2; ++i) {
    Client& each = start_another();
    ASSERT_TRUE(each.receive().ok());
    run();
    EXPECT_THAT(each.got(), ElementsAre("hello"));
  }
}

TEST_F(ScriptTest, MayBeReplacedWhileCallsPlayIt) {
  play(Script().message("one").read().message("two").finish());
  world.server().script(method, Script().finish(StatusCode::kAborted));
  receive();
  send("go on");
  receive();
  EXPECT_THAT(client.got(), ElementsAre("one", "two"));
}

// --- in every order ---

TEST_F(ScriptTest, TakesAStepForEachGap) {
  world.server().script(method, Script().gap().gap().headers());
  start();
  int steps = 0;
  while (client.headers.results.empty()) {
    ASSERT_TRUE(world.settle());
    ASSERT_TRUE(world.step());
    ++steps;
  }
  EXPECT_EQ(steps, 5);  // the start is accepted, and reaches the peer; two gaps; headers
}

TEST(ScriptGap, LetsWhateverElseMayHappenComeFirst) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().headers().gap().message("m").finish());
    Channel channel(world.transport("server", test::connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    (void)co_await call.initial_metadata();
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    const bool read = static_cast<bool>(co_await call.read());
    (void)co_await call.status();
    world.outcome(text(read ? "message" : "no message", ", ", test::code_of(call)));
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("message, CANCELLED", "message, OK", "no message, CANCELLED"));
}

TEST(ScriptGap, ThatIsOpenWhenTheCallEndsIsNoLeak) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().gap().gap().message("m").finish());
    Channel channel(world.transport("server", test::connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    while (co_await call.read()) {
    }
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED", "OK"));
}

TEST(Script, AnswersAllFourKinds) {
  const auto of = []<class Kind>(Kind) {
    return Explored([](World& world) -> Body {
             world.server().script(Kind::method, Script().read_all().message("m").finish());
             Channel channel(world.transport("server", test::connected()), world.loop());
             auto call = Kind::make(channel, "r", CallOptions());
             auto writing = Kind::write(call, "w");
             (void)co_await std::move(writing);
             auto reading = Kind::read(call);
             const auto messages = co_await std::move(reading);
             EXPECT_THAT(messages, ElementsAre("m"));
           })
        .outcomes;
  };
  EXPECT_THAT(of(test::UnaryUnary()), ElementsAre("OK"));
  EXPECT_THAT(of(test::UnaryStream()), ElementsAre("OK"));
  EXPECT_THAT(of(test::StreamUnary()), ElementsAre("OK"));
  EXPECT_THAT(of(test::StreamStream()), ElementsAre("OK"));
}

}  // namespace
}  // namespace weft::sim
