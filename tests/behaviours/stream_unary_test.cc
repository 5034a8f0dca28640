// A stream of requests, one response.

#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "behaviour.h"
#include "broken_codecs.h"
#include "weft/api/async_generator.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

using EchoCollector = StreamUnaryMethod<EchoRequest, EchoResponse>;
using CollectCall = StreamUnaryCall<EchoRequest, EchoResponse>;

constexpr EchoCollector collect_two_responses("/weft.test.Raw/TwoResponses");

auto is_deadline() {
  return IsError(StatusCode::kDeadlineExceeded, "Deadline Exceeded");
}

auto is_finished() {
  return IsUsageError(already_finished_text);
}

CallOptions patient() {
  return CallOptions().wait_for_ready();
}

// Where nobody listens, attempts to connect go on for ever.
const auto few_attempts = sim::ExploreOptions().deviations(4);

Task<absl::Status> write(CollectCall call, EchoRequest message) {
  co_return co_await call.write(message);
}

Task<absl::Status> done_writing(CollectCall call) {
  co_return co_await call.done_writing();
}

// For calls that are to end well.
Task<EchoResponse> response_of(CollectCall call) {
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
  if (response.ok()) co_return *response;
  co_return EchoResponse();
}

// --- going well ---

BEHAVIOUR(StreamUnary, TheResponseIsToAllThatWasWritten, "B100 B121") {
  auto call = setting.channel().stream_unary(stream_unary);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await call.write(request("four")), absl::OkStatus());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 3);
  EXPECT_EQ(response->request_bytes(), 12);
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(&(co_await call).value(), &response.value());
}

AsyncGenerator<EchoRequest> generate(int count) {
  for (int i = 0; i < count; ++i) co_yield request("four");
}

BEHAVIOUR(StreamUnary, AGeneratorCanBeTheSource, "B101") {
  auto call = setting.channel().stream_unary(stream_unary, generate(3));
  const EchoResponse response = co_await response_of(call);
  EXPECT_EQ(response.request_count(), 3);
  EXPECT_EQ(response.request_bytes(), 12);
}

BEHAVIOUR(StreamUnary, AVectorCanBeTheSource, "B102") {
  const std::vector<EchoRequest> requests(3, request("four"));
  auto call = setting.channel().stream_unary(stream_unary, requests);
  const EchoResponse response = co_await response_of(call);
  EXPECT_EQ(response.request_count(), 3);
}

BEHAVIOUR(StreamUnary, AViewThatMakesItsItemsOnTheWayCanBeTheSource, "B102") {
  auto made_on_the_way = std::views::iota(1, 3) | std::views::transform([](int bytes) {
                           return request(std::string(bytes, 'x'));
                         });
  auto call = setting.channel().stream_unary(stream_unary, made_on_the_way);
  const EchoResponse response = co_await response_of(call);
  EXPECT_EQ(response.request_bytes(), 3);
}

BEHAVIOUR(StreamUnary, AnEmptySourceHalfClosesAtOnce, "B103") {
  auto call = setting.channel().stream_unary(stream_unary, std::vector<EchoRequest>());
  EXPECT_EQ((co_await response_of(call)).request_count(), 0);
  auto generated = setting.channel().stream_unary(stream_unary, generate(0));
  EXPECT_EQ((co_await response_of(generated)).request_count(), 0);
}

BEHAVIOUR(StreamUnary, AnAnswerMayComeBeforeTheHalfClose, "B118") {
  auto call = setting.channel().stream_unary(stream_unary);
  EchoRequest last = request("early");
  last.set_answer_now(true);
  EXPECT_EQ(co_await call.write(last), absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).payload(), "early");
  EXPECT_THAT(co_await call.write(request("late")), is_finished());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).payload(), "early");
}

// --- writing at the wrong time ---

BEHAVIOUR(StreamUnary, AWriteAfterTheHalfCloseIsRefusedAndHarmless, "B106") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(request("x")), absl::OkStatus());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const bool done = call.done();
  const absl::Status late = co_await call.write(request("late"));
  EXPECT_THAT(late, IsUsageError(done ? already_finished_text : half_closed_text));
  EXPECT_EQ((co_await response_of(call)).request_count(), 1);
  setting.sometimes("the call still ran", !done);
}

BEHAVIOUR(StreamUnary, AWriteOnADoneCallIsRefusedAsSuchEvenAfterAHalfClose, "B107 B108") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call).ok());
  EXPECT_THAT(co_await call.write(request("late")), is_finished());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call).ok());
}

BEHAVIOUR(StreamUnary, HalfClosingTwiceIsHalfClosingOnce, "B108 R2-29") {
  auto call = setting.channel().stream_unary(stream_unary);
  auto both = when_all(done_writing(call), done_writing(call));
  const auto [first, second] = co_await std::move(both);
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_EQ(second, absl::OkStatus());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).request_count(), 0);
}

BEHAVIOUR(StreamUnary, ASecondWriteAtTheSameTimeIsRefusedAndTheFirstGoesOn,
          "B122 R1-49 R2-06 R2-12") {
  auto call = setting.channel().stream_unary(stream_unary);
  auto both = when_all(write(call, request("first")), write(call, request("second")));
  const auto [first, second] = co_await std::move(both);
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_TRUE(is_usage_error(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr("write is already in progress"));
  EXPECT_EQ(co_await call.write(request("third")), absl::OkStatus());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).request_bytes(), 10);
}

BEHAVIOUR(StreamUnary, AWriteThatCannotBeSerialisedIsNotSentAndTheCallGoesOn, "B053 R1-24 R2-37") {
  const EchoCollector methods[] = {EchoCollector(stream_unary.full_name(), throws_when_serialising),
                                   EchoCollector(stream_unary.full_name(), refuses_to_serialise)};
  for (const EchoCollector& method : methods) {
    auto call = setting.channel().stream_unary(method);
    const absl::Status written = co_await call.write(request("x"));
    EXPECT_THAT(std::string(written.message()), HasSubstr("a knot in the wire"));
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    EXPECT_EQ((co_await response_of(call)).request_count(), 0);
  }
}

// --- waiting for the start ---

Task<> note_start(CollectCall call, bool& started) {
  started = (co_await call.wait_for_connection()).ok();
}

BEHAVIOUR(StreamUnary, AWriteIsThroughAfterTheStartAndNotBefore, "B109") {
  auto call = setting.channel().stream_unary(stream_unary);
  bool started = false;
  TaskScope watcher(setting.loop());
  watcher.spawn(note_start(call, started));
  EXPECT_EQ(co_await call.write(request("x")), absl::OkStatus());
  EXPECT_TRUE(started);
  co_await watcher.join();
}

BEHAVIOUR(StreamUnary, AWriteThatWaitsForTheStartEndsAsTheCallDoes, "B109 R2-01", few_attempts) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.stream_unary(stream_unary, patient());
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  EXPECT_THAT(co_await call.write(request("x")), IsLocalCancel());
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
}

// Of two writes the second is refused at once (B122), so it is the half-close that waits as well. A
// half-close that the transport gives up before the status is there ends plainly.
BEHAVIOUR(StreamUnary, TheDeadlineEndsEverythingThatWaitsForTheStart, "B114 B117 R2-28") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.stream_unary(stream_unary, patient().timeout(absl::Milliseconds(30)));
  auto waiting = when_all(write(call, request("x")), write(call, request("y")), done_writing(call));
  const auto [first, second, closed] = co_await std::move(waiting);
  EXPECT_THAT(first, is_deadline());
  EXPECT_TRUE(is_usage_error(second)) << second;
  EXPECT_THAT(closed, AnyOf(absl::OkStatus(), is_deadline()));
  EXPECT_THAT((co_await call).status(), is_deadline());
}

// As with a write: it is the transport that puts things in order, whatever comes first.
BEHAVIOUR(StreamUnary, AHalfCloseThatIsAskedForFirstComesAfterTheStart, "B116 R2-27") {
  auto call = setting.channel().stream_unary(stream_unary);
  bool started = false;
  TaskScope watcher(setting.loop());
  watcher.spawn(note_start(call, started));
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE(started);
  EXPECT_EQ((co_await response_of(call)).request_count(), 0);
  co_await watcher.join();
}

BEHAVIOUR(StreamUnary, AHalfCloseThatWaitsForTheStartEndsWithACancel, "B117 R2-28", few_attempts) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.stream_unary(stream_unary, patient());
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  EXPECT_THAT(co_await call.done_writing(), IsLocalCancel());
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
}

BEHAVIOUR(StreamUnary, AHalfCloseDoesNotOvertakeTheWriteBeforeIt, "B125 R1-50 R2-31") {
  auto call = setting.channel().stream_unary(stream_unary);
  auto both = when_all(write(call, request("x")), done_writing(call));
  const auto [written, closed] = co_await std::move(both);
  EXPECT_EQ(written, absl::OkStatus());
  EXPECT_EQ(closed, absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).request_count(), 1);
}

// --- flow control ---

// Writes more than a server takes that does not read, and gives how the write ended that it did not
// take: gRPC's windows grow, so it is not always the first.
Task<absl::Status> write_until_held(Setting& setting, CollectCall call) {
  const EchoRequest large = request_beyond_any_window(setting);
  absl::Status written;
  for (int i = 0; i < 8 && written.ok(); ++i) {
    const bool done = call.done();
    written = co_await call.write(large);
    if (!done) continue;
    EXPECT_THAT(written, is_finished());
    co_return co_await call.status();
  }
  co_return written;
}

// Whenever it comes, a write is held or about to be: what is asserted does not depend on when.
Task<> cancel_soon(Setting& setting, CollectCall call) {
  co_await sleep_for(setting.loop(), absl::Milliseconds(10));
  call.cancel();
}

BEHAVIOUR(StreamUnary, ADeadlineFreesAWriteThatFlowControlHolds, "B111 B113 R1-57") {
  auto call =
      setting.channel().stream_unary(stream_unary, CallOptions().timeout(absl::Milliseconds(60)));
  const absl::Status first = co_await call.write(silent_request());
  EXPECT_THAT(first, AnyOf(absl::OkStatus(), is_deadline()));
  EXPECT_THAT(co_await write_until_held(setting, call), is_deadline());
  EXPECT_THAT(co_await call.status(), is_deadline());
  setting.sometimes("a write was held", first.ok());
}

BEHAVIOUR(StreamUnary, ACancelFreesAWriteThatFlowControlHolds, "B111 B112 R1-57 R2-03") {
  auto call = setting.channel().stream_unary(stream_unary);
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  EXPECT_EQ(co_await call.write(silent_request()), absl::OkStatus());
  auto both = when_all(write_until_held(setting, call), cancel_soon(setting, call));
  EXPECT_THAT(std::get<0>(co_await std::move(both)), IsLocalCancel());
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(callbacks, 1);
}

// A half-close is accepted at any time, and is through when what was written before it is.
BEHAVIOUR(StreamUnary, AHalfCloseWaitsBehindAWriteThatFlowControlHolds, "B115") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(silent_request()), absl::OkStatus());
  auto all = when_all(write(call, request_beyond_any_window(setting)), done_writing(call),
                      cancel_soon(setting, call));
  const auto [written, closed, cancelled] = co_await std::move(all);
  EXPECT_THAT(written, AnyOf(absl::OkStatus(), IsLocalCancel()));
  EXPECT_THAT(closed, AnyOf(absl::OkStatus(), IsLocalCancel()));
  EXPECT_TRUE(written.ok() || !closed.ok()) << "the half-close overtook the write";
  // gRPC's windows grow, and may take it all.
  if (setting.simulated()) {
    EXPECT_FALSE(written.ok());
  }
}

BEHAVIOUR(StreamUnary, AHalfCloseBehindALongWriteLosesNoneOfIt, "B115 B125") {
  auto call = setting.channel().stream_unary(stream_unary);
  EchoRequest large = request_beyond_any_window(setting);
  large.set_response_bytes(1);
  auto both = when_all(write(call, large), done_writing(call));
  const auto [written, closed] = co_await std::move(both);
  EXPECT_EQ(written, absl::OkStatus());
  EXPECT_EQ(closed, absl::OkStatus());
  EXPECT_EQ((co_await response_of(call)).request_bytes(), static_cast<int>(large.payload().size()));
}

// --- failing ---

BEHAVIOUR(StreamUnary, WithoutAHalfCloseTheDeadlineEndsIt, "B104") {
  auto call =
      setting.channel().stream_unary(stream_unary, CallOptions().timeout(absl::Milliseconds(30)));
  EXPECT_THAT((co_await call).status(), is_deadline());
}

BEHAVIOUR(StreamUnary, WhereNobodyListensItIsUnavailableWithoutAnyWrite, "B105") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.stream_unary(stream_unary);
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(call.done());
}

BEHAVIOUR(StreamUnary, WhereNobodyListensTheFirstWriteSaysSo, "B110") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.stream_unary(stream_unary);
  EXPECT_THAT(co_await call.write(request("x")), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(co_await call.write(request("y")), is_finished());
}

BEHAVIOUR(StreamUnary, TheServersEarlyErrorIsTheOutcome, "B119") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(failing_request(StatusCode::kNotFound, "no such room")),
            absl::OkStatus());
  EXPECT_THAT((co_await call).status(), IsError(StatusCode::kNotFound, "no such room"));
  EXPECT_EQ(co_await call.code(), StatusCode::kNotFound);
  EXPECT_EQ(co_await call.details(), "no such room");
}

// Writes until the call's end shows in one, as far as it does.
Task<absl::Status> write_until_refused(Setting& setting, CollectCall call) {
  // The simulator would try every number of writes before the status comes.
  const int most = setting.simulated() ? 3 : 10'000;
  // Large enough to come to the end of the window soon: gRPC looks at its socket when it has
  // nothing else to do.
  const EchoRequest message = request(std::string(10'000, 'x'));
  absl::Status written;
  bool done = false;
  for (int i = 0; i < most && written.ok(); ++i) {
    done = call.done();
    written = co_await call.write(message);
  }
  if (written.ok()) co_return written;
  const absl::Status outcome = co_await call.status();
  EXPECT_EQ(is_usage_error(written), done || outcome.ok());
  co_return written;
}

BEHAVIOUR(StreamUnary, AWriteThatTheServersErrorMeetsReportsThatError,
          "B120 R1-01 R1-03 R1-37 R2-04 R2-05 R2-30") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(failing_request(StatusCode::kNotFound, "no such room")),
            absl::OkStatus());
  const absl::Status written = co_await write_until_refused(setting, call);
  EXPECT_THAT(written, AnyOf(absl::OkStatus(), IsError(StatusCode::kNotFound, "no such room"),
                             is_finished()));
  EXPECT_THAT((co_await call).status(), IsError(StatusCode::kNotFound, "no such room"));
}

BEHAVIOUR(StreamUnary, AWriteThatTheServersAnswerMeetsIsRefusedAsTooLate, "B120 R2-07") {
  auto call = setting.channel().stream_unary(stream_unary);
  EchoRequest last = request("early");
  last.set_answer_now(true);
  EXPECT_EQ(co_await call.write(last), absl::OkStatus());
  const absl::Status written = co_await write_until_refused(setting, call);
  EXPECT_THAT(written, AnyOf(absl::OkStatus(), is_finished()));
  EXPECT_EQ((co_await response_of(call)).payload(), "early");
}

// The server reads nothing more, then ends the call. gRPC counts what is left of a write as taken
// then; the write was no acknowledgement anyway.
EchoRequest answer_soon(StatusCode code) {
  EchoRequest last = failing_request(code, "so be it");
  last.set_answer_now(true);
  last.set_delay_ms(20);
  return last;
}

BEHAVIOUR(StreamUnary, AHeldWriteThatTheServersErrorMeetsReportsThatError, "B120 R1-01 R2-05") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(answer_soon(StatusCode::kAborted)), absl::OkStatus());
  const absl::Status held = co_await call.write(request_beyond_any_window(setting));
  EXPECT_THAT(held, AnyOf(absl::OkStatus(), IsError(StatusCode::kAborted, "so be it")));
  setting.sometimes("the write met the error", !held.ok());
  EXPECT_THAT((co_await call).status(), IsError(StatusCode::kAborted, "so be it"));
}

BEHAVIOUR(StreamUnary, AHeldWriteThatTheServersAnswerMeetsIsRefusedAsTooLate, "B120 R2-07") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(answer_soon(StatusCode::kOk)), absl::OkStatus());
  const absl::Status held = co_await call.write(request_beyond_any_window(setting));
  EXPECT_THAT(held, AnyOf(absl::OkStatus(), is_finished()));
  EXPECT_TRUE((co_await call).ok());
  setting.sometimes("the write met the end", !held.ok());
}

BEHAVIOUR(StreamUnary, ASecondResponseIsUnimplemented, "B056 R2-35") {
  auto call = setting.channel().stream_unary(collect_two_responses);
  const absl::Status written = co_await call.write(request("x"));
  const absl::Status outcome = (co_await call).status();
  EXPECT_THAT(outcome, HasCode(StatusCode::kUnimplemented));
  EXPECT_THAT(written, AnyOf(absl::OkStatus(), outcome));
}

// --- cancelling ---

BEHAVIOUR(StreamUnary, ACancelAfterSomeWritesEndsTheCallAtOnce, "B123") {
  auto call = setting.channel().stream_unary(stream_unary);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(co_await call.write(request("x")), absl::OkStatus());
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
}

BEHAVIOUR(StreamUnary, ACancelBeforeAnythingLeavesNothingToWrite, "B124 B107 B108") {
  auto call = setting.channel().stream_unary(stream_unary);
  EXPECT_TRUE(call.cancel());
  EXPECT_THAT(co_await call.write(request("x")), is_finished());
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
}

}  // namespace
}  // namespace weft::test
