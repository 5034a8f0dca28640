// Requests that a call takes from a range or a generator.

#include <coroutine>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "connectivity.h"
#include "each_kind.h"
#include "latch.h"
#include "source_calls.h"

namespace weft::test {
namespace {

using testing::HasSubstr;
using testing::Not;

using CollectCall = StreamUnaryCall<EchoRequest, EchoResponse>;

Requests counted(int& pulled, int count, EchoRequest each) {
  while (pulled < count) {
    ++pulled;
    co_yield each;
  }
}

// --- pulling ---

template <class Source>
Task<> send_two_whole(Setting& setting, Source source) {
  auto call = setting.channel().stream_unary(stream_unary, std::move(source));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
  if (!response.ok()) co_return;
  EXPECT_EQ(response->request_count(), 2);
  EXPECT_EQ(response->request_bytes(), 6);
}

BEHAVIOUR(RequestSources, AVectorIsSentWhole, "B260 B263") {
  return send_two_whole(setting, std::vector<EchoRequest>(2, request("abc")));
}
BEHAVIOUR(RequestSources, AViewIsSentWhole, "B260 B263") {
  return send_two_whole(setting, std::views::iota(0, 2) | std::views::transform([](int number) {
                                   return request("no" + std::to_string(number));
                                 }));
}
Requests two_requests() {
  co_yield request("abc");
  co_yield request("def");
}
BEHAVIOUR(RequestSources, AGeneratorIsSentWhole, "B260 B263") {
  return send_two_whole(setting, two_requests());
}

BEHAVIOUR(RequestSources, OneRequestIsPulledBeforeTheCallIsConnected, "B261") {
  const auto server = setting.start_server(ServerOptions().stopped());
  Channel channel(setting.transport_to(*server), setting.loop());
  int pulled = 0;
  auto call = channel.stream_unary(stream_unary, counted(pulled, 3, request("x")),
                                   CallOptions().wait_for_ready());
  auto failing = until(channel, ConnectivityState::transient_failure);
  co_await std::move(failing);
  EXPECT_EQ(pulled, 1);
  server->start();
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 3);
  EXPECT_EQ(pulled, 3);
}

Requests silence_then(EchoRequest large, int& pulled) {
  co_yield silent_request();
  while (++pulled < 10) co_yield large;
}

BEHAVIOUR(RequestSources, TheNextRequestIsPulledWhenTheOneBeforeWasTaken, "B262") {
  int pulled = 0;
  auto call = setting.channel().stream_stream(
      stream_stream, silence_then(request_beyond_any_window(setting), pulled),
      CallOptions().timeout(absl::Milliseconds(100)));
  EXPECT_THAT(co_await call.status(), HasCode(StatusCode::kDeadlineExceeded));
  // When both sides' deadlines pass, core may say that it sent what it dropped.
  EXPECT_LE(pulled, setting.simulated() ? 1 : 2);
  setting.sometimes("a large request waited for the server", pulled == 1);
}

Requests one_and_its_end(bool& over) {
  co_yield request("x");
  over = true;
}

// Two calls side by side have too many orders to try them all.
BEHAVIOUR(RequestSources, AreUsedUpThoughNobodyAwaitsTheCall, "B263",
          ::weft::sim::ExploreOptions().deviations(3)) {
  const std::string name = setting.new_name();
  bool over = false;
  auto call = setting.channel().stream_unary(stream_unary, one_and_its_end(over),
                                             CallOptions().metadata("watch", name));
  // A collecting server finishes behind the half-close.
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "finished");
  EXPECT_TRUE(over);
}

// Decided: a range is iterated where the call lives, so one that blocks, blocks the loop. Whoever
// has such a range wraps it into a generator that awaits a thread of its own.
BEHAVIOUR(RequestSources, ARangeIsIteratedOnTheLoopsThread, "B270") {
  const std::thread::id here = std::this_thread::get_id();
  int iterated = 0;
  auto source = std::views::iota(0, 2) | std::views::transform([&](int) {
                  ++iterated;
                  EXPECT_EQ(std::this_thread::get_id(), here);
                  return request("x");
                });
  auto call = setting.channel().stream_unary(stream_unary, std::move(source));
  EXPECT_EQ((co_await call)->request_count(), 2);
  EXPECT_EQ(iterated, 2);
}

// --- sources that fail ---

Requests one_and_an_exception() {
  co_yield request("x", 0);
  throw std::runtime_error("the tape is torn");
}

// Decided: a cancel, as the source is the application's, with the reason kept where it cannot be
// taken for the server's.
BEHAVIOUR_OF_KINDS(RequestSources, OneThatThrowsCancelsTheCall, "B264 R1-04 R1-59",
                   (stream_unary, stream_stream)) {
  auto call = open_with(setting, method, one_and_an_exception());
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
  EXPECT_TRUE(call.outcome()->locally_cancelled);
  const std::optional<std::string> why = co_await call.debug_error_string();
  EXPECT_THAT(why.value_or(""), HasSubstr("the tape is torn"));
}

template <class Source>
concept IsSourceOfACall =
    requires(Channel& channel, Source source) { channel.stream_unary(stream_unary, source); };

BEHAVIOUR(RequestSources, OnlyOneOfTheMethodsRequestsCompiles, "B265") {
  static_assert(IsSourceOfACall<std::vector<EchoRequest>>);
  static_assert(RequestSource<Requests, EchoRequest>);
  static_assert(!IsSourceOfACall<int>);
  static_assert(!IsSourceOfACall<EchoRequest>);
  static_assert(!IsSourceOfACall<std::vector<std::string>>);
  static_assert(!RequestSource<AsyncGenerator<std::string>, EchoRequest>);
  co_return;
}

absl::StatusOr<Bytes> serialize_good_ones(const EchoRequest& message, BytesAllocator& allocator) {
  if (message.payload() == "bad") throw std::runtime_error("a knot in the wire");
  return Codec<EchoRequest>::serialize(message, allocator);
}

Requests good_then_bad(std::optional<CollectCall>& call) {
  co_yield request("good");
  (void)co_await call->initial_metadata();  // the server has the call
  co_yield request("bad");
}

BEHAVIOUR(RequestSources, ARequestThatCannotBeSerialisedEndsTheCallUnsent, "B272 R1-24 R2-37") {
  const StreamUnaryMethod<EchoRequest, EchoResponse> method(stream_unary.full_name(),
                                                            &serialize_good_ones);
  const std::string name = setting.new_name();
  std::optional<CollectCall> call;
  call = setting.channel().stream_unary(method, good_then_bad(call),
                                        headers_at_once().metadata("watch", name));
  EXPECT_THAT(co_await call->status(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(co_await call->details(), HasSubstr("a knot in the wire"));
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

// --- ends of the call ---

Requests failure_then(EchoRequest large, int& pulled) {
  co_yield failing_request(StatusCode::kNotFound, "gone");
  while (++pulled < 4) co_yield large;
}

BEHAVIOUR_OF_KINDS(RequestSources, AWriteThatFailsEndsTheSourceAndNotTheCall, "B266 R1-05 R1-59",
                   (stream_unary, stream_stream)) {
  int pulled = 0;
  auto call = open_with(setting, method, failure_then(request_beyond_any_window(setting), pulled));
  int pulled_at_end = 0;
  call.add_done_callback([&](const Call&) { pulled_at_end = pulled; });
  EXPECT_THAT(co_await call.status(), IsError(StatusCode::kNotFound, "gone"));
  const std::optional<std::string> why = co_await call.debug_error_string();
  EXPECT_THAT(why.value_or(""), Not(HasSubstr("request source")));
  EXPECT_FALSE(call.outcome()->locally_cancelled);
  // A transport may say of messages that they were sent although the server had ended the call and
  // they were dropped; but none is pulled once the status is known.
  EXPECT_EQ(pulled, pulled_at_end);
  (void)co_await setting.channel().unary_unary(unary_unary, request("something else"));
  EXPECT_EQ(pulled, pulled_at_end);
  setting.sometimes("a write failed", pulled < 4);
}

Requests cancels_and_goes_on(std::optional<CollectCall>& call, std::string& steps) {
  steps += "first ";
  co_yield request("x");
  EXPECT_TRUE(call->cancel("enough"));
  steps += "second ";
  co_yield request("y");
  steps += "third";
}

// The nearest to one that swallows its cancellation, which a generator in C++ is not told of.
BEHAVIOUR(RequestSources, OneThatGoesOnAfterACancelIsPulledNoMore, "B267") {
  std::optional<CollectCall> call;
  std::string steps;
  call = setting.channel().stream_unary(stream_unary, cancels_and_goes_on(call, steps));
  EXPECT_THAT(co_await call->status(), IsError(StatusCode::kCancelled, "enough"));
  (void)co_await setting.channel().unary_unary(unary_unary, request("something else"));
  EXPECT_EQ(steps, "first second ");
  EXPECT_THAT(co_await call->status(), IsError(StatusCode::kCancelled, "enough"));
}

Requests one_and_waits_for_ever(EchoRequest first, std::shared_ptr<void>) {
  co_yield first;
  co_await std::suspend_always();
}

BEHAVIOUR_OF_KINDS(RequestSources, OneThatWaitsEndsWithTheCall, "B268 R1-06 R2-25",
                   (stream_unary, stream_stream)) {
  Latch gone(setting.loop());
  auto call = open_with(setting, method,
                        one_and_waits_for_ever(failing_request(StatusCode::kNotFound, "gone"),
                                               opens_when_gone(gone)));
  EXPECT_THAT(co_await call.status(), IsError(StatusCode::kNotFound, "gone"));
  // The handle is still here: it is the end that frees the source.
  co_await gone;
}

Requests silence_and_one_more(EchoRequest large, std::shared_ptr<void>) {
  co_yield silent_request();
  co_yield large;
}

BEHAVIOUR(RequestSources, OneThatStandsAtARequestIsCleanedUpWhenTheCallEnds, "B269 R2-26") {
  Latch gone(setting.loop());
  auto call = setting.channel().stream_stream(
      stream_stream,
      silence_and_one_more(request_beyond_any_window(setting), opens_when_gone(gone)));
  const auto cancel = setting.anytime("call1.cancel", [&] {
    EXPECT_FALSE(gone.is_open());
    EXPECT_TRUE(call.cancel());
  });
  co_await gone;
  EXPECT_TRUE(call.cancelled());
}

BEHAVIOUR(RequestSources, AnAnswerDoesNotWaitForThem, "B271") {
  Latch gone(setting.loop());
  EchoRequest first = request("early");
  first.set_answer_now(true);
  auto call = setting.channel().stream_unary(stream_unary,
                                             one_and_waits_for_ever(first, opens_when_gone(gone)));
  EXPECT_EQ((co_await call)->payload(), "early");
  co_await gone;
}

}  // namespace
}  // namespace weft::test
