// One request, one response.

#include "scenario.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

using UnaryCall = UnaryUnaryCall<EchoRequest, EchoResponse>;

CallOptions with_metadata() {
  return CallOptions().metadata("echo-initial", "i").metadata("echo-trailing", "t");
}

// Everything that a unary call tells, from three coroutines that wait at the same time.
Task<> see_response(Run& run, UnaryCall call) {
  const absl::StatusOr<EchoResponse>& response = co_await call;
  run.saw("response:", word_of(response));
}
Task<> see_headers(Run& run, UnaryCall call) {
  const Metadata headers = co_await call.initial_metadata();
  run.saw("headers:", word_of(headers));
}
Task<> see_trailers(Run& run, UnaryCall call) {
  const Metadata trailers = co_await call.trailing_metadata();
  run.saw("trailers:", word_of(trailers));
}
Task<> see_all(Run& run, UnaryCall call) {
  run.watch(call);
  auto response = see_response(run, call);
  auto headers = see_headers(run, call);
  auto trailers = see_trailers(run, call);
  auto all = when_all(std::move(response), std::move(headers), std::move(trailers));
  co_await std::move(all);
}

FIDELITY(UnaryUnary, IsAnswered) {
  auto call = run.channel().unary_unary(unary_unary, request("x"), with_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, GivesEarlyHeaders) {
  auto call = run.channel().unary_unary(
      unary_unary, request("x"),
      with_metadata().early_initial_metadata().metadata("send-headers-early", "1"));
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, FailsWithoutHeaders) {
  auto call =
      run.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "no such x"),
                                CallOptions().metadata("echo-trailing", "t"));
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, FailsAfterHeaders) {
  auto call =
      run.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "no such x"),
                                with_metadata().early_initial_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, IsAnsweredOrCancelled) {
  auto call = run.channel().unary_unary(unary_unary, request("x"), with_metadata());
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel("enough")); });
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, EarlyHeadersAndACancel) {
  auto call = run.channel().unary_unary(unary_unary, request("x"),
                                        with_metadata().early_initial_metadata());
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, FailsOrIsCancelled) {
  auto call = run.channel().unary_unary(
      unary_unary, failing_request(StatusCode::kCancelled, "by the server"), with_metadata());
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_all(run, call);
  run.saw("cancelled:", call.cancelled());
}

FIDELITY(UnaryUnary, IsAnsweredOrTimesOut) {
  const absl::Duration timeouts[] = {absl::Milliseconds(1), absl::Milliseconds(2),
                                     absl::Milliseconds(5), absl::Milliseconds(20)};
  const std::size_t timeout = run.choose(4, "timeout");
  auto call = run.channel().unary_unary(unary_unary, request("x"),
                                        with_metadata().timeout(timeouts[timeout]));
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, ASlowAnswerOrTheDeadline) {
  EchoRequest slow = request("x");
  slow.set_delay_ms(4);
  const absl::Duration timeouts[] = {absl::Milliseconds(1), absl::Milliseconds(4),
                                     absl::Milliseconds(6), absl::Milliseconds(15)};
  const std::size_t timeout = run.choose(4, "timeout");
  auto call = run.channel().unary_unary(
      unary_unary, slow, with_metadata().early_initial_metadata().timeout(timeouts[timeout]));
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, SilenceUntilTheDeadlineOrACancel) {
  auto call = run.channel().unary_unary(
      unary_unary, silent_request(),
      CallOptions().early_initial_metadata().timeout(absl::Milliseconds(5)));
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, ATimeoutOfNothing) {
  auto call = run.channel().unary_unary(unary_unary, request("x"),
                                        with_metadata().timeout(absl::ZeroDuration()));
  run.saw("done:", call.done());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, TheDeadlinePassesBetweenTwoLooks) {
  auto call = run.channel().unary_unary(unary_unary, request("x"),
                                        CallOptions().timeout(absl::Milliseconds(3)));
  co_await run.pause();
  run.saw("done:", call.done());
  co_await see_response(run, call);
  co_await see_response(run, call);
}

FIDELITY(UnaryUnary, IsDropped) {
  auto call = std::make_unique<UnaryCall>(run.channel().unary_unary(unary_unary, request("x")));
  run.watch(*call);
  co_await run.pause();
  run.saw("drop");
  call.reset();
  co_await run.pause();
}

FIDELITY(UnaryUnary, TheTaskThatAwaitsItIsCancelled) {
  auto call = run.channel().unary_unary(unary_unary, request("x"));
  run.watch(call);
  TaskScope scope(run.loop());
  scope.spawn(see_response(run, call));
  const auto cancel = run.anytime("cancel", [&] { scope.cancel("enough"); });
  co_await scope.join();
  co_await run.pause();
  run.saw("done:", call.done());
  co_await see_response(run, call);
}

FIDELITY(UnaryUnary, TooLargeAResponse) {
  Channel channel(run.setting().transport(TransportWishes().receive_bytes_max(100)), run.loop());
  EchoRequest large = request("x");
  large.set_response_bytes(1000);
  auto call = channel.unary_unary(unary_unary, large, with_metadata().early_initial_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, TheServerBreaksTheRules) {
  constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> methods[] = {
      UnaryUnaryMethod<EchoRequest, EchoResponse>("/weft.test.Raw/NoResponse"),
      UnaryUnaryMethod<EchoRequest, EchoResponse>("/weft.test.Raw/TwoResponses"),
      UnaryUnaryMethod<EchoRequest, EchoResponse>("/weft.test.Raw/ResponseThenError"),
      UnaryUnaryMethod<EchoRequest, EchoResponse>("/weft.test.Echo/Unknown")};
  const std::size_t method = run.choose(4, "method");
  run.saw(methods[method].full_name());
  auto call = run.channel().unary_unary(methods[method], request("x"), with_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, TheServerBreaksTheRulesOrIsCancelled) {
  constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> two_responses(
      "/weft.test.Raw/TwoResponses");
  auto call = run.channel().unary_unary(two_responses, request("x"));
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, TheConnectionIsLost) {
  run.may_lose_connection();
  auto call = run.channel().unary_unary(unary_unary, request("x"), with_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, TheConnectionIsLostWithEarlyHeaders) {
  run.may_lose_connection();
  auto call = run.channel().unary_unary(unary_unary, request("x"),
                                        with_metadata().early_initial_metadata());
  co_await see_all(run, call);
}

FIDELITY(UnaryUnary, NobodyListens) {
  Channel channel(run.setting().unreachable(), run.loop());
  auto call = channel.unary_unary(unary_unary, request("x"));
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_all(run, call);
}

}  // namespace
}  // namespace weft::test
