// One request, one response.

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "behaviour.h"
#include "broken_codecs.h"
#include "weft/api/rpc_error.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

using EchoMethod = UnaryUnaryMethod<EchoRequest, EchoResponse>;
using EchoCall = UnaryUnaryCall<EchoRequest, EchoResponse>;

constexpr EchoMethod throws("/weft.test.Raw/Throws");
constexpr EchoMethod no_response("/weft.test.Raw/NoResponse");
constexpr EchoMethod two_responses("/weft.test.Raw/TwoResponses");
constexpr EchoMethod response_then_error("/weft.test.Raw/ResponseThenError");
constexpr EchoMethod garbage("/weft.test.Raw/Garbage");
constexpr EchoMethod nowhere_served("/weft.test.Echo/Nothing");
constexpr UnaryUnaryMethod<Bytes, Bytes> empty("/weft.test.Raw/Empty");

BEHAVIOUR(UnaryUnary, GivesTheResponseAndTheSameOneAgain, "B040 B041") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_EQ(response->payload(), "x");
  EXPECT_TRUE(call.done());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(&(co_await call).value(), &response.value());
}

// --- failing ---

BEHAVIOUR(UnaryUnary, WhereNobodyListensItIsUnavailable, "B042") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.unary_unary(unary_unary, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(call.done());
  EXPECT_EQ(co_await call.code(), StatusCode::kUnavailable);
}

Task<std::string> thrown_by(EchoCall call) {
  try {
    (void)co_await call.value_or_throw();
  } catch (const RpcError& error) {
    co_return error.to_string();
  }
  co_return "nothing";
}

BEHAVIOUR(UnaryUnary, AnErrorIsTheSameEveryTime, "B043") {
  auto call = setting.channel().unary_unary(unary_unary,
                                            failing_request(StatusCode::kNotFound, "no such room"));
  const absl::Status first = (co_await call).status();
  EXPECT_THAT(first, IsError(StatusCode::kNotFound, "no such room"));
  EXPECT_EQ((co_await call).status(), first);
  const std::string thrown = co_await thrown_by(call);
  EXPECT_THAT(thrown, HasSubstr("no such room"));
  EXPECT_EQ(co_await thrown_by(call), thrown);
}

BEHAVIOUR(UnaryUnary, TheServersErrorComesWithItsDetailsAndTrailers, "B044") {
  auto call = setting.channel().unary_unary(
      unary_unary, failing_request(StatusCode::kPermissionDenied, "not with those shoes"),
      CallOptions().metadata("echo-trailing-door", "east"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), IsError(StatusCode::kPermissionDenied, "not with those shoes"));
  EXPECT_EQ(co_await call.details(), "not with those shoes");
  const Metadata trailers = co_await call.trailing_metadata();
  EXPECT_EQ(trailers.get("echo-trailing-door"), "east");
}

BEHAVIOUR(UnaryUnary, AHandlerThatThrowsIsUnknown, "B045") {
  auto call = setting.channel().unary_unary(throws, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), HasCode(StatusCode::kUnknown));
  EXPECT_THAT(co_await call.details(), HasSubstr("the handler threw"));
}

BEHAVIOUR(UnaryUnary, AnUnknownMethodIsUnimplemented, "B046") {
  auto call = setting.channel().unary_unary(nowhere_served, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), HasCode(StatusCode::kUnimplemented));
  // The words are the server's own; the simulator's says them differently.
  if (!setting.simulated()) {
    EXPECT_EQ(co_await call.details(), "Method not found!");
  }
}

BEHAVIOUR(UnaryUnary, AServerThatHasStoppedFailsTheCall, "B047") {
  const auto server = setting.start_server();
  Channel channel(setting.transport_to(*server), setting.loop());
  auto before = channel.unary_unary(unary_unary, request("before"));
  EXPECT_TRUE((co_await before).ok());
  server->stop(absl::ZeroDuration());
  auto after = channel.unary_unary(unary_unary, request("after"));
  EXPECT_THAT((co_await after).status(), HasCode(StatusCode::kUnavailable));
}

BEHAVIOUR(UnaryUnary, AGraceThatIsLongEnoughLetsTheCallEnd, "B048") {
  const auto server = setting.start_server();
  Channel channel(setting.transport_to(*server), setting.loop());
  EchoRequest slow = request("slow");
  slow.set_delay_ms(30);
  auto call = channel.unary_unary(unary_unary, slow, headers_at_once());
  (void)co_await call.initial_metadata();
  server->stop(absl::Seconds(20));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(call.done());
  if (response.ok()) {
    EXPECT_EQ(response->payload(), "slow");
  } else {
    // The simulator's network may be slower than any grace.
    EXPECT_TRUE(setting.simulated()) << response.status();
    EXPECT_THAT(response.status(), HasCode(StatusCode::kUnavailable));
  }
  setting.sometimes("the grace was long enough", response.ok());
}

BEHAVIOUR(UnaryUnary, AGraceThatIsTooShortEndsTheCallAsUnavailable, "B048") {
  const auto server = setting.start_server();
  Channel channel(setting.transport_to(*server), setting.loop());
  auto call = channel.unary_unary(unary_unary, silent_request(), headers_at_once());
  (void)co_await call.initial_metadata();
  server->stop(absl::Milliseconds(20));
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kUnavailable));
}

BEHAVIOUR(UnaryUnary, CallsBeyondTheServersLimitWaitAndSucceed, "B049") {
  // In the simulator as few as make somebody wait.
  const int calls_at_once = setting.simulated() ? 3 : 15;
  const auto server =
      setting.start_server(ServerOptions().concurrency(setting.simulated() ? 1 : 5));
  Channel channel(setting.transport_to(*server), setting.loop());
  EchoRequest slow = request("x");
  slow.set_delay_ms(setting.simulated() ? 0 : 10);
  std::vector<EchoCall> calls;
  calls.reserve(calls_at_once);
  for (int i = 0; i < calls_at_once; ++i) calls.push_back(channel.unary_unary(unary_unary, slow));
  for (const EchoCall& call : calls) {
    const absl::StatusOr<EchoResponse>& response = co_await call;
    EXPECT_TRUE(response.ok()) << response.status();
  }
}

BEHAVIOUR(UnaryUnary, ACallBeyondTheServersLimitStartsWhenAnotherEnds, "B049") {
  const auto server = setting.start_server(ServerOptions().concurrency(1));
  Channel channel(setting.transport_to(*server), setting.loop());
  auto first = channel.unary_unary(unary_unary, silent_request(), headers_at_once());
  (void)co_await first.initial_metadata();
  auto second = channel.unary_unary(unary_unary, request("second"));
  EXPECT_FALSE(second.done());
  EXPECT_TRUE(first.cancel());
  const absl::StatusOr<EchoResponse>& response = co_await second;
  EXPECT_TRUE(response.ok()) << response.status();
}

// --- messages ---

BEHAVIOUR(UnaryUnary, AMessageOfNoBytesIsAMessage, "B050") {
  auto call = setting.channel().unary_unary(empty, Bytes());
  const absl::StatusOr<Bytes>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->size(), 0u);
}

template <class Request>
concept IsRequestOfBytes =
    requires(Channel& channel, Request message) { channel.unary_unary(empty, message); };

BEHAVIOUR(UnaryUnary, OnlyARequestOfTheMethodsTypeCompiles, "B051 B052") {
  static_assert(IsRequestOfBytes<Bytes>);
  static_assert(!IsRequestOfBytes<std::string>);
  static_assert(!IsRequestOfBytes<const char*>);
  static_assert(!IsRequestOfBytes<std::nullptr_t>);
  static_assert(!IsRequestOfBytes<EchoRequest>);
  co_return;
}

BEHAVIOUR(UnaryUnary, ARequestThatCannotBeSerialisedIsNotSent, "B053 R1-24 R2-37") {
  const EchoMethod methods[] = {EchoMethod(unary_unary.full_name(), throws_when_serialising),
                                EchoMethod(unary_unary.full_name(), refuses_to_serialise)};
  for (const EchoMethod& method : methods) {
    auto call = setting.channel().unary_unary(method, request("x"));
    EXPECT_TRUE(call.done());
    EXPECT_EQ(call.outcome()->progress, Progress::never_left);
    const absl::StatusOr<EchoResponse>& response = co_await call;
    EXPECT_THAT(response.status(), HasCode(StatusCode::kInternal));
    EXPECT_EQ(co_await call.code(), StatusCode::kInternal);
    const std::string details = co_await call.details();
    EXPECT_TRUE(details.starts_with(unserialisable_details)) << details;
    EXPECT_THAT(details, HasSubstr("a knot in the wire"));
  }
}

BEHAVIOUR(UnaryUnary, AResponseThatCannotBeParsedIsInternal, "B054 R2-37") {
  const EchoMethod throwing(unary_unary.full_name(), unary_unary.serializer(), throws_when_parsing);
  const EchoMethod refusing(unary_unary.full_name(), unary_unary.serializer(), refuses_to_parse);
  const EchoMethod methods[] = {throwing, refusing, garbage};
  for (const EchoMethod& method : methods) {
    auto call = setting.channel().unary_unary(method, request("x"));
    const absl::StatusOr<EchoResponse>& response = co_await call;
    EXPECT_THAT(response.status(), HasCode(StatusCode::kInternal));
    EXPECT_EQ(co_await call.status(), response.status());
    const std::string details = co_await call.details();
    EXPECT_TRUE(details.starts_with(unparsable_details)) << details;
  }
}

BEHAVIOUR(UnaryUnary, OkWithoutAResponseIsUnimplemented, "B055 R2-36") {
  auto call = setting.channel().unary_unary(no_response, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), HasCode(StatusCode::kUnimplemented));
  EXPECT_EQ(co_await call.code(), StatusCode::kUnimplemented);
}

BEHAVIOUR(UnaryUnary, ASecondResponseIsUnimplemented, "B056 R2-35") {
  auto call = setting.channel().unary_unary(two_responses, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), HasCode(StatusCode::kUnimplemented));
}

BEHAVIOUR(UnaryUnary, ASecondResponseIsUnimplementedAtTheDeadlineAtTheLatest, "B056") {
  auto call = setting.channel().unary_unary(two_responses, request("x"),
                                            CallOptions().timeout(absl::Milliseconds(50)));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(),
              AnyOf(HasCode(StatusCode::kUnimplemented), HasCode(StatusCode::kDeadlineExceeded)));
}

std::atomic<int> parsed = 0;

absl::Status parse_and_count(Bytes bytes, EchoResponse& response) {
  ++parsed;
  return Codec<EchoResponse>::parse(bytes, response);
}

BEHAVIOUR(UnaryUnary, AnErrorAfterTheResponseIsTheOutcomeAndNothingIsParsed, "B045 B057 B058") {
  const EchoMethod counted(response_then_error.full_name(), unary_unary.serializer(),
                           parse_and_count);
  parsed = 0;
  auto call = setting.channel().unary_unary(counted, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_THAT(response.status(), IsError(StatusCode::kNotFound, "after all"));
  EXPECT_EQ(parsed, 0);
}

// --- two tasks that wait for the same call ---

Task<> await_response(EchoCall call, absl::Status& outcome) {
  outcome = (co_await call).status();
}

// Whoever cancels a task that waits for the response means the call, as with a single task.
BEHAVIOUR(UnaryUnary, CancellingOneOfTwoWaitingTasksEndsTheCallForBoth, "B059") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  absl::Status cancelled = absl::UnknownError("torn down");
  absl::Status other = absl::UnknownError("torn down");
  TaskScope first(setting.loop());
  TaskScope second(setting.loop());
  first.spawn(await_response(call, cancelled));
  second.spawn(await_response(call, other));
  const auto cancel = setting.anytime("task1.cancel", [&] { first.cancel("gave up"); });
  co_await first.join();
  co_await second.join();
  const bool was_cancelled = cancelled.code() == StatusCode::kUnknown;
  EXPECT_EQ(other, co_await call.status());
  if (was_cancelled) {
    EXPECT_THAT(other, AnyOf(absl::OkStatus(), IsError(StatusCode::kCancelled, "gave up")));
  } else {
    EXPECT_EQ(other, absl::OkStatus());
  }
  setting.sometimes("the other one was told", !other.ok());
  setting.sometimes("both had the response", !was_cancelled);
}

BEHAVIOUR(UnaryUnary, AWaitThatIsGivenUpLeavesTheCallToTheOther, "B059") {
  EchoRequest slow = request("x");
  slow.set_delay_ms(20);
  auto call = setting.channel().unary_unary(unary_unary, slow, headers_at_once());
  absl::Status given_up = absl::UnknownError("torn down");
  absl::Status other = absl::UnknownError("torn down");
  TaskScope scope(setting.loop());
  scope.spawn(await_response(call, other));
  auto headers_first = when_any(await_response(call, given_up), call.initial_metadata());
  EXPECT_EQ((co_await std::move(headers_first)).index(), 1u);
  co_await scope.join();
  EXPECT_EQ(other, absl::OkStatus());
  EXPECT_THAT(given_up, HasCode(StatusCode::kUnknown));
}

}  // namespace
}  // namespace weft::test
