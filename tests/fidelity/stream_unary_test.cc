// A stream of requests, one response.

#include <vector>

#include "streams.h"

namespace weft::test {
namespace {

Task<> write_twice(Run& run, RequestsCall call, EchoRequest first, EchoRequest second) {
  co_await write_one(run, call, first);
  co_await run.pause();
  co_await write_one(run, call, second);
  co_await half_close(run, call);
}

FIDELITY(StreamUnary, IsAnswered) {
  auto call = run.channel().stream_unary(stream_unary, with_metadata());
  run.watch(call);
  co_await both(write_twice(run, call, request("x"), request("y")), see_response(run, call));
}

FIDELITY(StreamUnary, IsAnsweredWithoutRequests) {
  auto call = run.channel().stream_unary(stream_unary, with_metadata());
  run.watch(call);
  co_await both(half_close(run, call), see_headers(run, call));
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, IsAnsweredEarly) {
  auto call = run.channel().stream_unary(stream_unary, with_metadata());
  run.watch(call);
  co_await both(write_twice(run, call, answered_now("x"), request("y")), see_response(run, call));
}

FIDELITY(StreamUnary, FailsEarly) {
  auto call = run.channel().stream_unary(stream_unary, with_metadata());
  run.watch(call);
  co_await both(
      write_twice(run, call, failing_request(StatusCode::kNotFound, "no such x"), request("y")),
      see_response(run, call));
}

FIDELITY(StreamUnary, FailsEarlyAndIsWrittenToLate) {
  auto call = run.channel().stream_unary(stream_unary);
  co_await write_one(run, call, failing_request(StatusCode::kNotFound, "no such x"));
  co_await run.pause();
  co_await write_one(run, call, request("y"));
  co_await run.pause();
  co_await write_one(run, call, request("z"));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, IsAnsweredOrCancelled) {
  auto call = run.channel().stream_unary(stream_unary);
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await write_one(run, call, request("x"));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, IsAnsweredEarlyOrCancelled) {
  auto call = run.channel().stream_unary(stream_unary);
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await write_one(run, call, answered_now("x"));
  co_await write_one(run, call, request("y"));
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, IsNeverHalfClosedUntilTheDeadline) {
  const absl::Duration timeouts[] = {absl::Milliseconds(1), absl::Milliseconds(3),
                                     absl::Milliseconds(12)};
  const std::size_t timeout = run.choose(3, "timeout");
  auto call = run.channel().stream_unary(stream_unary, with_metadata().timeout(timeouts[timeout]));
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await run.pause();
  co_await write_one(run, call, request("y"));
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, AHalfCloseBesideAWrite) {
  auto call = run.channel().stream_unary(stream_unary);
  run.watch(call);
  co_await both(write_one(run, call, request("x")), half_close(run, call));
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, TwoWritesSideBySide) {
  auto call = run.channel().stream_unary(stream_unary);
  co_await both(write_one(run, call, request("x")), write_one(run, call, request("y")));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, TakesItsRequestsFromASource) {
  auto call = run.channel().stream_unary(
      stream_unary, std::vector<EchoRequest>{request("x"), request("y")}, with_metadata());
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, FailsBeforeItsSourceIsEmpty) {
  auto call = run.channel().stream_unary(
      stream_unary, std::vector<EchoRequest>{failing_request(StatusCode::kNotFound, "no such x"),
                                             request("y"), request("z")});
  run.watch(call);
  co_await both(see_response(run, call), see_headers(run, call));
}

FIDELITY(StreamUnary, TheConnectionIsLost) {
  run.may_lose_connection();
  auto call = run.channel().stream_unary(stream_unary);
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await run.pause();
  co_await write_one(run, call, request("y"));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, NobodyListens) {
  Channel channel(run.setting().unreachable(), run.loop());
  auto call = channel.stream_unary(stream_unary);
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await write_one(run, call, request("y"));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(StreamUnary, WaitsForItsConnectionOrIsCancelled) {
  auto call = run.channel().stream_unary(stream_unary);
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  const absl::Status connected = co_await call.wait_for_connection();
  run.saw("connected:", word_of(connected));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

}  // namespace
}  // namespace weft::test
