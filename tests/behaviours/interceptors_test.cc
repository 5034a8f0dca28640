// Interceptors around calls: what they may do, and what they cannot spoil.

#include <stdexcept>
#include <string>
#include <vector>

#include "behaviour.h"
#include "each_kind.h"
#include "weft/api/interceptor.h"
#include "weft/api/sleep.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using Interceptors = std::vector<std::shared_ptr<Interceptor>>;

Channel intercepted(Setting& setting, Interceptors interceptors) {
  return Channel(setting.transport(), setting.loop(),
                 ChannelOptions().interceptors(std::move(interceptors)));
}

std::shared_ptr<Interceptor> pass_through() {
  return make_interceptor(
      [](InterceptedCall& call) -> Task<CallStatus> { co_return co_await call.proceed(); });
}

// Never hands the call on.
std::shared_ptr<Interceptor> hold_before() {
  return make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
    co_await sleep_until(call.loop(), Instant::from_nanoseconds(INT64_MAX));
    co_return CallStatus();
  });
}

// Writes down, as request metadata and in `log`, when it was entered and left.
std::shared_ptr<Interceptor> named(std::string name, std::vector<std::string>& log) {
  return make_interceptor([name, &log](InterceptedCall& call) -> Task<CallStatus> {
    log.push_back("into " + name);
    call.options().metadata.add("echo-initial-order", name);
    CallStatus status = co_await call.proceed();
    log.push_back("out of " + name);
    co_return status;
  });
}

BEHAVIOUR(Interceptors, RunInTheirOrderAndTheFirstIsOutermost, "B430 B431 B433 B434") {
  std::vector<std::string> log;
  Channel channel = intercepted(setting, {named("a", log), named("b", log)});
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call)->payload(), "x");
  EXPECT_THAT(log, testing::ElementsAre("into a", "into b", "out of b", "out of a"));
  const Metadata& headers = co_await call.initial_metadata();
  EXPECT_THAT(headers.get_all("echo-initial-order"), testing::ElementsAre("a", "b"));
}

static_assert(!std::is_convertible_v<std::shared_ptr<std::string>, std::shared_ptr<Interceptor>>,
              "B430: what is no interceptor does not compile");

BEHAVIOUR(Interceptors, SeeWhatTheCallIsStartedWith, "B432 B373") {
  bool seen = false;
  Channel channel = intercepted(
      setting, {make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
        const StreamOptions& options = call.options();
        seen = options.method == unary_unary.full_name() && options.kind == CallKind::unary_unary &&
               options.metadata.get("tenant") == "blue" && options.wait_for_ready == true &&
               !options.deadline.is_infinite() && options.credentials == nullptr;
        call.options().metadata.add("echo-trailing-more", "yes");
        co_return co_await call.proceed();
      })});
  auto call = channel.unary_unary(
      unary_unary, request("x"),
      CallOptions().metadata("tenant", "blue").wait_for_ready().timeout(absl::Minutes(1)));
  const absl::StatusOr<EchoResponse> response = co_await call;
  EXPECT_TRUE(seen);
  if (!response.ok()) co_return;  // the deadline, in the simulator
  const Metadata& trailers = co_await call.trailing_metadata();
  EXPECT_EQ(trailers.get("echo-trailing-more"), "yes");
}

BEHAVIOUR_OF_EACH_KIND(Interceptors, LeaveACallThatGoesWellAlone,
                       "B458 B437 B454 B450 R1-16 R1-23") {
  int entered = 0;
  Channel channel =
      intercepted(setting, {make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
                    ++entered;
                    co_return co_await call.proceed();
                  })});
  auto call = open(channel, method, request("x"));
  for (int times = 0; times < 2; ++times) {
    auto end = end_of(call);
    const absl::Status status = co_await std::move(end);
    EXPECT_EQ(status, absl::OkStatus());
  }
  EXPECT_EQ(entered, 1);
  EXPECT_EQ(call.outcome()->details, "");
  EXPECT_EQ(call.outcome()->debug_error_string.value_or(""), "");
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancelled());
  EXPECT_TRUE(call.done());
}

BEHAVIOUR(Interceptors, AnErrorComesThroughAsItIs, "B438 B449") {
  Channel channel = intercepted(setting, {pass_through(), pass_through()});
  auto call = channel.unary_stream(unary_stream, failing_request(StatusCode::kNotFound, "no", 1));
  EXPECT_EQ((co_await call.read())->index(), 0);
  const auto read = co_await call.read();
  EXPECT_THAT(read.status(), HasCode(StatusCode::kNotFound));
  EXPECT_TRUE(call.done());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(co_await call.details(), "no");
  EXPECT_TRUE((co_await call.trailing_metadata()).empty());
  Channel nowhere(setting.unreachable(), setting.loop(),
                  ChannelOptions().interceptors({pass_through()}));
  auto lost = nowhere.unary_stream(unary_stream, request("x"));
  EXPECT_THAT((co_await lost.read()).status(), HasCode(StatusCode::kUnavailable));
}

BEHAVIOUR(Interceptors, MaySetADeadline, "B232 B434 R1-18") {
  Channel channel = intercepted(
      setting, {make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
        call.options().deadline = Deadline::after(call.loop().now(), absl::Milliseconds(30));
        co_return co_await call.proceed();
      })});
  auto unary = channel.unary_unary(unary_unary, silent_request());
  EXPECT_THAT((co_await unary).status(), HasCode(StatusCode::kDeadlineExceeded));
  auto stream = channel.stream_stream(stream_stream);
  EXPECT_THAT((co_await stream.read()).status(), HasCode(StatusCode::kDeadlineExceeded));
}

BEHAVIOUR(Interceptors, TheCallersDeadlineHoldsInThem, "B233 B457 R1-25") {
  Channel channel = intercepted(setting, {hold_before()});
  auto call =
      channel.unary_unary(unary_unary, request("x"), CallOptions().timeout(absl::Milliseconds(30)));
  EXPECT_LE(call.time_remaining(), absl::Milliseconds(30));
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(call.outcome()->progress, Progress::never_left);
}

BEHAVIOUR(Interceptors, MayTryAgainThroughAllThatAreBehindThem, "B435 R1-19",
          ::weft::sim::ExploreOptions().deviations(4)) {  // two attempts and their deadlines
  std::vector<std::string> log;
  const auto retry = make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
    call.options().method = "/weft.test.Echo/None";
    CallStatus status = co_await call.proceed();
    EXPECT_EQ(status.code, StatusCode::kUnimplemented);
    EXPECT_TRUE(call.can_proceed());
    call.options().method = unary_unary.full_name();
    co_return co_await call.proceed();
  });
  Channel channel = intercepted(setting, {retry, named("a", log)});
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call)->payload(), "x");
  EXPECT_THAT(log, testing::ElementsAre("into a", "out of a", "into a", "out of a"));
}

BEHAVIOUR(Interceptors, GiveAnAttemptItsOwnDeadline, "B435") {
  int attempts = 0;
  const auto retry = make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    call.options().deadline = Deadline::after(call.loop().now(), absl::Milliseconds(30));
    call.options().method = "/weft.test.Raw/Silent";
    CallStatus status = co_await call.proceed();
    ++attempts;
    call.options().deadline = Deadline();
    call.options().method = unary_unary.full_name();
    if (call.can_proceed()) {
      ++attempts;
      status = co_await call.proceed();
    }
    co_return status;
  });
  Channel channel = intercepted(setting, {retry});
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call)->payload(), "x");
  EXPECT_EQ(attempts, 2);
}

BEHAVIOUR(Interceptors, KeepTheRequestsOfAStreamForAFurtherAttempt, "B435",
          ::weft::sim::ExploreOptions().deviations(3)) {  // two attempts of three messages
  bool again = false;
  const auto retry = make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    call.keep_requests();
    call.options().method = "/weft.test.Echo/None";
    CallStatus status = co_await call.proceed();
    again = call.can_proceed();
    if (!again) co_return status;
    call.options().method = stream_unary.full_name();
    co_return co_await call.proceed();
  });
  Channel channel = intercepted(setting, {retry});
  auto call = channel.stream_unary(stream_unary);
  const absl::Status first = co_await call.write(request("a"));
  const absl::Status second = co_await call.write(request("b"));
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const absl::StatusOr<EchoResponse>& response = co_await call;
  setting.sometimes("tried again", again);
  EXPECT_TRUE(again || setting.simulated());  // where the headers' moment may be shorter
  if (!again) co_return;
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_EQ(second, absl::OkStatus());
  EXPECT_EQ(response->request_count(), 2);
}

BEHAVIOUR(Interceptors, CannotTryAgainOnceTheCallerHasSeenAResponse, "B435") {
  const auto retry = make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
    (void)co_await call.proceed();
    EXPECT_FALSE(call.can_proceed());
    co_return co_await call.proceed();
  });
  Channel channel = intercepted(setting, {retry});
  auto call = channel.unary_stream(unary_stream, request("x"));
  EXPECT_EQ((co_await call.read())->payload(), "x");
  EXPECT_THAT((co_await call.read()).status(), HasCode(StatusCode::kInternal));
}

BEHAVIOUR(Interceptors, MayAnswerWithoutACall, "B436 B457 R1-22") {
  Channel channel =
      intercepted(setting, {make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
                    call.respond(Bytes::from_string([] {
                      EchoResponse cached;
                      cached.set_payload("cached");
                      return cached;
                    }()
                                                        .SerializeAsString()));
                    co_return CallStatus();
                  })});
  auto call =
      channel.unary_unary(unary_unary, request("x"), CallOptions().timeout(absl::Minutes(1)));
  int called = 0;
  call.add_done_callback([&](const Call& done) {
    EXPECT_TRUE(done.done());
    ++called;
  });
  EXPECT_EQ((co_await call)->payload(), "cached");
  EXPECT_TRUE(call.done());
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(co_await call.details(), "");
  EXPECT_TRUE((co_await call.initial_metadata()).empty());
  EXPECT_TRUE((co_await call.trailing_metadata()).empty());
  EXPECT_TRUE(call.time_remaining().has_value());
  EXPECT_EQ(called, 1);
}

BEHAVIOUR(Interceptors, MayFailACallBeforeItLeaves, "B445 R1-21 R1-25") {
  Channel channel =
      intercepted(setting, {make_interceptor([](InterceptedCall&) -> Task<CallStatus> {
                    throw std::runtime_error("no token");
                    co_return CallStatus();
                  })});
  auto call = channel.stream_stream(stream_stream);
  int called = 0;
  call.add_done_callback([&](const Call&) { ++called; });
  EXPECT_THAT((co_await call.read()).status(), HasCode(StatusCode::kUnknown));
  EXPECT_EQ(co_await call.details(), "the interceptor threw: no token");
  EXPECT_TRUE(call.done());
  EXPECT_FALSE(call.cancelled());
  EXPECT_FALSE(call.cancel());
  EXPECT_EQ(called, 1);
  call.add_done_callback([&](const Call&) { ++called; });
  EXPECT_EQ(called, 2);
  EXPECT_TRUE(is_usage_error(co_await call.write(request("x"))));
}

BEHAVIOUR_OF_EACH_KIND(Interceptors, DoNotHoldUpACancel, "B439 B443 R1-27 R2-43") {
  Channel channel = intercepted(setting, {hold_before()});
  auto call = open(channel, method, silent_request());
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(call.done());
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(call.cancel());
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsLocalCancel());
  const Metadata headers = co_await call.initial_metadata();
  EXPECT_TRUE(headers.empty());
  const Metadata trailers = co_await call.trailing_metadata();
  EXPECT_TRUE(trailers.empty());
  EXPECT_EQ(call.outcome()->debug_error_string, std::nullopt);
}

BEHAVIOUR(Interceptors, DoNotHoldUpACancelAfterTheirCall, "B440 R1-26") {
  bool ended = false;
  Channel channel =
      intercepted(setting, {make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
                    CallStatus status = co_await call.proceed();
                    ended = true;
                    co_await sleep_until(call.loop(), Instant::from_nanoseconds(INT64_MAX));
                    co_return status;
                  })});
  auto call = channel.unary_unary(unary_unary, request("x"));
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel()); });
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
  setting.sometimes("cancelled after the call", ended);
  setting.sometimes("cancelled before its end", !ended);
}

BEHAVIOUR(Interceptors, MayCancelTheirCall, "B441 B442 B452") {
  Channel channel =
      intercepted(setting, {make_interceptor([](InterceptedCall&) -> Task<CallStatus> {
                    CallStatus status(StatusCode::kCancelled, std::string(local_cancel_details));
                    status.locally_cancelled = true;
                    co_return status;
                  })});
  auto call = channel.stream_stream(stream_stream);
  EXPECT_THAT((co_await call.read()).status(), IsLocalCancel());
  EXPECT_TRUE(call.outcome()->locally_cancelled);
  EXPECT_EQ(co_await call.write(request("x")), usage_error(already_finished_text));
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
}

BEHAVIOUR(Interceptors, WaitersOfTheOutcomeCanGiveUpWhileTheyRun, "B444 R2-44") {
  Channel channel = intercepted(setting, {hold_before()});
  auto call = channel.unary_unary(unary_unary, request("x"));
  // A timeout that must be first, however long: nothing else can end the call.
  auto pause = sleep_for(setting.loop(), absl::Milliseconds(5));
  auto either = when_any(call.code(), std::move(pause));
  EXPECT_EQ((co_await std::move(either)).index(), 1u);
  EXPECT_FALSE(call.done());
  EXPECT_TRUE(call.cancel());
}

BEHAVIOUR(Interceptors, CallbacksWaitForTheOuterCall, "B446 B326") {
  Channel channel = intercepted(setting, {pass_through()});
  auto call = channel.unary_stream(unary_stream, request("x"));
  std::vector<std::string> log;
  call.add_done_callback([&](const Call& done) { log.push_back(done.to_string()); });
  EXPECT_EQ(co_await call.wait_for_connection(), absl::OkStatus());
  EXPECT_THAT(log, testing::IsEmpty());
  EXPECT_TRUE(static_cast<bool>(co_await call.read()));
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_THAT(log, testing::ElementsAre(call.to_string()));
}

// Doubles the payload of what passes.
std::shared_ptr<Interceptor> doubling() {
  const auto doubled = [](auto message, Bytes& bytes) {
    EXPECT_TRUE(message.ParseFromString(bytes.to_string()));
    message.set_payload(message.payload() + message.payload());
    bytes = Bytes::from_string(message.SerializeAsString());
  };
  return make_interceptor([doubled](InterceptedCall& call) -> Task<CallStatus> {
    call.on_request([doubled](Bytes& bytes) { doubled(EchoRequest(), bytes); });
    call.on_response([doubled](Bytes& bytes) { doubled(EchoResponse(), bytes); });
    call.on_initial_metadata([](Metadata& headers) { headers.add("seen", "yes"); });
    co_return co_await call.proceed();
  });
}

BEHAVIOUR(Interceptors, MayChangeEveryMessage, "B447 B448 B451") {
  Channel channel = intercepted(setting, {doubling(), doubling()});
  auto call = channel.stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  EXPECT_EQ((co_await call.read())->payload(), std::string(16, 'a'));
  EXPECT_THAT((co_await call.initial_metadata()).get_all("seen"),
              testing::ElementsAre("yes", "yes"));
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call.read()).is_end());
  auto iterated = channel.unary_stream(unary_stream, request("b", 2));
  auto responses = iterated.responses();
  EXPECT_EQ((co_await responses.next())->payload(), std::string(16, 'b'));
}

BEHAVIOUR(Interceptors, AHookThatThrowsEndsTheCall, "B445") {
  Channel channel =
      intercepted(setting, {make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
                    call.on_response([](Bytes&) { throw std::runtime_error("not this one"); });
                    co_return co_await call.proceed();
                  })});
  auto call = channel.unary_stream(unary_stream, request("x"));
  EXPECT_EQ((co_await call.read()).status(),
            absl::UnknownError("the interceptor threw: not this one"));
}

BEHAVIOUR(Interceptors, KeepTheRulesOfStyle, "B178 B179 R1-20") {
  Channel channel = intercepted(setting, {pass_through()});
  auto call = channel.stream_stream(stream_stream, std::vector<EchoRequest>{request("x")});
  EXPECT_TRUE(is_usage_error(co_await call.write(request("y"))));
  EXPECT_TRUE(is_usage_error(co_await call.done_writing()));
  EXPECT_EQ((co_await call.read())->payload(), "x");
  auto responses = call.responses();
  EXPECT_EQ((co_await responses.next()).status(), usage_error(mixed_styles_text));
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_TRUE((co_await call.read()).is_end());
}

BEHAVIOUR(Interceptors, CancelsMeetWritesAtAnyTime, "B453 B456 R2-45") {
  Channel channel = intercepted(setting, {pass_through()});
  auto call = channel.stream_unary(stream_unary);
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel()); });
  absl::Status written;
  int writes = 0;
  while (written.ok() && writes < 2) {
    written = co_await call.write(request("x"));
    ++writes;
  }
  if (!written.ok()) {
    EXPECT_TRUE(call.cancelled());
    EXPECT_EQ(co_await call.write(request("x")), usage_error(already_finished_text));
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  }
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
}

BEHAVIOUR(Interceptors, AWriteIsThroughWhenTheTransportTookIt, "B455 R1-17") {
  Channel channel = intercepted(setting, {hold_before()});
  auto call = channel.stream_stream(stream_stream);
  // A timeout that must be first, however long: nothing takes the message.
  auto writing =
      when_any(call.write(request("x")), sleep_for(setting.loop(), absl::Milliseconds(5)));
  EXPECT_EQ((co_await std::move(writing)).index(), 1u);
  EXPECT_TRUE(call.cancel());
}

BEHAVIOUR(Interceptors, ThatWaitForTheStatusDoNotHoldUpTheMessages, "B459") {
  bool over = false;
  Channel channel =
      intercepted(setting, {make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
                    CallStatus status = co_await call.proceed();
                    over = true;
                    co_return status;
                  })});
  auto call = channel.stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("x")), absl::OkStatus());
  EXPECT_EQ((co_await call.read())->payload(), "x");
  EXPECT_FALSE(over);
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_TRUE(over);
}

BEHAVIOUR(Interceptors, ADroppedCallIsCancelledThroughThem, "B286") {
  Channel channel = intercepted(setting, {pass_through()});
  const std::string name = setting.new_name();
  {
    auto call = channel.unary_stream(
        unary_stream, silent_request(),
        CallOptions().metadata("watch", name).metadata("send-headers-early", "1"));
    (void)co_await call.initial_metadata();
  }
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

BEHAVIOUR(Interceptors, ReturningWhileTheAttemptRunsIsNoSuccess, "B441") {
  Channel channel = intercepted(
      setting, {make_interceptor([](InterceptedCall& call) -> Task<CallStatus> {
        // A timeout that must be first, however long: the server is silent.
        auto either = when_any(call.proceed(), sleep_for(call.loop(), absl::Milliseconds(5)));
        (void)co_await std::move(either);
        co_return CallStatus();
      })});
  auto call = channel.unary_stream(unary_stream, silent_request());
  EXPECT_THAT((co_await call.read()).status(), HasCode(StatusCode::kInternal));
}

}  // namespace
}  // namespace weft::test
