// A stream of requests, a stream of responses.

#include <vector>

#include "streams.h"

namespace weft::test {
namespace {

Task<> read_one(Run& run, BothCall call) {
  const ReadResult<EchoResponse> result = co_await call.read();
  run.saw("read:", word_of(result));
}

Task<> write_and_half_close(Run& run, BothCall call, EchoRequest message) {
  co_await write_one(run, call, message);
  co_await half_close(run, call);
}

FIDELITY(StreamStream, PingPong) {
  auto call = run.channel().stream_stream(stream_stream, with_metadata());
  run.watch(call);
  for (const char* text : {"x", "y"}) {
    co_await write_one(run, call, request(text));
    co_await read_one(run, call);
  }
  co_await half_close(run, call);
  co_await read_all(run, call);
}

FIDELITY(StreamStream, ReadsBesideWrites) {
  auto call = run.channel().stream_stream(stream_stream, with_metadata());
  run.watch(call);
  co_await both(write_and_half_close(run, call, request("x", 2)), read_all(run, call));
}

FIDELITY(StreamStream, FailsWhileAMessageIsUnread) {
  auto call = run.channel().stream_stream(stream_stream, with_metadata());
  run.watch(call);
  co_await write_one(run, call, failing_request(StatusCode::kAborted, "no more", 1));
  co_await run.pause();
  co_await write_one(run, call, request("y"));
  co_await read_all(run, call);
  co_await write_one(run, call, request("z"));
}

FIDELITY(StreamStream, FailsWhileItIsReadAndWritten) {
  auto call = run.channel().stream_stream(stream_stream, with_metadata());
  run.watch(call);
  co_await write_one(run, call, failing_request(StatusCode::kAborted, "no more", 1));
  co_await both(write_and_half_close(run, call, request("y")), read_all(run, call));
  co_await write_one(run, call, request("z"));
}

FIDELITY(StreamStream, FailsBetweenReadsAndWrites) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await both(
      write_and_half_close(run, call, failing_request(StatusCode::kAborted, "no more", 1)),
      read_all(run, call));
}

FIDELITY(StreamStream, IsReadAndWrittenOrCancelled) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await both(write_and_half_close(run, call, request("x")), read_all(run, call));
}

FIDELITY(StreamStream, IsCancelledBetweenItsSteps) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await write_one(run, call, request("x", 2));
  co_await run.pause();
  co_await read_one(run, call);
  co_await run.pause();
  run.saw("cancel:", call.cancel());
  co_await read_all(run, call);
  co_await write_one(run, call, request("y"));
  co_await half_close(run, call);
}

FIDELITY(StreamStream, SlowMessagesOrTheDeadline) {
  const absl::Duration timeouts[] = {absl::Milliseconds(1), absl::Milliseconds(3),
                                     absl::Milliseconds(12)};
  const std::size_t timeout = run.choose(3, "timeout");
  auto call = run.channel().stream_stream(stream_stream, CallOptions().timeout(timeouts[timeout]));
  run.watch(call);
  co_await both(write_and_half_close(run, call, slow_request("x", 1, 3)), read_all(run, call));
}

FIDELITY(StreamStream, IsHalfClosedWhileItIsAnswered) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await write_one(run, call, request("x", 2));
  co_await run.pause();
  co_await both(half_close(run, call), read_all(run, call));
}

FIDELITY(StreamStream, AHalfCloseBesideAWrite) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await both(write_one(run, call, request("x")), half_close(run, call));
  co_await read_all(run, call);
}

FIDELITY(StreamStream, HasNoMessagesAtAll) {
  auto call = run.channel().stream_stream(stream_stream, with_metadata());
  run.watch(call);
  co_await both(half_close(run, call), see_status(run, call));
  co_await read_all(run, call);
}

FIDELITY(StreamStream, Exchanges) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  for (const char* text : {"x", "y"}) {
    const ReadResult<EchoResponse> result = co_await call.exchange(request(text));
    run.saw("exchange:", word_of(result));
  }
}

FIDELITY(StreamStream, TooLargeAResponseAfterAnother) {
  Channel channel(run.setting().transport(TransportWishes().receive_bytes_max(100)), run.loop());
  EchoRequest large = request("y");
  large.set_response_bytes(1000);
  auto call = channel.stream_stream(stream_stream);
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await write_one(run, call, large);
  co_await read_all(run, call);
}

FIDELITY(StreamStream, ASecondReadIsRefused) {
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await both(read_one(run, call), read_one(run, call));
  co_await half_close(run, call);
  co_await read_all(run, call);
}

FIDELITY(StreamStream, TakesItsRequestsFromASource) {
  auto call = run.channel().stream_stream(stream_stream,
                                          std::vector<EchoRequest>{request("x"), request("y")});
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(StreamStream, FailsBeforeItsSourceIsEmpty) {
  auto call = run.channel().stream_stream(
      stream_stream,
      std::vector<EchoRequest>{failing_request(StatusCode::kAborted, "no more", 1), request("y")});
  run.watch(call);
  co_await both(read_all(run, call), see_status(run, call));
}

FIDELITY(StreamStream, IsDropped) {
  auto call = std::make_unique<BothCall>(run.channel().stream_stream(stream_stream));
  run.watch(*call);
  co_await write_one(run, *call, request("x"));
  co_await run.pause();
  run.saw("drop");
  call.reset();
}

FIDELITY(StreamStream, TheConnectionIsLost) {
  run.may_lose_connection();
  auto call = run.channel().stream_stream(stream_stream);
  run.watch(call);
  co_await both(write_and_half_close(run, call, request("x")), read_all(run, call));
}

FIDELITY(StreamStream, TheConnectionIsLostBetweenItsSteps) {
  run.may_lose_connection();
  auto call = run.channel().stream_stream(stream_stream);
  co_await write_one(run, call, request("x"));
  co_await run.pause();
  co_await write_one(run, call, request("y"));
  co_await read_one(run, call);
  co_await run.pause();
  co_await half_close(run, call);
  co_await read_all(run, call);
}

}  // namespace
}  // namespace weft::test
