// A call's state, what its accessors tell, and when.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "beside.h"
#include "each_kind.h"
#include "read_results.h"
#include "weft/api/rpc_error.h"
#include "weft/api/sleep.h"
#include "weft/transport/call_credentials.h"

namespace weft::test {
namespace {

// What the accessors of a call tell once it is done.
class Told {
 public:
  Told() = default;
  friend bool operator==(const Told&, const Told&) = default;

  StatusCode code = StatusCode::kOk;
  std::string details;
  std::optional<std::string> debug_error_string;
  Metadata initial_metadata;
  Metadata trailing_metadata;
};

template <class TypedCall>
Task<Told> told_by(TypedCall call) {
  Told told;
  told.code = co_await call.code();
  told.details = co_await call.details();
  told.debug_error_string = co_await call.debug_error_string();
  told.initial_metadata = co_await call.initial_metadata();
  told.trailing_metadata = co_await call.trailing_metadata();
  co_return told;
}

// --- the beginning ---

BEHAVIOUR_OF_EACH_KIND(CallState, IsThatOfARunningCallWhenTheCallIsMade, "B001") {
  auto call = open(setting.channel(), method, request("x"));
  EXPECT_FALSE(call.done());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(call.outcome(), nullptr);
  auto end = end_of(call);
  EXPECT_EQ(co_await std::move(end), absl::OkStatus());
}

class NoToken final : public CallCredentials {
  void fetch(const Request&, Done done) override { std::move(done)(Metadata()); }
};

BEHAVIOUR_OF_EACH_KIND(CallState, IsThatOfARefusedCallAsSoonAsAMisusedOneIsMade, "B002") {
  Channel channel(setting.transport(), setting.loop());
  auto insecure =
      open(channel, method, request("x"), CallOptions().credentials(std::make_shared<NoToken>()));
  EXPECT_TRUE(insecure.done());
  auto end_of_insecure = end_of(insecure);
  EXPECT_THAT(co_await std::move(end_of_insecure), IsUsageError(insecure_credentials_text));

  auto closing = channel.close();
  co_await std::move(closing);
  auto late = open(channel, method, request("x"));
  EXPECT_TRUE(late.done());
  auto end_of_late = end_of(late);
  EXPECT_THAT(co_await std::move(end_of_late), IsUsageError(channel_closed_text));
}

// --- the end ---

BEHAVIOUR_OF_EACH_KIND(CallState, TurnsDoneByItself, "B003 B026 R1-40 R1-55") {
  auto call = open(setting.channel(), method, request("x", 0));
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_TRUE(call.done());
}

BEHAVIOUR(CallState, TurnsDoneWhenTheServerEndsAStreamThatNobodyReads, "B026 B027 R1-40 R1-55") {
  auto call = setting.channel().stream_stream(stream_stream);
  const EchoRequest last = failing_request(StatusCode::kNotFound, "gone");
  EXPECT_EQ(co_await call.write(last), absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kNotFound);
}

BEHAVIOUR(CallState, IsDoneOnceAndForAllWhateverEndsTheCall,
          "B004 B005 B006 B007 R2-04 R2-46 R2-47") {
  auto call = setting.channel().unary_unary(
      unary_unary, failing_request(StatusCode::kCancelled, "not in the mood"),
      CallOptions().timeout(absl::Seconds(60)));
  bool by_us = false;
  const auto cancel = setting.anytime("call1.cancel", [&] { by_us = call.cancel(); });
  auto telling = told_by(call);
  const Told told = co_await std::move(telling);
  EXPECT_TRUE(call.done());
  EXPECT_EQ(call.cancelled(), told.code == StatusCode::kCancelled);
  EXPECT_EQ(call.outcome()->locally_cancelled, by_us);
  if (by_us) {
    EXPECT_EQ(told.details, local_cancel_details);
  } else if (call.cancelled()) {
    EXPECT_EQ(told.details, "not in the mood");
  } else {
    EXPECT_EQ(told.code, StatusCode::kDeadlineExceeded);
    EXPECT_TRUE(setting.simulated());
  }
  EXPECT_FALSE(call.cancel());
  auto telling_again = told_by(call);
  EXPECT_EQ(co_await std::move(telling_again), told);
  EXPECT_TRUE(call.done());
  setting.sometimes("cancelled by us", by_us);
  setting.sometimes("cancelled by the server", call.cancelled() && !by_us);
  setting.sometimes("the deadline passed", !call.cancelled());
}

BEHAVIOUR_OF_EACH_KIND(CallState, IsDoneWhenNoConnectionCanBeMade, "B004 B014") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open(nowhere, method, request("x"));
  EXPECT_EQ(co_await call.code(), StatusCode::kUnavailable);
  EXPECT_TRUE(call.done());
  EXPECT_FALSE(call.cancelled());
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_TRUE(headers.empty());
}

BEHAVIOUR_OF_EACH_KIND(CallState, CallbacksKnowTheOutcomeBeforeWaitersGoOn, "B031") {
  auto call = open(setting.channel(), method, request("x", 0));
  Beside code(setting.loop(), call.code());
  bool called = false;
  call.add_done_callback([&](const Call& done) {
    called = done.outcome()->ok();
    EXPECT_FALSE(code.result());
  });
  co_await code.over();
  EXPECT_EQ(code.result(), StatusCode::kOk);
  EXPECT_TRUE(called);
}

// --- what the accessors tell ---

BEHAVIOUR_OF_EACH_KIND(CallState, HasNothingToTellOfAPlainSuccess, "B010 B013 B015") {
  auto call = open(setting.channel(), method, request("x", 0));
  auto telling = told_by(call);
  const Told told = co_await std::move(telling);
  EXPECT_EQ(told.code, StatusCode::kOk);
  EXPECT_EQ(told.details, "");
  EXPECT_EQ(told.debug_error_string, "");
  EXPECT_TRUE(told.initial_metadata.empty());
  EXPECT_TRUE(told.trailing_metadata.empty());
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_FALSE(error.has_value());
}

void expect_to_tell(const RpcError& error, const Told& told) {
  EXPECT_EQ(error.code(), told.code);
  EXPECT_EQ(error.details(), told.details);
  EXPECT_EQ(error.debug_error_string(), told.debug_error_string);
  EXPECT_EQ(error.initial_metadata(), told.initial_metadata);
  EXPECT_EQ(error.trailing_metadata(), told.trailing_metadata);
  EXPECT_FALSE(error.locally_cancelled());
}

// By value_or_throw().
template <class TypedCall>
Task<std::optional<RpcError>> thrown_by(TypedCall call) {
  try {
    (void)co_await call.value_or_throw();
  } catch (const RpcError& error) {
    co_return error;
  }
  co_return std::nullopt;
}

BEHAVIOUR_OF_EACH_KIND(CallState, TellsOfAFailureTheSameInEveryWay, "B007 B011 B029 B030 R1-46") {
  auto call =
      open(setting.channel(), method, failing_request(StatusCode::kNotFound, "gone"),
           CallOptions().metadata("echo-initial", "first").metadata("echo-trailing", "last"));
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsError(StatusCode::kNotFound, "gone"));
  auto telling = told_by(call);
  const Told told = co_await std::move(telling);
  EXPECT_EQ(told.code, StatusCode::kNotFound);
  EXPECT_EQ(told.details, "gone");
  EXPECT_NE(told.debug_error_string.value_or(""), "");
  EXPECT_EQ(told.initial_metadata.get("echo-initial"), "first");
  EXPECT_EQ(told.trailing_metadata.get("echo-trailing"), "last");
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_TRUE(error.has_value());
  if (error) expect_to_tell(*error, told);
  if constexpr (requires { call.value_or_throw(); }) {
    auto throwing = thrown_by(call);
    const std::optional<RpcError> thrown = co_await std::move(throwing);
    EXPECT_TRUE(thrown.has_value());
    if (thrown) expect_to_tell(*thrown, told);
  }
}

// --- waiting for it ---

BEHAVIOUR_OF_EACH_KIND(CallState, WaitersOfItAreNobodyElsesConcern, "B008 B009 B016 B017 B196") {
  auto call = open(setting.channel(), method, request("x", 0),
                   CallOptions().metadata("echo-initial", "first"));
  Beside code(setting.loop(), call.code());
  Beside headers(setting.loop(), call.initial_metadata());
  Beside connection(setting.loop(), call.wait_for_connection());
  Beside other_code(setting.loop(), call.code());
  Beside other_headers(setting.loop(), call.initial_metadata());
  co_await other_headers.begun();
  const auto leave = setting.anytime("waiters.cancel", [&] {
    code.cancel("the page was left");
    headers.cancel("the page was left");
    connection.cancel("the page was left");
  });
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  const Metadata metadata = co_await call.initial_metadata();
  EXPECT_EQ(metadata.get("echo-initial"), "first");
  EXPECT_EQ(co_await call.wait_for_connection(), absl::OkStatus());
  co_await other_code.over();
  co_await other_headers.over();
  EXPECT_EQ(other_code.result(), StatusCode::kOk);
  EXPECT_EQ(other_headers.result(), metadata);
  setting.sometimes("they left while they waited",
                    !code.result() && !headers.result() && !connection.result());
  setting.sometimes("they had what they waited for", code.result() && headers.result());
}

// --- headers ---

BEHAVIOUR_OF_EACH_KIND(CallState, HeadersComeEmptyWhenTheEndComesWithoutThem, "B014 R2-15") {
  auto call = open(setting.channel(), method, silent_request());
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_TRUE(headers.empty());
  EXPECT_TRUE(call.cancelled());
}

// Bounded: the second call is there for gRPC, where its answer is behind all that was on its way.
BEHAVIOUR_OF_EACH_KIND(CallState, HeadersStayWhatTheyWereAtTheEnd, "B014 B018",
                       sim::ExploreOptions().deviations(4)) {
  auto call = open(setting.channel(), method, silent_request(),
                   headers_at_once().metadata("echo-initial", "first"));
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
  const Metadata at_the_end = co_await call.initial_metadata();
  auto next_call =
      end_of(setting.channel().unary_unary(unary_unary, request("what was late is here")));
  EXPECT_EQ(co_await std::move(next_call), absl::OkStatus());
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_EQ(headers, at_the_end);
  setting.sometimes("headers came before the end", !headers.empty());
  setting.sometimes("the end came before headers", headers.empty());
}

// Of the four kinds only unary-unary has to be asked for it.
BEHAVIOUR_OF_EACH_KIND(CallState, HeadersComeBeforeMessagesAndStatus, "B019 B020") {
  auto options =
      CallOptions().metadata("send-headers-early", "1").metadata("echo-initial", "first");
  options.early_initial_metadata(Method::kind == CallKind::unary_unary);
  auto call = open(setting.channel(), method, silent_request(), std::move(options));
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_EQ(headers.get("echo-initial"), "first");
  EXPECT_FALSE(call.done());
}

BEHAVIOUR(CallState, HeadersArePendingAsLongAsTheServerSendsNothing, "B020") {
  const std::string name = setting.new_name();
  auto call = setting.channel().stream_stream(stream_stream, CallOptions().metadata("watch", name));
  Beside headers(setting.loop(), call.initial_metadata());
  const EchoRequest unanswered = request("x", 0);
  EXPECT_EQ(co_await call.write(unanswered), absl::OkStatus());
  EXPECT_FALSE(headers.result());
  const EchoRequest answered = request("y", 1);
  EXPECT_EQ(co_await call.write(answered), absl::OkStatus());
  EXPECT_THAT(co_await call.read(), IsMessage(0));
  co_await headers.over();
  EXPECT_TRUE(headers.result());
}

// --- the time remaining ---

BEHAVIOUR(CallState, HasNoTimeRemainingWithoutADeadline, "B021") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  EXPECT_EQ(call.time_remaining(), std::nullopt);
  EXPECT_EQ((co_await call).status(), absl::OkStatus());
  EXPECT_EQ(call.time_remaining(), std::nullopt);
}

// On the loop's clock, which nobody sets.
BEHAVIOUR(CallState, CountsTheTimeRemainingOnTheClockOfTheLoop, "B022 B024") {
  const EventLoop& loop = setting.loop();
  const absl::Duration timeout = absl::Seconds(60);
  const Instant before = loop.now();
  auto call =
      setting.channel().unary_unary(unary_unary, request("x"), CallOptions().timeout(timeout));
  const Instant after = loop.now();
  const auto expect_it_counts = [&] {
    const Instant earliest = loop.now();
    const absl::Duration remaining = call.time_remaining().value();
    EXPECT_LE(remaining, std::max(absl::ZeroDuration(), timeout - (earliest - after)));
    EXPECT_GE(remaining, std::max(absl::ZeroDuration(), timeout - (loop.now() - before)));
  };
  expect_it_counts();
  const bool ok = (co_await call).ok();
  EXPECT_TRUE(ok || setting.simulated());
  expect_it_counts();
  // The time that passes is what is tested: the call is done, and its clock goes on.
  const auto pause = sleep_for(setting.loop(), absl::Milliseconds(5));
  co_await pause;
  expect_it_counts();
  setting.sometimes("it counts on when the call is done", ok);
}

BEHAVIOUR(CallState, HasNoTimeLeftWhenTheDeadlineHasPassed, "B022") {
  const Instant due = setting.loop().now() + absl::Milliseconds(20);
  auto call = setting.channel().unary_unary(unary_unary, silent_request(),
                                            CallOptions().deadline(Deadline::at(due)));
  EXPECT_EQ(co_await call.code(), StatusCode::kDeadlineExceeded);
  // The server may have told it, by a clock that is ahead (B229): the time itself is what is
  // tested.
  const auto the_time = sleep_until(setting.loop(), due);
  co_await the_time;
  EXPECT_EQ(call.time_remaining(), absl::ZeroDuration());
}

BEHAVIOUR(CallState, HasLessTimeRemainingWithEveryMessage, "B023") {
  const absl::Duration timeout = absl::Seconds(60);
  EchoRequest slow = request("m", 2);
  slow.set_delay_ms(20);
  auto call = setting.channel().unary_stream(unary_stream, slow, CallOptions().timeout(timeout));
  int messages = 0;
  ReadResult<EchoResponse> read = co_await call.read();
  while (read) {
    ++messages;
    EXPECT_LE(call.time_remaining(), timeout - messages * absl::Milliseconds(20));
    EXPECT_GT(call.time_remaining(), absl::ZeroDuration());
    read = co_await call.read();
  }
  EXPECT_TRUE(read.is_end() || setting.simulated()) << read.status();
  EXPECT_TRUE(!read.is_end() || messages == 2);
  setting.sometimes("it ended in time", read.is_end());
}

// --- the order of messages and status ---

Task<> expect_status_behind_messages(Setting& setting, StatusCode code) {
  const std::string name = setting.new_name();
  auto call = setting.channel().unary_stream(unary_stream, failing_request(code, "", 3),
                                             CallOptions().metadata("watch", name));
  Beside status_code(setting.loop(), call.code());
  auto server = end_seen_by_server(setting, name);
  EXPECT_EQ(co_await std::move(server), "finished");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(call.done());
    EXPECT_FALSE(status_code.result());
    EXPECT_THAT(co_await call.read(), IsMessage(i));
  }
  co_await status_code.over();
  EXPECT_EQ(status_code.result(), code);
  EXPECT_TRUE(call.done());
}
BEHAVIOUR(StatusOrder, SuccessComesBehindTheLastMessage, "B025 R1-36 R1-51 R2-34") {
  auto expecting = expect_status_behind_messages(setting, StatusCode::kOk);
  co_await std::move(expecting);
}
BEHAVIOUR(StatusOrder, AServersErrorComesBehindTheLastMessage, "B025 B027 R1-36 R2-34") {
  auto expecting = expect_status_behind_messages(setting, StatusCode::kNotFound);
  co_await std::move(expecting);
}

BEHAVIOUR(StatusOrder, AnEndOfOurOwnOvertakesMessages, "B027") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  EXPECT_THAT(co_await call.read(), IsMessage(0));
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.done());
  EXPECT_THAT(co_await call.read(), IsFailure(IsLocalCancel()));
}

BEHAVIOUR(StatusOrder, AFailedWriteFailsTheNextOnesAndNoReads,
          "B028 R1-01 R1-03 R1-37 R1-54 R2-04 R2-05 R2-30") {
  auto call = setting.channel().stream_stream(stream_stream);
  const EchoRequest last = failing_request(StatusCode::kNotFound, "gone", 2);
  EXPECT_EQ(co_await call.write(last), absl::OkStatus());
  Beside late(setting.loop(), call.write(request_beyond_any_window(setting)));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(co_await call.read(), IsMessage(i));
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(co_await call.read(), IsFailure(IsError(StatusCode::kNotFound, "gone")));
    EXPECT_THAT(co_await call.write(last), IsUsageError(already_finished_text));
  }
  co_await late.over();
  EXPECT_THAT(late.result().value(),
              testing::AnyOf(absl::OkStatus(), IsError(StatusCode::kNotFound, "gone"),
                             IsUsageError(already_finished_text)));
  setting.sometimes("the late write failed", !late.result()->ok());
}

}  // namespace
}  // namespace weft::test
