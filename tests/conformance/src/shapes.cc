// C001-C015: what calls look like when all goes well.

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

Task<> metadata_only(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers({{"k", "v"}}).finish());
  EXPECT_TRUE(stream.begin_close().ok());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_EQ(headers.metadata, (Metadata{{"k", "v"}}));
  const Received end = co_await stream.receive();
  EXPECT_EQ(told(end), "end");
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

// Everything is asked for at once, as a call of that kind would.
Task<> every_event_in_order(Bench& bench, CallKind kind, bool with_deadline) {
  StreamOptions options =
      Bench::options(PeerScript().read_all().headers().message("pong").finish(), kind);
  if (with_deadline) options.deadline = bench.deadline_in(absl::Seconds(30));
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.begin_send("ping").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.ask_status().ok());
  const Received received = co_await stream.received();
  if (received.kind == Received::Kind::message) {
    EXPECT_TRUE(stream.has("headers")) << stream.story();  // T11
    const Received end = co_await stream.receive();
    EXPECT_NE(end.kind, Received::Kind::message);
  }
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(stream.log().back(), "status") << stream.story();
  if (with_deadline && status.code == StatusCode::kDeadlineExceeded) co_return;
  EXPECT_EQ(told(status), "OK");
  EXPECT_EQ(told(received), "m:pong");
  EXPECT_EQ(stream.log().size(), 7u) << stream.story();
}

Task<> end_not_read(Bench& bench, CallKind kind) {
  ObservedStream stream = bench.start(PeerScript().read().headers().message("pong").finish(), kind);
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_send("ping").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:pong");
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "OK");
}

Task<> waits_for_headers_to_send(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers({{"go", "on"}}).echo().finish());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_EQ(headers.metadata.get("go"), "on");
  Task<> exchange = echo(stream, "ping");
  co_await std::move(exchange);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> client_streams(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().read_all().report().finish(), CallKind::stream_unary);
  const std::size_t count = bench.many(50, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const OperationResult sent = co_await stream.send(numbered_message(i, 10));
    EXPECT_EQ(sent, OperationResult::ok);
  }
  EXPECT_TRUE(stream.begin_close().ok());
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.messages.size(), count);
  for (std::size_t i = 0; i < report.messages.size(); ++i) {
    EXPECT_EQ(report.messages[i].text, numbered_message(i, 10));
  }
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> server_streams(Bench& bench) {
  const std::size_t count = bench.many(50, 3);
  ObservedStream stream =
      bench.start(PeerScript().read_all().messages(count, 10).finish(), CallKind::unary_stream);
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_send("go").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, numbered(count, 10));
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "OK");
}

Task<> ping_pong(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  for (std::size_t i = 0; i < bench.many(100, 3); ++i) {
    // A read and a write together (T23).
    EXPECT_TRUE(stream.begin_receive().ok());
    EXPECT_TRUE(stream.begin_send(numbered_message(i, 20)).ok());
    const Received received = co_await stream.received();
    EXPECT_EQ(told(received), "m:" + numbered_message(i, 20));
    co_await stream.sent();
  }
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> half_duplex(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read_all().messages(3, 10).finish());
  for (std::size_t i = 0; i < 3; ++i) co_await stream.send(numbered_message(i, 10));
  co_await stream.close();
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, numbered(3, 10));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> no_requests(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read_all().report().finish());
  co_await stream.close();
  const PeerReport report = co_await receive_report(stream);
  EXPECT_TRUE(report.messages.empty());
  EXPECT_TRUE(report.half_closed);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> no_responses(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read_all().finish());
  co_await stream.send("one");
  co_await stream.close();
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> empty_message(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  Task<> exchange = echo(stream, "");
  co_await std::move(exchange);
  co_await stream.close();
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> many_in_sequence(Bench& bench) {
  for (std::size_t i = 0; i < bench.many(100, 3); ++i) {
    Task<> call = echo_once(bench, *bench.transport(), numbered_message(i, 20));
    co_await std::move(call);
  }
}

Task<> many_side_by_side(Bench& bench) {
  std::deque<ObservedStream> streams;
  for (std::size_t i = 0; i < bench.many(100, 2); ++i) {
    streams.push_back(bench.start(PeerScript().echo_all().finish()));
    EXPECT_TRUE(streams[i].begin_send(numbered_message(i, 20)).ok());
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    co_await streams[i].sent();
    EXPECT_TRUE(streams[i].begin_close().ok());
    const Texts texts = co_await drain(streams[i]);
    EXPECT_EQ(texts, (Texts{"m:" + numbered_message(i, 20), "end"}));
    const CallStatus status = co_await streams[i].status();
    EXPECT_EQ(told(status), "OK");
  }
}

Task<> several_transports(Bench& bench) {
  const std::shared_ptr<Transport> one = bench.connect();
  const std::shared_ptr<Transport> two = bench.connect();
  Task<> first = echo_once(bench, *one, "one");
  co_await std::move(first);
  Task<> second = echo_once(bench, *two, "two");
  co_await std::move(second);
}

Task<> peer_answers_late(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().await(bench.note("go")).read_all().message("pong").finish());
  const OperationResult started = co_await stream.started();
  EXPECT_EQ(started, OperationResult::ok);
  EXPECT_TRUE(stream.begin_send("ping").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  EXPECT_FALSE(stream.has("headers"));
  Task<> go = bench.give("go");
  co_await std::move(go);
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"m:pong", "end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> peer_reads_nothing(Bench& bench, StatusCode code) {
  ObservedStream stream = bench.start(PeerScript().message("early").finish(code, "no need"));
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_send("ping").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts.front(), "m:early");
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(status.code, code);
  EXPECT_EQ(status.details, "no need");
}

}  // namespace

std::vector<Check> shape_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C001", "T10", "MetadataOnlyCallHasNoMessages", &metadata_only);
  for (const CallKind kind : all_kinds) {
    checks.push_back(
        Check("C002", "T10 T11 T12 T13 TG3 TG7", name_of(kind) + "HasEveryEventInOrder",
              [kind](Bench& bench) { return every_event_in_order(bench, kind, false); }));
    checks.push_back(
        Check("C002", "T10 T11 T12 T13 TG3", name_of(kind) + "WithADeadlineHasEveryEventInOrder",
              [kind](Bench& bench) { return every_event_in_order(bench, kind, true); }));
    checks.push_back(Check("C003", "T15", name_of(kind) + "NeedsNoReadOfTheEnd",
                           [kind](Bench& bench) { return end_not_read(bench, kind); }));
  }
  checks.emplace_back("C004", "T02", "ClientWaitsForHeadersToSend", &waits_for_headers_to_send);
  checks.emplace_back("C005", "T13", "ClientStreamsArriveInOrder", &client_streams);
  checks.emplace_back("C006", "T13 T15", "ServerStreamsArriveInOrder", &server_streams);
  checks.emplace_back("C007", "T23", "PingPongGoesOn", &ping_pong);
  checks.emplace_back("C008", "T51", "AllSendsThenAllReads", &half_duplex);
  checks.emplace_back("C009", "T10", "NoRequestsAreACall", &no_requests);
  checks.emplace_back("C009", "T10", "NoResponsesAreACall", &no_responses);
  checks.emplace_back("C010", "T13", "EmptyMessageIsNotTheEnd", &empty_message);
  checks.push_back(
      Check("C011", "T04", "ManyCallsInSequence", &many_in_sequence).within(3, independent_calls));
  checks.push_back(Check("C012", "T13", "ManyCallsSideBySideAreNotMixed", &many_side_by_side)
                       .within(2, wide_calls));
  checks.push_back(Check("C013", "T13", "SeveralTransportsReachOnePeer", &several_transports));
  checks.emplace_back("C014", "T02", "SendingNeedsNoAnswer", &peer_answers_late);
  checks.push_back(Check("C015", "T15 T53", "PeerThatReadsNothingEndsWithOk",
                         [](Bench& bench) { return peer_reads_nothing(bench, StatusCode::kOk); }));
  checks.push_back(
      Check("C015", "T15 T53", "PeerThatReadsNothingEndsWithItsError",
            [](Bench& bench) { return peer_reads_nothing(bench, StatusCode::kAborted); }));
  return checks;
}

}  // namespace weft::conformance
