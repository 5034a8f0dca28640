// Cancelling a call, and cancelling a task that uses one.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beside.h"
#include "each_kind.h"
#include "latch.h"
#include "read_results.h"
#include "weft/api/async_generator.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

constexpr char why[] = "the page was left";

// Makes the server silent, then writes until flow control holds a message: how that one ended.
template <class TypedCall>
Task<absl::Status> write_without_end(TypedCall call, EchoRequest large) {
  const EchoRequest silence = silent_request();
  absl::Status written = co_await call.write(silence);
  while (written.ok()) written = co_await call.write(large);
  co_return written;
}

// --- what it does ---

BEHAVIOUR_OF_EACH_KIND(Cancel, IsAtOnceAndOnlyTheFirstOneCounts, "B012 B013 B180 B181 B182") {
  auto call = open(setting.channel(), method, silent_request(),
                   headers_at_once().metadata("echo-initial", "first"));
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.done());
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancel(why));
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
  EXPECT_EQ(co_await call.details(), local_cancel_details);
  EXPECT_EQ(co_await call.debug_error_string(), std::nullopt);
  const Metadata trailers = co_await call.trailing_metadata();
  EXPECT_TRUE(trailers.empty());
  const Metadata headers_afterwards = co_await call.initial_metadata();
  EXPECT_EQ(headers_afterwards, headers);
  EXPECT_EQ(headers.get("echo-initial"), "first");
}

BEHAVIOUR_OF_EACH_KIND(Cancel, AndTheServersStatusTheFirstOfThemStands,
                       "B183 B186 B206 R1-33 R2-05 R2-10") {
  auto call = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "gone"));
  bool cancelled = false;
  const auto cancel = setting.anytime("call1.cancel", [&] { cancelled = call.cancel(); });
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  if (cancelled) {
    EXPECT_THAT(status, IsLocalCancel());
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kNotFound, "gone"));
  }
  auto next_call =
      end_of(setting.channel().unary_unary(unary_unary, request("what was late is here")));
  EXPECT_EQ(co_await std::move(next_call), absl::OkStatus());
  EXPECT_EQ(co_await call.status(), status);
  auto again = end_of(call);
  EXPECT_EQ(co_await std::move(again), status);
  EXPECT_EQ(call.cancelled(), cancelled);
  EXPECT_EQ(call.outcome()->locally_cancelled, cancelled);
  setting.sometimes("the cancel was first", cancelled);
  setting.sometimes("the status was first", !cancelled);
}

BEHAVIOUR_OF_EACH_KIND(Cancel, OfACallThatWentWellDoesNothing, "B184") {
  auto call = open(setting.channel(), method, request("x"));
  auto end = end_of(call);
  EXPECT_EQ(co_await std::move(end), absl::OkStatus());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR_OF_EACH_KIND(Cancel, LeavesEveryOperationWithItsOutcome, "B188 B206 R1-39 R2-02") {
  auto call = open_idle(setting.channel(), method);
  EXPECT_TRUE(call.cancel());
  for (int i = 0; i < 2; ++i) {
    auto end = end_of(call);
    EXPECT_THAT(co_await std::move(end), IsLocalCancel());
    EXPECT_THAT(co_await call.wait_for_connection(), IsLocalCancel());
    EXPECT_THAT(co_await call.status(), IsLocalCancel());
    if constexpr (requires { call.done_writing(); }) {
      const EchoRequest message = request("x");
      EXPECT_THAT(co_await call.write(message), IsUsageError(already_finished_text));
      EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    }
  }
}

BEHAVIOUR_OF_EACH_KIND(Cancel, ByTheServerIsNotOneByUs, "B006 B198") {
  auto call =
      open(setting.channel(), method, failing_request(StatusCode::kCancelled, "not in the mood"));
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsError(StatusCode::kCancelled, "not in the mood"));
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.outcome()->locally_cancelled);
  EXPECT_FALSE(call.cancel());
  EXPECT_EQ(co_await call.details(), "not in the mood");
}

// --- what it ends ---

// A write, a half-close and whatever waits for the response, none of which has begun.
BEHAVIOUR_OF_KINDS(Cancel, WakesAllThatWaitsForAConnection,
                   "B185 B187 R1-57 R2-01 R2-02 R2-28 R2-38", (stream_unary, stream_stream)) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open_idle(nowhere, method, CallOptions().wait_for_ready());
  Beside writing(setting.loop(), call.write(request("x")));
  Beside closing(setting.loop(), call.done_writing());
  Beside connection(setting.loop(), call.wait_for_connection());
  Beside ending(setting.loop(), end_of(call));
  Beside code(setting.loop(), call.code());
  co_await code.begun();
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel()); });
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
  co_await writing.over();
  EXPECT_THAT(writing.result().value(), IsLocalCancel());
  co_await closing.over();
  EXPECT_THAT(closing.result().value(), IsLocalCancel());
  co_await connection.over();
  EXPECT_THAT(connection.result().value(), IsLocalCancel());
  co_await ending.over();
  EXPECT_THAT(ending.result().value(), IsLocalCancel());
  co_await code.over();
  EXPECT_EQ(code.result(), StatusCode::kCancelled);
}

BEHAVIOUR_OF_KINDS(Cancel, WakesAWriteThatFlowControlHoldsAndTheReader, "B181 B185 R1-57 R2-03",
                   (stream_unary, stream_stream)) {
  auto call = open_idle(setting.channel(), method);
  Beside writing(setting.loop(), write_without_end(call, request_beyond_any_window(setting)));
  Beside ending(setting.loop(), end_of(call));
  co_await ending.begun();
  int callbacks = 0;
  call.add_done_callback([&](const Call& done) {
    ++callbacks;
    EXPECT_TRUE(done.cancelled());
  });
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel(why)); });
  co_await writing.over();
  EXPECT_THAT(writing.result().value(), IsError(StatusCode::kCancelled, why));
  co_await ending.over();
  EXPECT_THAT(ending.result().value(), IsError(StatusCode::kCancelled, why));
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(callbacks, 1);
}

BEHAVIOUR(Cancel, WakesAStepOfAnIteration, "B185") {
  auto call = setting.channel().unary_stream(unary_stream, silent_request());
  const auto responses = call.responses();
  Beside step(setting.loop(), responses.next());
  co_await step.begun();
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel()); });
  co_await step.over();
  EXPECT_THAT(step.result()->status(), IsLocalCancel());
  EXPECT_THAT(co_await responses.next(), IsFailure(IsLocalCancel()));
}

// --- what the server learns ---

BEHAVIOUR_OF_EACH_KIND(Cancel, RightAfterTheCallWasMadeKeepsItFromTheServer, "B189 R1-38") {
  const std::string name = setting.new_name();
  Channel channel(setting.transport(), setting.loop());
  auto call = open(channel, method, request("x"), CallOptions().metadata("watch", name));
  EXPECT_TRUE(call.cancel());
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsLocalCancel());
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
  auto next_call = end_of(channel.unary_unary(unary_unary, request("on the same connection")));
  EXPECT_EQ(co_await std::move(next_call), absl::OkStatus());
  auto server = state_seen_by_server(setting, name);
  EXPECT_EQ(co_await std::move(server), "unknown");
}

// Bounded: two calls only ask the server for its view, and the order of their events is nobody's.
BEHAVIOUR_OF_EACH_KIND(Cancel, OfACallInFlightReachesTheServer, "B190 R2-06",
                       sim::ExploreOptions().deviations(3)) {
  const std::string name = setting.new_name();
  auto call =
      open(setting.channel(), method, silent_request(), CallOptions().metadata("watch", name));
  auto silence = silence_seen_by_server(setting, name);
  co_await std::move(silence);
  EXPECT_TRUE(call.cancel());
  auto server = end_seen_by_server(setting, name);
  EXPECT_EQ(co_await std::move(server), "cancelled");
}

// --- of a task ---

BEHAVIOUR_OF_KINDS(TaskCancel, EndsTheCallWhoseResponseTheTaskAwaits, "B191 B204 R1-08 R1-26",
                   (unary_unary, stream_unary)) {
  auto call = open(setting.channel(), method, silent_request());
  Beside awaiting(setting.loop(), call);
  co_await awaiting.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { awaiting.cancel(why); });
  co_await awaiting.over();
  EXPECT_FALSE(awaiting.result());
  EXPECT_TRUE(call.cancelled());
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsError(StatusCode::kCancelled, why));
}

BEHAVIOUR_OF_KINDS(TaskCancel, EndsTheCallThatTheTaskReads, "B192 B193 B204 R1-07 R1-26 R2-18",
                   (unary_stream, stream_stream)) {
  auto read = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "gone"));
  Beside reading(setting.loop(), read.read());
  co_await reading.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { reading.cancel(why); });
  co_await reading.over();
  const absl::Status status = co_await read.status();
  if (reading.result()) {
    EXPECT_THAT(status, IsError(StatusCode::kNotFound, "gone"));
    EXPECT_EQ(reading.result()->status(), status);
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, why));
  }
  setting.sometimes("the task was cancelled", !reading.result());
  setting.sometimes("the task came back", reading.result().has_value());
}

BEHAVIOUR_OF_KINDS(TaskCancel, EndsTheCallThatTheTaskIteratesOver, "B193 B204 R1-26",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, silent_request());
  Beside step(setting.loop(), call.responses().next());
  co_await step.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { step.cancel(why); });
  co_await step.over();
  EXPECT_FALSE(step.result());
  EXPECT_THAT(co_await call.status(), IsError(StatusCode::kCancelled, why));
}

BEHAVIOUR_OF_KINDS(TaskCancel, EndsTheCallThatTheTaskWritesTo, "B194 B204 R1-09 R1-57 R2-03",
                   (stream_unary, stream_stream)) {
  auto call = open_idle(setting.channel(), method);
  Beside writing(setting.loop(), write_without_end(call, request_beyond_any_window(setting)));
  co_await writing.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { writing.cancel(why); });
  co_await writing.over();
  EXPECT_FALSE(writing.result());
  EXPECT_THAT(co_await call.status(), IsError(StatusCode::kCancelled, why));
}

// Whether the call has a connection or waits for one makes no difference to whoever awaits a write.
BEHAVIOUR_OF_KINDS(TaskCancel, EndsACallThatWaitsForAConnectionAsWell, "B194 B195 R2-32",
                   (stream_unary, stream_stream)) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto written = open_idle(nowhere, method, CallOptions().wait_for_ready());
  Beside writing(setting.loop(), written.write(request("x")));
  auto closed = open_idle(nowhere, method, CallOptions().wait_for_ready());
  Beside closing(setting.loop(), closed.done_writing());
  co_await closing.begun();
  const auto cancel = setting.anytime("tasks.cancel", [&] {
    writing.cancel(why);
    closing.cancel(why);
  });
  EXPECT_THAT(co_await written.status(), IsError(StatusCode::kCancelled, why));
  EXPECT_THAT(co_await closed.status(), IsError(StatusCode::kCancelled, why));
  EXPECT_FALSE(writing.result());
  EXPECT_FALSE(closing.result());
}

BEHAVIOUR_OF_EACH_KIND(TaskCancel, LeavesACallAloneThatTheTaskOnlyWatches, "B196") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open_idle(nowhere, method, CallOptions().wait_for_ready());
  Beside connection(setting.loop(), call.wait_for_connection());
  Beside status(setting.loop(), call.status());
  Beside headers(setting.loop(), call.initial_metadata());
  co_await headers.begun();
  bool left = false;
  const auto cancel = setting.anytime("tasks.cancel", [&] {
    left = true;
    connection.cancel(why);
    status.cancel(why);
    headers.cancel(why);
  });
  co_await headers.over();
  EXPECT_TRUE(left);
  EXPECT_FALSE(call.done());
  EXPECT_EQ(connection.result(), std::nullopt);
}

BEHAVIOUR_OF_KINDS(TaskCancel, OfOneOfTwoThatWaitBesideEachOtherIsItsOwnAffair, "B196 B205 R2-17",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, request("m", 1));
  Beside headers(setting.loop(), call.initial_metadata());
  Beside connection(setting.loop(), call.wait_for_connection());
  co_await connection.begun();
  const auto cancel = setting.anytime("tasks.cancel", [&] {
    headers.cancel(why);
    connection.cancel(why);
  });
  EXPECT_THAT(co_await call.read(), IsMessage(0));
  EXPECT_THAT(co_await call.read(), IsEnd());
  setting.sometimes("they were cancelled while they waited",
                    !headers.result() && !connection.result());
}

// Both await the response: one of them taking the call down is what the other learns.
BEHAVIOUR_OF_KINDS(TaskCancel, OfOneOfTwoThatAwaitTheResponseIsTheOutcomeOfTheOther,
                   "B191 B205 R2-16", (unary_unary, stream_unary)) {
  auto call = open(setting.channel(), method, silent_request());
  Beside one(setting.loop(), call);
  co_await one.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { one.cancel(why); });
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsError(StatusCode::kCancelled, why));
  co_await one.over();
  EXPECT_FALSE(one.result());
}

// --- giving up without cancelling ---

// Bounded: a timer for every read makes many orders, of which those with few giving up say it all.
BEHAVIOUR_OF_KINDS(GivingUpARead, LeavesTheCallAndItsMessages, "B197 R1-52",
                   (unary_stream, stream_stream), sim::ExploreOptions().deviations(4)) {
  auto call = open(setting.channel(), method, request("m", 2));
  int messages = 0;
  int given_up = 0;
  for (bool at_end = false; !at_end;) {
    // The timeout of a read is what is tested; either may be first, every time.
    auto timed = when_any(call.read(), sleep_for(setting.loop(), absl::Microseconds(50)));
    const auto first = co_await std::move(timed);
    if (first.index() == 1) {
      ++given_up;
      continue;
    }
    const auto& message = std::get<0>(first);
    at_end = !message;
    EXPECT_TRUE(message ? message->index() == messages++ : message.is_end()) << message.status();
  }
  EXPECT_EQ(messages, 2);
  EXPECT_EQ(co_await call.status(), absl::OkStatus());
  setting.sometimes("a read was given up", given_up > 0);
}

// --- against completion ---

BEHAVIOUR(Cancel, AfterTheLastMessageMayStillBeFirst, "B199") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 2));
  EXPECT_THAT(co_await call.read(), IsMessage(0));
  EXPECT_THAT(co_await call.read(), IsMessage(1));
  bool cancelled = false;
  const auto cancel = setting.anytime("call1.cancel", [&] { cancelled = call.cancel(); });
  const absl::Status status = co_await call.status();
  if (cancelled) {
    EXPECT_THAT(status, IsLocalCancel());
  } else {
    EXPECT_EQ(status, absl::OkStatus());
  }
  const auto read = co_await call.read();
  EXPECT_EQ(read.status(), status);
  EXPECT_EQ(read.is_end(), !cancelled);
  setting.sometimes("the cancel was first", cancelled);
  setting.sometimes("the status was first", !cancelled);
}

BEHAVIOUR(Cancel, RightAfterAWriteDropsTheReply, "B200") {
  auto call = setting.channel().stream_stream(stream_stream);
  const EchoRequest message = request("x");
  EXPECT_EQ(co_await call.write(message), absl::OkStatus());
  EXPECT_TRUE(call.cancel());
  EXPECT_THAT(co_await call.read(), IsFailure(IsLocalCancel()));
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
}

BEHAVIOUR(Cancel, AfterTheHalfCloseIsAsGoodAsBefore, "B201") {
  auto call = setting.channel().stream_stream(stream_stream);
  const EchoRequest message = request("x");
  EXPECT_EQ(co_await call.write(message), absl::OkStatus());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.read(), IsFailure(IsLocalCancel()));
}

BEHAVIOUR_OF_KINDS(Cancel, OrTheResponseButNothingBetween, "B202 R2-20",
                   (unary_unary, stream_unary)) {
  auto call = open(setting.channel(), method, request("x"));
  bool cancelled = false;
  const auto cancel = setting.anytime("call1.cancel", [&] { cancelled = call.cancel(); });
  const absl::StatusOr<EchoResponse>& response = co_await call;
  if (cancelled) {
    EXPECT_THAT(response.status(), IsLocalCancel());
  } else {
    EXPECT_EQ(response.status(), absl::OkStatus());
  }
  EXPECT_EQ(call.cancelled(), cancelled);
  EXPECT_EQ(co_await call.status(), response.status());
  setting.sometimes("the cancel was first", cancelled);
  setting.sometimes("the response was first", !cancelled);
}

BEHAVIOUR_OF_KINDS(TaskCancel, OrTheResponseButNothingBetween, "B203 R2-20",
                   (unary_unary, stream_unary)) {
  auto call = open(setting.channel(), method, request("x"));
  Beside awaiting(setting.loop(), call);
  co_await awaiting.begun();
  const auto cancel = setting.anytime("task.cancel", [&] { awaiting.cancel(why); });
  co_await awaiting.over();
  const absl::Status status = co_await call.status();
  if (awaiting.result()) {
    EXPECT_EQ(status, absl::OkStatus());
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, why));
  }
  setting.sometimes("the task was cancelled", !awaiting.result());
  setting.sometimes("the task came back", awaiting.result().has_value());
}

// Between the end of the call and its own next step.
BEHAVIOUR_OF_KINDS(TaskCancel, AtTheVeryEndLeavesTheResponseToTheNextTaker, "B203 R2-19",
                   (unary_unary, stream_unary)) {
  auto call = open(setting.channel(), method, request("x"));
  std::optional<Beside<decltype(call)>> awaiting(std::in_place, setting.loop(), call);
  bool came_back = false;
  call.add_done_callback([&](const Call&) {
    came_back = awaiting->result().has_value();
    awaiting.reset();
  });
  EXPECT_EQ(co_await call.status(), absl::OkStatus());
  EXPECT_FALSE(came_back);
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok() && response->payload() == "x") << response.status();
}

// --- request sources ---

// Opens a latch when it goes.
class Leaving {
 public:
  explicit Leaving(Latch& left) : left_(left) {}
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  ~Leaving() { left_.open(); }

 private:
  Latch& left_;
};

AsyncGenerator<EchoRequest> one_and_then_nothing(Latch& never, std::unique_ptr<Leaving>) {
  co_yield request("x");
  co_await never;
}

BEHAVIOUR_OF_KINDS(Cancel, DestroysARequestSourceWhereItWaits, "B207",
                   (stream_unary, stream_stream)) {
  Latch never(setting.loop());
  Latch left(setting.loop());
  auto leaving = std::make_unique<Leaving>(left);
  auto source = one_and_then_nothing(never, std::move(leaving));
  CallOptions options;
  auto call = [&] {
    if constexpr (Method::kind == CallKind::stream_unary) {
      return setting.channel().stream_unary(method, std::move(source), std::move(options));
    } else {
      return setting.channel().stream_stream(method, std::move(source), std::move(options));
    }
  }();
  const auto cancel = setting.anytime("call1.cancel", [&] {
    EXPECT_FALSE(left.is_open());
    EXPECT_TRUE(call.cancel());
  });
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
  co_await left;
}

}  // namespace
}  // namespace weft::test
