#include "steps.h"

#include <gtest/gtest.h>

#include <utility>

namespace weft::conformance {

Task<Texts> drain(ObservedStream& stream) {
  Texts texts;
  for (;;) {
    const Received received = co_await stream.receive();
    texts.push_back(told(received));
    if (received.kind != Received::Kind::message) co_return texts;
  }
}

Task<PeerReport> receive_report(ObservedStream& stream) {
  const Received received = co_await stream.receive();
  absl::StatusOr<PeerReport> report = PeerReport::parse(received.message.to_string());
  EXPECT_TRUE(report.ok()) << told(received) << " " << report.status();
  if (!report.ok()) co_return PeerReport();
  co_return *std::move(report);
}

Task<> echo(ObservedStream& stream, std::string text) {
  const OperationResult sent = co_await stream.send(text);
  EXPECT_EQ(sent, OperationResult::ok);
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:" + text);
}

Task<> echo_once(Bench& bench, Transport& transport, std::string text) {
  ObservedStream stream = bench.start(transport, Bench::options(PeerScript().echo_all().finish()));
  Task<> exchange = echo(stream, std::move(text));
  co_await std::move(exchange);
  co_await stream.close();
  const Received end = co_await stream.receive();
  EXPECT_EQ(told(end), "end");
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Texts numbered(std::size_t count, std::size_t size) {
  Texts texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back("m:" + numbered_message(i, size));
  texts.push_back("end");
  return texts;
}

std::string name_of(CallKind kind) {
  switch (kind) {
    case CallKind::unary_unary:
      return "Unary";
    case CallKind::unary_stream:
      return "ServerStream";
    case CallKind::stream_unary:
      return "ClientStream";
    case CallKind::stream_stream:
      return "Bidi";
  }
  return "";
}

}  // namespace weft::conformance
