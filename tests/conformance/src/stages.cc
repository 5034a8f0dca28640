#include "stages.h"

#include <gtest/gtest.h>

namespace weft::conformance {

std::string name_of(Stage stage) {
  switch (stage) {
    case Stage::headers_awaited:
      return "WhileHeadersAreAwaited";
    case Stage::accepted:
      return "AfterTheHeaders";
    case Stage::half_closed:
      return "AfterTheHalfClose";
    case Stage::round_trip:
      return "AfterARoundTrip";
    case Stage::send_blocked:
      return "WhileASendIsBlocked";
    case Stage::receive_pending:
      return "WhileAReceiveIsPending";
  }
  return "";
}

PeerScript script_for(Stage stage) {
  PeerScript script;
  if (stage == Stage::headers_awaited) return script.wait_for_cancel();
  script.headers();
  if (stage == Stage::half_closed) script.read_all();
  if (stage == Stage::round_trip) script.echo();
  return script.wait_for_cancel();
}

Task<> reach(Bench& bench, ObservedStream& stream, Stage stage) {
  EXPECT_TRUE(stream.ask_status().ok());
  if (stage == Stage::headers_awaited) {
    EXPECT_TRUE(stream.begin_receive().ok());
    co_await stream.started();
    co_return;
  }
  co_await stream.headers();
  if (stage == Stage::half_closed) co_await stream.close();
  if (stage == Stage::round_trip) {
    co_await stream.send("ping");
    co_await stream.receive();
  }
  if (stage == Stage::send_blocked) {
    EXPECT_TRUE(stream.begin_send(bench.large_message()).ok());
    Task<> step = bench.step();
    co_await std::move(step);
  }
  if (stage == Stage::receive_pending) {
    EXPECT_TRUE(stream.begin_receive().ok());
  }
}

Task<> expect_all_over(ObservedStream& stream, Stage stage, bool by_client) {
  if (stage == Stage::send_blocked) {
    const OperationResult sent = co_await stream.sent();
    if (by_client) {
      EXPECT_EQ(sent, OperationResult::failed);
    }
  }
  if (stage == Stage::headers_awaited || stage == Stage::receive_pending) {
    const Received received = co_await stream.received();
    EXPECT_NE(received.kind, Received::Kind::message);
  }
  if (stage == Stage::headers_awaited) {
    const InitialMetadata headers = co_await stream.headers();
    EXPECT_TRUE(headers.metadata.empty());
  }
}

}  // namespace weft::conformance
