// A simulated stream keeps the rules of the seam: the order of what it delivers, its outstanding
// operations, metadata and statuses.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "stream_fixture.h"

namespace weft::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using SimTransport = test::StreamTest;

Bytes bytes(std::string_view text) {
  return Bytes::copy_of(text);
}

// --- start ---

TEST_F(SimTransport, StartCompletesWithoutThePeerT02) {
  world.server().script(method, Script().gap());
  start();
  EXPECT_THAT(client.started.results, IsEmpty());  // T61
  run();
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(client.headers.results, IsEmpty());
}

TEST_F(SimTransport, ASecondStartIsRefusedT03) {
  start();
  EXPECT_THAT(client.stream->start(client.started, client.headers).message(), HasSubstr("T03"));
  run();
  EXPECT_THAT(client.started.results, SizeIs(1));
}

TEST_F(SimTransport, VerbsBeforeStartAreRefusedT03) {
  Client& created = open();
  EXPECT_THAT(created.send("m").message(), HasSubstr("T03"));
  EXPECT_THAT(created.close().message(), HasSubstr("T03"));
  EXPECT_THAT(created.receive().message(), HasSubstr("T03"));
  EXPECT_THAT(created.stream->status(created.ended).message(), HasSubstr("T03"));
  created.start();
  run();
  EXPECT_THAT(created.started.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(created.sent.results, IsEmpty());
}

// --- order ---

// What came, in order.
class Order : public SimTransport {
 protected:
  ~Order() override {
    client.headers.then = client.received.then = client.ended.then = nullptr;
    client.started.then = client.sent.then = client.closed.then = nullptr;
  }
  void write_down() {
    client.started.then = [this] { order.push_back("started"); };
    client.headers.then = [this] { order.push_back("headers"); };
    client.sent.then = [this] { order.push_back("sent"); };
    client.closed.then = [this] { order.push_back("closed"); };
    client.received.then = [this] {
      order.push_back(client.got().back());
      if (reads && order.back() != "end") {
        EXPECT_TRUE(client.receive().ok());
      }
    };
    client.ended.then = [this] { order.push_back("status"); };
  }

  bool reads = true;
  std::vector<std::string> order;
};

TEST_F(Order, IsHeadersMessagesEndStatusT10) {
  write_down();
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  peer.call->send_headers(Metadata());
  peer.call->send_message(bytes("one"));
  peer.call->send_message(bytes("two"));
  peer.call->finish(CallStatus());
  run();
  EXPECT_THAT(order, ElementsAre("started", "headers", "one", "two", "end", "status"));
}

TEST_F(Order, HasHeadersBeforeAMessageThatWasSentWithoutT11) {
  write_down();
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  peer.call->send_message(bytes("one"));
  run();
  EXPECT_THAT(order, ElementsAre("started", "headers", "one"));
  EXPECT_TRUE(client.headers.results.at(0).present);
}

TEST_F(Order, HasTheStatusBehindEveryCompletionT12) {
  connect(SimTransportOptions().connected().window(1));
  reads = false;
  peer.wants_messages = false;
  write_down();
  start_and_reach();
  ASSERT_TRUE(client.send("too much for the window").ok());
  ASSERT_TRUE(client.close().ok());
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_THAT(order, ElementsAre("started"));
  peer.call->finish(CallStatus());
  run();
  EXPECT_THAT(order, ElementsAre("started", "headers", "sent", "closed", "end", "status"));
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::failed));
}

TEST_F(Order, IsTheSendersInBothDirectionsT13) {
  start_and_reach();
  for (const char* message : {"one", "two", "three"}) {
    ASSERT_TRUE(client.send(message).ok());
    run();
    peer.call->send_message(bytes(message));
  }
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.receive().ok());
    run();
  }
  EXPECT_THAT(peer.messages, ElementsAre("one", "two", "three"));
  EXPECT_THAT(client.got(), ElementsAre("one", "two", "three"));
}

TEST_F(SimTransport, ATrailersOnlyResponseHasAbsentHeadersT14) {
  start_and_reach();
  peer.call->finish(CallStatus(StatusCode::kNotFound, "none"));
  run();
  ASSERT_THAT(client.headers.results, SizeIs(1));
  EXPECT_FALSE(client.headers.results[0].present);
  EXPECT_EQ(client.code(), StatusCode::kNotFound);
}

TEST_F(SimTransport, EmptyHeadersArePresentT14) {
  start_and_reach();
  peer.call->send_headers(Metadata());
  run();
  ASSERT_THAT(client.headers.results, SizeIs(1));
  EXPECT_TRUE(client.headers.results[0].present);
  EXPECT_TRUE(transport->capabilities().distinguishes_absent_headers);
}

TEST_F(SimTransport, MessagesBeforeABadStatusAreDeliveredBeforeItT15) {
  start_and_reach();
  peer.call->send_message(bytes("one"));
  peer.call->send_message(bytes("two"));
  peer.call->finish(CallStatus(StatusCode::kAborted, "enough"));
  run();
  EXPECT_FALSE(client.over());  // T18: unread messages hold the status back
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_FALSE(client.over());
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_THAT(client.got(), ElementsAre("one", "two"));
  EXPECT_EQ(client.status().to_string(), "ABORTED: enough");
}

TEST_F(SimTransport, DroppedMessagesMakeAnErrorOfTheStatusT16) {
  start_and_reach();
  peer.call->send_message(bytes("one"));
  peer.call->finish(CallStatus());
  run();
  client.cancel();
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_EQ(client.code(), StatusCode::kCancelled);
  EXPECT_THAT(client.got(), ElementsAre("failed"));
}

TEST_F(SimTransport, AnEndIsFollowedByEndsT17) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  peer.call->finish(CallStatus());
  run();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.receive().ok());
    run();
  }
  EXPECT_THAT(client.got(), ElementsAre("end", "end", "end"));
}

TEST_F(SimTransport, AFailureIsFollowedByFailuresT17) {
  start_and_reach();
  client.cancel();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.receive().ok());
    ASSERT_TRUE(client.send("m").ok());
    run();
  }
  EXPECT_THAT(client.got(), ElementsAre("failed", "failed"));
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::failed, OperationResult::failed));
}

// --- outstanding operations ---

TEST_F(SimTransport, ASecondReceiveIsRefusedAndSpendsNothingT20T27) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  EXPECT_THAT(client.receive().message(), HasSubstr("T20"));
  peer.call->send_message(bytes("one"));
  peer.call->send_message(bytes("two"));
  run();
  EXPECT_THAT(client.got(), ElementsAre("one"));
}

TEST_F(SimTransport, ASecondSendIsRefusedAndChangesNothingT21T25) {
  start_and_reach();
  ASSERT_TRUE(client.send("one").ok());
  EXPECT_THAT(client.send("two").message(), HasSubstr("T21"));
  run();
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(peer.messages, ElementsAre("one"));
}

TEST_F(SimTransport, ACloseMayBeIssuedBehindASendAndArrivesBehindItT22) {
  connect(SimTransportOptions().connected().window(1));
  peer.wants_messages = false;
  start_and_reach();
  ASSERT_TRUE(client.send("too much").ok());
  ASSERT_TRUE(client.close().ok());
  run();
  EXPECT_THAT(client.closed.results, IsEmpty());
  EXPECT_FALSE(peer.half_closed);
  peer.call->want_message(true);
  run();
  EXPECT_THAT(client.closed.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(peer.messages, ElementsAre("too much"));
  EXPECT_TRUE(peer.half_closed);
}

TEST_F(SimTransport, NothingIsSentBehindAClose) {
  start_and_reach();
  ASSERT_TRUE(client.close().ok());
  EXPECT_THAT(client.close().message(), HasSubstr("T22"));
  EXPECT_THAT(client.send("late").message(), HasSubstr("T22"));
  run();
  EXPECT_THAT(client.closed.results, SizeIs(1));
  EXPECT_THAT(peer.messages, IsEmpty());
}

TEST_F(SimTransport, AReadAndAWriteAreOutstandingTogetherT23) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  ASSERT_TRUE(client.send("request").ok());
  peer.call->send_message(bytes("response"));
  run();
  EXPECT_THAT(client.got(), ElementsAre("response"));
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::ok));
}

TEST_F(SimTransport, TheStatusMayBeAskedForOnceAndLateT24) {
  client.stream =
      transport->create_stream(world.loop(), StreamOptions(method, CallKind::stream_stream));
  ASSERT_TRUE(client.stream->start(client.started, client.headers).ok());
  run();
  peer.call->finish(CallStatus(StatusCode::kNotFound, "none"));
  run();
  EXPECT_THAT(client.ended.results, IsEmpty());
  ASSERT_TRUE(client.stream->status(client.ended).ok());
  EXPECT_THAT(client.stream->status(client.ended).message(), HasSubstr("T24"));
  EXPECT_THAT(client.ended.results, IsEmpty());  // T61
  run();
  EXPECT_EQ(client.code(), StatusCode::kNotFound);
}

TEST_F(SimTransport, VerbsAfterTheEndCompleteInTheNextTurnT26) {
  start_and_reach();
  peer.call->finish(CallStatus());
  run();
  ASSERT_TRUE(client.over());
  ASSERT_TRUE(client.send("late").ok());
  ASSERT_TRUE(client.close().ok());
  ASSERT_TRUE(client.receive().ok());
  EXPECT_THAT(client.got(), IsEmpty());  // T61
  world.settle();
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::failed));
  EXPECT_THAT(client.closed.results, SizeIs(1));
  EXPECT_THAT(client.got(), ElementsAre("end"));
}

TEST_F(SimTransport, ACompletionMayDropTheStreamAndTheTransportT63) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  client.received.then = [this] {
    client.stream.reset();
    transport.reset();
  };
  peer.call->send_message(bytes("one"));
  run();
  EXPECT_THAT(client.got(), ElementsAre("one"));
  EXPECT_EQ(client.status().details, dropped_details);  // T06
  EXPECT_THAT(world.leftovers(), IsEmpty());
}

TEST_F(SimTransport, AChainOfReadsThatAreReadyDoesNotGrowTheStackT63) {
  start_and_reach();
  peer.call->finish(CallStatus());
  run();
  const char* first = nullptr;
  std::ptrdiff_t depth = 0;
  client.received.then = [&] {
    const char here = 0;
    if (first == nullptr) first = &here;
    depth = std::max(depth, std::abs(first - &here));
    if (client.received.results.size() < 20'000) {
      EXPECT_TRUE(client.receive().ok());
    }
  };
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_THAT(client.received.results, SizeIs(20'000));
  EXPECT_LT(depth, 1000);
}

// --- metadata and statuses ---

TEST_F(SimTransport, MetadataKeepOrderAndMultiplicityBothWaysT70) {
  const Metadata given{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"raw-bin", std::string("\0\xff", 2)}};
  StreamOptions options(method, CallKind::stream_stream);
  options.metadata = given;
  start_and_reach(std::move(options));
  EXPECT_EQ(peer.call->metadata(), given);
  peer.call->send_headers(given);
  CallStatus status(StatusCode::kOk, "text with OK");
  status.trailing_metadata = given;
  peer.call->finish(status);
  run();
  EXPECT_EQ(client.headers.results.at(0).metadata, given);
  EXPECT_EQ(client.status().trailing_metadata, given);
  EXPECT_EQ(client.status().details, "text with OK");  // T73
}

TEST_F(SimTransport, IllegalMetadataIsInternalAndNothingIsSentT71) {
  for (const char* key : {"Upper", "grpc-reserved", "", ":path"}) {
    StreamOptions options(method, CallKind::stream_stream);
    options.metadata = Metadata{{key, "value"}};
    Client& refused = start_another(std::move(options));
    ASSERT_TRUE(refused.receive().ok());
    run();
    EXPECT_EQ(refused.code(), StatusCode::kInternal) << key;
    EXPECT_EQ(refused.status().progress, Progress::never_left);
    EXPECT_THAT(refused.got(), ElementsAre("failed"));
  }
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimTransport, AStatusMadeHereHasNoTrailingMetadataAndSaysWhereItCameFromT74T75) {
  start_and_reach();
  peer.call->reset(Http2Error::enhance_your_calm);
  run();
  EXPECT_EQ(client.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(client.status().trailing_metadata.empty());
  EXPECT_THAT(client.status().debug_error_string.value_or(""), HasSubstr("ENHANCE_YOUR_CALM"));
}

TEST_F(SimTransport, AStatusOfThePeersHasADebugStringUnlessItIsOkT75) {
  start_and_reach();
  peer.call->finish(CallStatus(StatusCode::kNotFound, "none"));
  Client& good = start_another();
  run();
  peer.call->finish(CallStatus());
  run();
  EXPECT_TRUE(client.status().debug_error_string.has_value());
  EXPECT_FALSE(good.status().debug_error_string.has_value());
}

TEST_F(SimTransport, AMethodThatNobodyServesIsUnimplementedT85) {
  start(StreamOptions("/test.Service/Unknown", CallKind::stream_stream));
  run();
  EXPECT_EQ(client.code(), StatusCode::kUnimplemented);
}

TEST_F(SimTransport, TheMethodNeedsToLiveOnlyUntilTheStreamIsMade) {
  std::string name = method;
  StreamOptions options(name, CallKind::stream_stream);
  client.stream = transport->create_stream(world.loop(), std::move(options));
  name.assign(name.size(), 'x');
  client.start();
  run();
  ASSERT_NE(peer.call, nullptr);
  EXPECT_EQ(peer.call->method(), method);
}

}  // namespace
}  // namespace weft::sim
