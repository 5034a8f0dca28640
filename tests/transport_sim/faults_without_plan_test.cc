// What can go wrong with a call and needs no fault of a plan, because a test has what makes it:
// deadlines, cancels, handlers, limits, shutdown, credentials, exceptions. Each wherever it can
// strike. The F-numbers are those of the catalogue.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chain.h"
#include "fault_bodies.h"
#include "four_kinds.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using weft::detail::text;

// --- deadlines ---

// As download(), but what may strike is the deadline.
TEST(FaultF8, ADeadlineMayPassWhereverTheCallIs) {
  const Explored explored([](World& world) -> Body {
    Script script;
    script.read_all().headers({{"peer", "here"}}).message("1").message("2");
    world.server().script(count, script.finish(StatusCode::kOk, "done"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(count, "r", CallOptions().timeout(absl::Seconds(1)));
    const Metadata headers = co_await call.initial_metadata();
    int messages = 0;
    while (co_await call.read()) ++messages;
    EXPECT_EQ(world.elapsed() == absl::Seconds(1), !call.outcome()->ok());
    const char* how_far = world.server().calls_seen() == 0 ? "unseen"
                          : headers.empty()                ? "no headers"
                                                           : "headers";
    world.outcome(text(how_far, ", ", messages, " messages, ", code_of(call)));
  });
  EXPECT_THAT(explored.outcomes, everywhere_with("DEADLINE_EXCEEDED"));
}

TEST(FaultF8, ThePeerLearnsThatTheDeadlinePassed) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().wait_for_cancel().finish());
    Channel channel(world.transport("server", connected()), world.loop());
    const auto options = CallOptions().timeout(absl::Seconds(1));
    auto call = channel.unary_stream(UnaryStream::method, "request", options);
    (void)co_await call.status();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("DEADLINE_EXCEEDED"));
}

TEST(FaultF9, ACallWhoseDeadlineHasPassedSendsNothing) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(square, "2", CallOptions().timeout(absl::ZeroDuration()));
    (void)co_await call;
    EXPECT_EQ(call.outcome()->progress, Progress::never_left);
    co_await world.yield();
    EXPECT_EQ(world.server().calls_seen(), 0u);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("DEADLINE_EXCEEDED"));
}

TEST(FaultF39, ATimerOfTheDeadlinesInstantRunsBeforeOrAfterIt) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().read_all());
    Channel channel(world.transport("server", connected()), world.loop());
    const Deadline deadline = Deadline::after(world.loop().now(), absl::Seconds(1));
    auto call = channel.unary_stream(UnaryStream::method, "r", CallOptions().deadline(deadline));
    co_await sleep_until(world.loop(), deadline.instant());
    world.outcome(call.done() ? "the deadline was first" : "the timer was first");
    (void)co_await call.status();
    EXPECT_EQ(world.elapsed(), absl::Seconds(1));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("the deadline was first", "the timer was first"));
}

TEST(FaultF39, AClockThatJumpsPassesEveryDeadlineOnTheWayInOrder) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().read_all());
    Channel channel(world.transport("server", connected()), world.loop());
    std::vector<absl::Duration> ends;
    const auto note = [&](const Call&) { ends.push_back(world.elapsed()); };
    const auto options = [](absl::Duration timeout) { return CallOptions().timeout(timeout); };
    auto late = channel.unary_stream(UnaryStream::method, "r", options(absl::Hours(2)));
    auto soon = channel.unary_stream(UnaryStream::method, "r", options(absl::Seconds(1)));
    late.add_done_callback(note);
    soon.add_done_callback(note);
    co_await sleep_for(world.loop(), absl::Hours(23));  // virtual: the timer under test
    EXPECT_THAT(ends, ElementsAre(absl::Seconds(1), absl::Hours(2)));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("DEADLINE_EXCEEDED, DEADLINE_EXCEEDED"));
}

// --- cancels ---

TEST(FaultF11, ACancelMayComeWhereverTheCallIs) {
  const Explored explored([](World& world) -> Body {
    Script script;
    script.read_all().headers({{"peer", "here"}}).message("1").message("2");
    world.server().script(count, script.finish(StatusCode::kOk, "done"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(count, "request");
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    const Metadata headers = co_await call.initial_metadata();
    int messages = 0;
    while (co_await call.read()) ++messages;
    const char* how_far = world.server().calls_seen() == 0 ? "unseen"
                          : headers.empty()                ? "no headers"
                                                           : "headers";
    world.outcome(text(how_far, ", ", messages, " messages, ", code_of(call)));
  });
  EXPECT_THAT(explored.outcomes, everywhere_with("CANCELLED"));
}

TEST(FaultF11, ACancelInAContinuationEndsTheCallAtOnce) {
  const Explored explored([](World& world) -> Body {
    world.server().script(count, Script().message("1").message("2").finish());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(count, "request");
    EXPECT_TRUE(co_await call.read());
    EXPECT_TRUE(call.cancel());
    EXPECT_TRUE((co_await call.read()).is_failed());
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED"));
}

TEST(FaultF12, ACallThatIsDroppedIsCancelledAndLeavesNothing) {
  const Explored explored([](World& world) -> Body {
    world.server().script(count, Script().message("1").message("2").finish());
    Channel channel(world.transport("server", connected()), world.loop());
    std::optional call = channel.unary_stream(count, "request");
    Gate dropped;
    Anytime drop(world, "call1.drop", [&] {
      call.reset();
      dropped.open();
    });
    co_await dropped;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED"));
}

TEST(FaultF12, ACancelledScopeCancelsTheCallsThatItsTasksWaitFor) {
  const Explored explored([](World& world) -> Body {
    world.server().script(count, Script().message("1").gap().message("2").finish());
    Channel channel(world.transport("server", connected()), world.loop());
    TaskScope scope(world.loop());
    const auto read_all = [&]() -> Task<> {
      auto call = channel.unary_stream(count, "request");
      while (co_await call.read()) {
      }
    };
    scope.spawn(read_all());
    Anytime cancel(world, "scope.cancel", [&] { scope.cancel("enough"); });
    co_await scope.join();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED", "OK"));
}

// --- the peer ---

TEST(FaultF13, AnErrorOfTheHandlerArrivesAsItIsWhateverItsCode) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<StatusCode>(number);
    const Explored explored([code](World& world) -> Body {
      world.server().serve(square, [code](const std::string&) -> absl::StatusOr<Number> {
        return absl::Status(code, "as it is");
      });
      Channel channel(world.transport("server", connected()), world.loop());
      auto call = channel.unary_unary(square, "2");
      EXPECT_EQ((co_await call).status(), absl::Status(code, "as it is"));
      EXPECT_FALSE(call.outcome()->locally_cancelled);
    });
    EXPECT_THAT(explored.outcomes, ElementsAre(std::string(status_code_name(code))));
  }
}

TEST(FaultF13, AHandlerThatThrowsIsUnknown) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) -> absl::StatusOr<Number> {
      throw std::runtime_error("out of numbers");
    });
    Channel channel(world.transport("server", connected()), world.loop());
    const auto reply = co_await channel.unary_unary(square, "2");
    EXPECT_EQ(reply.status(), absl::UnknownError("out of numbers"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNKNOWN"));
}

TEST(FaultF28, AStatusThatComesBeforeAllRequestsWereReadEndsThePendingWrite) {
  const Explored explored([](World& world) -> Body {
    world.server().script(StreamUnary::method,
                          Script().read().finish(StatusCode::kInvalidArgument, "stop"));
    Channel channel(world.transport("server", connected().window(4)), world.loop());
    auto call = channel.stream_unary(StreamUnary::method);
    int written = 0;
    while ((co_await call.write("a message")).ok()) ++written;
    EXPECT_LE(written, 1);  // what was read; the peer takes no other
    EXPECT_TRUE(call.done());
    EXPECT_EQ((co_await call.status()).message(), "stop");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("INVALID_ARGUMENT"));
}

TEST(FaultF29, ASilentPeerLeavesTheCallToItsDeadlineOrACancel) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryUnary::method, Script().read_all());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(UnaryUnary::method, "r", CallOptions().timeout(absl::Hours(1)));
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    (void)co_await call;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED", "DEADLINE_EXCEEDED"));
}

TEST(FaultF35, AMethodThatThePeerDoesNotKnowIsUnimplemented) {
  EXPECT_THAT(Explored([](World& world) -> Body {
                Channel channel(world.transport("server", connected()), world.loop());
                (void)co_await channel.unary_unary(square, "2");
              }).outcomes,
              ElementsAre("UNIMPLEMENTED"));
}

// --- limits ---

TEST(FaultF21, AMessageOverALimitIsResourceExhausted) {
  const auto ask_with = [](SimTransportOptions transport) {
    return Explored([transport](World& world) -> Body {
             world.server().serve(UnaryUnary::method, [](const std::string& text) { return text; });
             Channel channel(world.transport("server", transport), world.loop());
             (void)co_await channel.unary_unary(UnaryUnary::method, "12345678");
           })
        .outcomes;
  };
  EXPECT_THAT(ask_with(connected().receive_limit(8).send_limit(8)), ElementsAre("OK"));
  EXPECT_THAT(ask_with(connected().receive_limit(7)), ElementsAre("RESOURCE_EXHAUSTED"));
  EXPECT_THAT(ask_with(connected().send_limit(7)), ElementsAre("RESOURCE_EXHAUSTED"));
}

TEST(FaultF31, ACallBeyondTheStreamLimitWaitsForAnotherToEnd) {
  const Explored explored([](World& world) -> Body {
    Channel channel(world.transport("server", connected().stream_limit(1)), world.loop());
    auto first = channel.unary_unary(square, "2");
    auto second = channel.unary_unary(square, "2");
    world.server().serve(square, [&](const std::string&) {
      EXPECT_TRUE(world.server().calls_seen() == 1 || first.done());
      return Number(4);
    });
    (void)co_await second;
    EXPECT_TRUE(first.done());
    (void)co_await first;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, OK"));
}

TEST(FaultF31, ACallThatWaitsForAPlaceKeepsItsDeadline) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().read_all());
    Channel channel(world.transport("server", connected().stream_limit(1)), world.loop());
    auto first = channel.unary_stream(UnaryStream::method, "request");
    const auto options = CallOptions().timeout(absl::Seconds(1));
    auto second = channel.unary_stream(UnaryStream::method, "request", options);
    (void)co_await second.status();
    EXPECT_EQ(second.outcome()->progress, Progress::never_left);
    first.cancel();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED, DEADLINE_EXCEEDED"));
}

// --- shutdown ---

TEST(FaultF32, AServerThatGoesAwayInOrderFinishesItsCallsAndTakesNewOnesAnew) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto first = channel.unary_unary(square, "2");
    Anytime leave(world, "server.go_away", [&] { world.server().go_away(); });
    (void)co_await first;
    (void)co_await channel.unary_unary(square, "2");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, OK"));
}

TEST(FaultF32, AServerThatStopsLosesItsCalls) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto first = channel.unary_unary(square, "2");
    Anytime stop(world, "server.stop", [&] { world.server().stop(); });
    (void)co_await first;
    (void)co_await channel.unary_unary(square, "2");
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("OK, OK", "OK, UNAVAILABLE", "UNAVAILABLE, UNAVAILABLE"));
}

TEST(FaultF32, AServerThatStopsAfterItWentAwayLosesTheCallsItHadLeft) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().headers());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "request");
    (void)co_await call.initial_metadata();
    world.server().go_away();
    world.server().stop();
    (void)co_await call.status();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNAVAILABLE"));
}

// The framework's choice: a closed channel cancels its calls, a transport's shutdown gives them the
// status that it was given.
TEST(FaultF33, AChannelThatIsClosedCancelsItsCalls) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(square, "2");
    Anytime close(world, "channel.close", [&] { (void)channel.close(); });
    (void)co_await call;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED", "OK"));
}

TEST(FaultF33, ATransportThatIsShutDownAtOnceEndsItsCallsAsItSays) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    auto transport = world.transport("server", connected());
    Channel channel(transport, world.loop());
    auto call = channel.unary_unary(square, "2");
    Anytime close(world, "transport.shutdown", [&] {
      transport->shutdown(ShutdownMode::immediate, CallStatus(StatusCode::kAborted, "bye"));
    });
    (void)co_await call;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("ABORTED", "OK"));
}

// --- exceptions ---

TEST(FaultF40, AnExceptionOfOneContinuationLeavesTheOthersToGoOn) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(square, "2");
    int went_on = 0;
    const auto throws = [&]() -> Task<> {
      (void)co_await call.status();
      throw std::runtime_error("thrown");
    };
    const auto goes_on = [&]() -> Task<> {
      (void)co_await call.status();
      ++went_on;
    };
    TaskScope scope(world.loop());
    scope.spawn(goes_on());
    scope.spawn(throws());
    scope.spawn(goes_on());
    std::string thrown;
    try {
      co_await scope.join();
    } catch (const std::runtime_error& error) {
      thrown = error.what();
    }
    EXPECT_EQ(thrown, "thrown");
    EXPECT_EQ(went_on, 2);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK"));
}

TEST(FaultF40, AnExceptionThatLeavesTheBodyFailsTheExecution) {
  const Report report =
      explore_in_test("FaultF40.Thrown", ExploreOptions(), [](World& world) -> Body {
        co_await world.yield();
        throw std::runtime_error("thrown");
      });
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().kind, FailureKind::exception);
}

}  // namespace
}  // namespace weft::sim
