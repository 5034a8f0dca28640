// One request, a stream of responses.

#include "streams.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

FIDELITY(UnaryStream, IsReadToItsEnd) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2), with_metadata());
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, IsReadSlowly) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2));
  run.watch(call);
  for (int reads = 0; reads < 4; ++reads) {
    const ReadResult<EchoResponse> result = co_await call.read();
    run.saw("read:", word_of(result));
    co_await run.pause();
    run.saw("done:", call.done());
  }
}

FIDELITY(UnaryStream, IsIteratedOver) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2));
  auto responses = call.responses();
  for (bool goes_on = true; goes_on;) {
    const ReadResult<EchoResponse> result = co_await responses.next();
    run.saw("next:", word_of(result));
    goes_on = static_cast<bool>(result);
    co_await run.pause();
  }
  const ReadResult<EchoResponse> read = co_await call.read();
  run.saw("read:", word_of(read));
}

FIDELITY(UnaryStream, HasNoMessages) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 0), with_metadata());
  run.watch(call);
  co_await both(see_status(run, call), see_headers(run, call));
  co_await read_all(run, call);
}

FIDELITY(UnaryStream, FailsWithoutMessages) {
  auto call = run.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kNotFound, "no such x"), with_metadata());
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
  co_await read_all(run, call);
}

FIDELITY(UnaryStream, FailsAfterMessages) {
  auto call = run.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kAborted, "no more", 2), with_metadata());
  run.watch(call);
  co_await both(read_all(run, call), see_status(run, call));
}

FIDELITY(UnaryStream, IsReadOrCancelled) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2), with_metadata());
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, FailsOrIsCancelled) {
  auto call = run.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kAborted, "no more", 1), with_metadata());
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, SlowMessagesOrTheDeadline) {
  const absl::Duration timeouts[] = {absl::Milliseconds(1), absl::Milliseconds(3),
                                     absl::Milliseconds(8), absl::Milliseconds(20)};
  const std::size_t timeout = run.choose(4, "timeout");
  auto call = run.channel().unary_stream(unary_stream, slow_request("x", 2, 3),
                                         with_metadata().timeout(timeouts[timeout]));
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, AMessageThenSilenceUntilTheDeadline) {
  auto call = run.channel().unary_stream(
      unary_stream, silent_request(),
      with_metadata().metadata("send-headers-early", "1").timeout(absl::Milliseconds(4)));
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, IsDiscarded) {
  auto call = run.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kAborted, "no more", 2), with_metadata());
  run.watch(call);
  const ReadResult<EchoResponse> first = co_await call.read();
  run.saw("read:", word_of(first));
  co_await run.pause();
  call.discard();
  co_await see_status(run, call);
  co_await read_all(run, call);
}

FIDELITY(UnaryStream, IsDiscardedOrCancelled) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2));
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  call.discard();
  co_await see_status(run, call);
}

FIDELITY(UnaryStream, IsDroppedAfterAMessage) {
  auto call =
      std::make_unique<ResponsesCall>(run.channel().unary_stream(unary_stream, request("x", 2)));
  run.watch(*call);
  const ReadResult<EchoResponse> first = co_await call->read();
  run.saw("read:", word_of(first));
  co_await run.pause();
  run.saw("drop");
  call.reset();
}

FIDELITY(UnaryStream, AReadIsGivenUpAndAnotherGetsItsMessage) {
  auto call = run.channel().unary_stream(unary_stream, slow_request("x", 2, 2));
  run.watch(call);
  auto read = call.read();
  // The timeout of the read is the scenario; which is first is part of its outcome.
  auto first = when_any(std::move(read), sleep_for(run.loop(), absl::Milliseconds(3)));
  const bool given_up = (co_await std::move(first)).index() == 1;
  run.saw("given up:", given_up);
  co_await read_all(run, call);
}

FIDELITY(UnaryStream, TheTaskThatReadsIsCancelled) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 1));
  run.watch(call);
  TaskScope scope(run.loop());
  scope.spawn(read_all(run, call));
  const auto cancel = run.anytime("cancel", [&] { scope.cancel("enough"); });
  co_await scope.join();
  co_await read_all(run, call);
}

FIDELITY(UnaryStream, TooLargeAResponse) {
  Channel channel(run.setting().transport(TransportWishes().receive_bytes_max(100)), run.loop());
  EchoRequest large = request("x", 2);
  large.set_response_bytes(1000);
  auto call = channel.unary_stream(unary_stream, large, with_metadata());
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, TheConnectionIsLost) {
  run.may_lose_connection();
  auto call = run.channel().unary_stream(unary_stream, request("x", 2), with_metadata());
  run.watch(call);
  co_await both(read_all(run, call), see_headers(run, call));
}

FIDELITY(UnaryStream, TheConnectionIsLostUnderASlowReader) {
  run.may_lose_connection();
  auto call = run.channel().unary_stream(unary_stream, request("x", 2));
  run.watch(call);
  for (int reads = 0; reads < 3; ++reads) {
    co_await run.pause();
    const ReadResult<EchoResponse> result = co_await call.read();
    run.saw("read:", word_of(result));
  }
}

FIDELITY(UnaryStream, NobodyListens) {
  Channel channel(run.setting().unreachable(), run.loop());
  auto call = channel.unary_stream(unary_stream, request("x"));
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await both(read_all(run, call), see_headers(run, call));
}

}  // namespace
}  // namespace weft::test
