// Flow control of a simulated stream: demand, windows, size limits; what waits and what does not.

#include <string>
#include <utility>

#include "stream_fixture.h"

namespace weft::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SimFlowControl : public test::StreamTest {
 protected:
  SimFlowControl() { connect(SimTransportOptions().connected().window(8)); }

  void send_and_run(std::string text) {
    ASSERT_TRUE(client.send(std::move(text)).ok());
    run();
  }
  std::size_t sent() const { return client.sent.results.size(); }
};

// --- what the client receives ---

TEST_F(SimFlowControl, OneReceiveGivesOneMessageT50) {
  start_and_reach();
  for (const char* message : {"one", "two"}) peer.call->send_message(Bytes::copy_of(message));
  run();
  EXPECT_THAT(client.got(), IsEmpty());
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_THAT(client.got(), ElementsAre("one"));
}

TEST_F(SimFlowControl, ThePeerHasRoomUntilTheWindowIsOverdrawnAndAgainWhenItIsRead) {
  start_and_reach();
  EXPECT_TRUE(peer.call->has_room());
  peer.call->send_message(Bytes::copy_of("12345678"));
  EXPECT_TRUE(peer.call->has_room());
  peer.call->send_message(Bytes::copy_of("9"));
  EXPECT_FALSE(peer.call->has_room());
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_TRUE(peer.call->has_room());
}

// --- what it sends ---

TEST_F(SimFlowControl, ASendCompletesWithoutTheReaderWhileThereIsRoomT51) {
  peer.wants_messages = false;
  start_and_reach();
  send_and_run("1234");
  send_and_run("5678");
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok, OperationResult::ok));
  EXPECT_THAT(peer.messages, IsEmpty());
}

TEST_F(SimFlowControl, ASendWaitsForTheReaderWhenThereIsNoRoomT51) {
  peer.wants_messages = false;
  start_and_reach();
  send_and_run("12345678");
  send_and_run("9");
  EXPECT_EQ(sent(), 1u);
  peer.call->want_message(true);
  run();
  EXPECT_THAT(peer.messages, ElementsAre("12345678", "9"));
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok, OperationResult::ok));
}

TEST_F(SimFlowControl, AMessageLargerThanTheWindowPassesWhenItIsAskedForT52) {
  peer.wants_messages = false;
  start_and_reach();
  send_and_run("much more than eight");
  EXPECT_EQ(sent(), 0u);
  peer.call->want_message(true);
  run();
  EXPECT_EQ(sent(), 1u);
  EXPECT_THAT(peer.messages, ElementsAre("much more than eight"));
}

// The peer asked for one message, which is on its way.
TEST_F(SimFlowControl, OneDemandAdmitsOneMessageBeyondTheWindowT51) {
  // Takes one message, and stops.
  world.server().script(method, Script().read());
  start();
  run();
  ASSERT_TRUE(client.send("the first, too large").ok());
  world.settle();
  // The send is accepted before the message arrives.
  ASSERT_TRUE(world.step());
  ASSERT_EQ(sent(), 1u);
  ASSERT_TRUE(client.send("the second, too large").ok());
  run();
  EXPECT_EQ(sent(), 1u);
}

TEST_F(SimFlowControl, HeadersPassABlockedSendT53) {
  peer.wants_messages = false;
  start_and_reach();
  send_and_run("much more than eight");
  peer.call->send_headers({{"peer", "here"}});
  run();
  EXPECT_TRUE(client.headers.results.at(0).present);
  EXPECT_EQ(sent(), 0u);
}

TEST_F(SimFlowControl, AStatusReachesAClientWhoseSendIsBlockedAndEndsItT53) {
  peer.wants_messages = false;
  start_and_reach();
  send_and_run("much more than eight");
  peer.call->finish(CallStatus(StatusCode::kAborted, "not wanted"));
  run();
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::failed));
  EXPECT_EQ(client.status().details, "not wanted");
}

TEST_F(SimFlowControl, BothSidesMaySendWithoutReadingAndStillEnd) {
  peer.wants_messages = false;
  start_and_reach();
  ASSERT_TRUE(client.send("much more than eight").ok());
  peer.call->send_message(Bytes::copy_of("much more than eight as well"));
  run();
  EXPECT_EQ(sent(), 0u);
  client.cancel();
  run();
  EXPECT_EQ(sent(), 1u);
  EXPECT_TRUE(client.over());
}

TEST_F(SimFlowControl, HintsLoseNothingT54) {
  start_and_reach();
  const auto hinted = SendOptions().buffer_hint();
  ASSERT_TRUE(client.stream->send_message(Bytes::copy_of("one"), hinted, client.sent).ok());
  run();
  send_and_run("two");
  EXPECT_THAT(peer.messages, ElementsAre("one", "two"));
}

TEST_F(SimFlowControl, AnEmptyMessageIsAMessage) {
  start_and_reach();
  send_and_run("");
  EXPECT_THAT(peer.messages, ElementsAre(""));
  peer.call->send_message(Bytes());
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_THAT(client.got(), ElementsAre(""));
}

// --- unary starts ---

TEST_F(SimFlowControl, TheStartOfACallWithOneRequestCarriesAllOfIt) {
  start(StreamOptions(method, CallKind::unary_stream));
  ASSERT_TRUE(client.send("request").ok());
  ASSERT_TRUE(client.close().ok());
  world.settle();
  ASSERT_TRUE(world.step());
  EXPECT_THAT(client.started.results, SizeIs(1));
  EXPECT_EQ(sent(), 1u);
  EXPECT_THAT(client.closed.results, SizeIs(1));
  ASSERT_TRUE(world.step());
  EXPECT_THAT(peer.messages, ElementsAre("request"));
  EXPECT_TRUE(peer.half_closed);
}

// --- size limits ---

TEST_F(SimFlowControl, AMessageOfTheLimitPassesAndALargerOneEndsTheCallWhenReceivedT55) {
  connect(SimTransportOptions().connected().receive_limit(4));
  start_and_reach();
  peer.call->send_message(Bytes::copy_of("1234"));
  peer.call->send_message(Bytes::copy_of("12345"));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.receive().ok());
    run();
  }
  EXPECT_THAT(client.got(), ElementsAre("1234", "failed"));
  EXPECT_EQ(client.status().to_string(),
            "RESOURCE_EXHAUSTED: Received message larger than max (5 vs. 4)");
  EXPECT_TRUE(peer.cancelled);
  EXPECT_EQ(transport->capabilities().receive_bytes_max, 4u);
}

TEST_F(SimFlowControl, AMessageOfTheLimitPassesAndALargerOneEndsTheCallWhenSentT55) {
  connect(SimTransportOptions().connected().send_limit(4));
  start_and_reach();
  send_and_run("1234");
  ASSERT_TRUE(client.send("12345").ok());
  EXPECT_EQ(sent(), 1u);  // T61
  run();
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok, OperationResult::failed));
  EXPECT_EQ(client.status().to_string(),
            "RESOURCE_EXHAUSTED: Sent message larger than max (5 vs. 4)");
  EXPECT_THAT(peer.messages, ElementsAre("1234"));
}

TEST_F(SimFlowControl, TheUsualReceiveLimitIsFourMebibytes) {
  connect();
  EXPECT_EQ(transport->capabilities().receive_bytes_max, std::size_t{4} * 1024 * 1024);
}

}  // namespace
}  // namespace weft::sim
