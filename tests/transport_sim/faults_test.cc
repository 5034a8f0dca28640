// Faults of connections and whole streams, wherever they can strike: the status that the client
// must report, all that it may have seen before, and nothing else. The F-numbers are the
// catalogue's.

#include <string>
#include <string_view>
#include <utility>

#include "explored.h"
#include "fault_bodies.h"
#include "four_kinds.h"
#include "weft/api/sleep.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using weft::detail::text;

TEST(FaultsDeathTest, AreAllowedOnceByOnePlanOfThemAll) {
  const auto twice = [](World& world) -> Body {
    world.allow(fault::connection_lost());
    world.allow(fault::goaway());
    co_return;
  };
  EXPECT_DEATH((void)Explored(twice), "faults are allowed once, by one plan of them all");
}

// --- the connection ---

TEST(FaultF1, ARefusedConnectionIsUnavailableForACallThatFailsFast) {
  const Explored explored(ask(fault::connection_refused(), CallOptions(), SimTransportOptions()));
  EXPECT_THAT(explored.outcomes, ElementsAre("4", "UNAVAILABLE"));
}

TEST(FaultF1, ARefusedConnectionIsTriedAgainForACallThatWaits) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::connection_refused());
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport(), world.loop());
    const absl::StatusOr<Number> reply =
        co_await channel.unary_unary(square, "2", CallOptions().wait_for_ready());
    EXPECT_TRUE(reply.ok());
    world.outcome(absl::FormatDuration(world.elapsed()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("0", "1s"));
}

TEST(FaultF1, ACallThatWaitsForAConnectionKeepsItsDeadline) {
  const Explored explored(ask(fault::connection_refused(),
                              CallOptions().wait_for_ready().timeout(absl::Milliseconds(999)),
                              SimTransportOptions()));
  EXPECT_THAT(explored.outcomes, ElementsAre("4", "DEADLINE_EXCEEDED"));
}

TEST(FaultF2, ALostConnectionIsUnavailableWhereverTheCallWas) {
  EXPECT_THAT(outcomes_of_download(fault::connection_lost()), everywhere_with("UNAVAILABLE"));
}

TEST(FaultF2, ALostConnectionTakesTheCallsThatAGoawayLeftOnIt) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::connection_lost());
    world.server().script(UnaryStream::method, Script().headers().gap().finish());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "request");
    (void)co_await call.initial_metadata();
    // Headers that will never come are known a turn before the status.
    co_await world.yield();
    const bool ended_before = call.done();
    world.server().go_away();
    (void)co_await call.status();
    world.outcome(text(code_of(call), ended_before ? ", before the GOAWAY" : ""));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK", "OK, before the GOAWAY", "UNAVAILABLE",
                                             "UNAVAILABLE, before the GOAWAY"));
}

TEST(FaultF3, AConnectionThatIsLostAfterTheTrailersLeavesTheStatusAlone) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::connection_lost());
    world.server().script(UnaryUnary::method, Script().message("response").finish());
    world.server().script(UnaryStream::method, Script().headers());
    Channel channel(world.transport("server", connected()), world.loop());
    // Keeps the connection in use.
    auto other = channel.unary_stream(UnaryStream::method, "request");
    auto call = channel.unary_unary(UnaryUnary::method, "request");
    (void)co_await call;
    const std::string before = call.outcome()->to_string();
    const bool lost_before = other.done();
    co_await world.yield();
    EXPECT_EQ(call.outcome()->to_string(), before);
    world.outcome(text(code_of(call), lost_before    ? ", lost before"
                                      : other.done() ? ", lost after"
                                                     : ""));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK", "OK, lost after", "UNAVAILABLE, lost before"));
}

TEST(FaultF5, AGoawayEndsACallThatThePeerHasNotSeenUnprocessed) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::goaway_unprocessed());
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(square, "2");
    (void)co_await call;
    const CallStatus& outcome = *call.outcome();
    world.outcome(text(code_of(call), ", ", to_string(outcome.progress), ", seen ",
                       world.server().calls_seen()));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, maybe processed, seen 1",
                                             "UNAVAILABLE, refused unprocessed, seen 0"));
}

TEST(FaultF6, AGoawayLeavesCallsAloneAndMovesNewOnesToAnotherConnection) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::goaway());
    world.server().serve(square, [](const std::string&) { return Number(4); });
    auto transport = world.transport("server", connected());
    Channel channel(transport, world.loop());
    EXPECT_TRUE((co_await channel.unary_unary(square, "2")).ok());
    const bool struck = world.faults().exhausted();
    EXPECT_EQ(channel.state() == ConnectivityState::idle, struck);
    EXPECT_TRUE((co_await channel.unary_unary(square, "2")).ok());
    world.outcome(struck ? "struck the first" : "did not");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("did not", "struck the first"));
}

TEST(FaultF6, AGoawayMovesTheCallThatWaitsForAPlaceToAnotherConnection) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::goaway());
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected().stream_limit(1)), world.loop());
    auto first = channel.unary_unary(square, "2");
    auto second = channel.unary_unary(square, "2");
    (void)co_await first;
    const bool struck = world.faults().exhausted();
    EXPECT_TRUE((co_await second).ok());
    // After a GOAWAY that struck later, nothing needs a connection.
    const bool connected_anew = struck && channel.state() == ConnectivityState::ready;
    world.outcome(connected_anew ? "waited, connected anew"
                  : struck       ? "waited, stayed"
                                 : "did not wait");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("did not wait", "waited, connected anew"));
}

TEST(FaultF7, AKeepaliveTimeoutIsUnavailableForEveryCallOfTheConnection) {
  EXPECT_THAT(outcomes_of_download(fault::keepalive_timeout()), everywhere_with("UNAVAILABLE"));

  const Explored explored([](World& world) -> Body {
    world.allow(fault::keepalive_timeout());
    world.server().script(UnaryUnary::method, Script().message("response").finish());
    Channel channel(world.transport("server", connected()), world.loop());
    auto first = channel.unary_unary(UnaryUnary::method, "request");
    auto second = channel.unary_unary(UnaryUnary::method, "request");
    (void)co_await first;
    if (!first.outcome()->ok()) {
      EXPECT_TRUE(second.done());
    }
    (void)co_await second;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, OK", "OK, UNAVAILABLE", "UNAVAILABLE, OK",
                                             "UNAVAILABLE, UNAVAILABLE"));
}

// --- RST_STREAM ---

class FaultF4 : public testing::TestWithParam<std::pair<Http2Error, std::string_view>> {};

TEST_P(FaultF4, AResetMapsToItsStatusWhereverTheCallWas) {  // R1-48
  const auto [error, code] = GetParam();
  EXPECT_THAT(outcomes_of_download(fault::reset(error)), everywhere_with(code));
}

// STREAM_CLOSED has no meaning while a call is open: like the other protocol errors.
INSTANTIATE_TEST_SUITE_P(
    Every, FaultF4,
    testing::Values(std::pair(Http2Error::no_error, "INTERNAL"),
                    std::pair(Http2Error::protocol_error, "INTERNAL"),
                    std::pair(Http2Error::internal_error, "INTERNAL"),
                    std::pair(Http2Error::flow_control_error, "INTERNAL"),
                    std::pair(Http2Error::settings_timeout, "INTERNAL"),
                    std::pair(Http2Error::stream_closed, "INTERNAL"),
                    std::pair(Http2Error::frame_size_error, "INTERNAL"),
                    std::pair(Http2Error::cancel, "CANCELLED"),
                    std::pair(Http2Error::compression_error, "INTERNAL"),
                    std::pair(Http2Error::connect_error, "INTERNAL"),
                    std::pair(Http2Error::enhance_your_calm, "RESOURCE_EXHAUSTED"),
                    std::pair(Http2Error::inadequate_security, "PERMISSION_DENIED")),
    [](const auto& test) { return std::string(to_string(test.param.first)); });

// RFC 9113, 8.7: the peer says that it has processed nothing, and does not lie.
TEST(FaultF4, ARefusedStreamIsUnavailableAndThePeerHasNotSeenIt) {
  EXPECT_THAT(outcomes_of_download(fault::reset(Http2Error::refused_stream)),
              ElementsAre("headers, 2 messages, OK", "unseen, 0 messages, UNAVAILABLE"));
}

TEST(FaultF10, APeerThatNoticesTheDeadlineFirstIsBelievedWhenTheClockAgrees) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::reset(Http2Error::cancel));
    world.server().keep_deadlines(false);  // here it notices by the fault alone
    world.server().script(UnaryStream::method, Script().headers());
    Channel channel(world.transport("server", connected()), world.loop());
    const Deadline deadline = Deadline::after(world.loop().now(), absl::Seconds(1));
    auto call = channel.unary_stream(UnaryStream::method, "r", CallOptions().deadline(deadline));
    // A timer of the same instant, so that the clock may get there before the call's own does.
    co_await sleep_until(world.loop(), deadline.instant());
    const bool already = call.done();
    const absl::Status status = co_await call.status();
    const bool by_peer = world.faults().exhausted();
    world.sometimes("the peer noticed first", !already && by_peer);
    world.outcome(text(code_of(call), already ? " before" : " at", " the deadline",
                       by_peer ? ", by the peer" : ""));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED before the deadline, by the peer",
                                             "DEADLINE_EXCEEDED at the deadline",
                                             "DEADLINE_EXCEEDED at the deadline, by the peer",
                                             "DEADLINE_EXCEEDED before the deadline"));
}

// --- how many, and when ---

BodyFunction doubled_and_lost(std::size_t budget) {
  return download(
      FaultPlan().may(fault::doubled_response()).may(fault::lost_response()).budget(budget));
}

TEST(FaultPlan, LetsOneFaultStrikeIfNothingElseIsSaid) {
  EXPECT_THAT(
      outcomes_of_download(FaultPlan().may(fault::doubled_response()).may(fault::lost_response())),
      ElementsAre("headers, 1 messages, OK", "headers, 2 messages, OK", "headers, 3 messages, OK"));
}

TEST(FaultPlan, LetsAsManyFaultsStrikeAsItsBudgetSays) {
  EXPECT_THAT(Explored(doubled_and_lost(0)).outcomes, ElementsAre("headers, 2 messages, OK"));
  EXPECT_THAT(
      Explored(doubled_and_lost(2)).outcomes,
      ElementsAre("headers, 0 messages, OK", "headers, 1 messages, OK", "headers, 2 messages, OK",
                  "headers, 3 messages, OK", "headers, 4 messages, OK"));
}

FaultPlan every_fault() {
  FaultPlan plan;
  plan.may(fault::connection_refused()).may(fault::connection_lost());
  plan.may(fault::goaway_unprocessed()).may(fault::goaway()).may(fault::keepalive_timeout());
  plan.may(fault::reset(Http2Error::cancel)).may(fault::trailers_only(StatusCode::kAborted));
  plan.may(fault::missing_status()).may(fault::unparsable_status());
  plan.may(fault::misencoded_details()).may(fault::doubled_status()).may(fault::late_headers());
  plan.may(fault::truncated_message()).may(fault::corrupted_message());
  plan.may(fault::unknown_compression()).may(fault::decompression_failed());
  plan.may(fault::compression_refused()).may(fault::lost_response());
  plan.may(fault::doubled_response()).may(fault::stalled_write()).may(fault::allocation_refused());
  return plan;
}

TEST(FaultPlan, HasNoFaultInTheDefaultSchedule) {
  const Explored explored(download(every_fault()), ExploreOptions().deviations(0));
  EXPECT_THAT(explored.outcomes, ElementsAre("headers, 2 messages, OK"));
  EXPECT_EQ(explored.report.executions, 1u);
  EXPECT_GT(explored.report.open_schedules, 0u);
}

TEST(FaultPlan, NeedsADeviationForEachFault) {
  const Explored explored(download(every_fault().budget(2)), ExploreOptions().deviations(1));
  for (const std::string& outcome : explored.outcomes) {
    EXPECT_FALSE(outcome.ends_with("0 messages, OK")) << outcome;
  }
}

// A program must not need a fault to go on.
TEST(FaultPlan, LetsNoFaultEndAWaitThatNothingElseEnds) {
  const Report report =
      explore_in_test("FaultPlan.Hang", ExploreOptions(), [](World& world) -> Body {
        world.allow(fault::reset(Http2Error::cancel));
        world.server().script(UnaryUnary::method, Script().read_all());
        Channel channel(world.transport("server", connected()), world.loop());
        (void)co_await channel.unary_unary(UnaryUnary::method, "request");
      });
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->failures.front().kind, FailureKind::hang);
}

TEST(Fault, HasANameThatSaysItsParameter) {
  EXPECT_EQ(fault::connection_lost().name(), "connection lost");
  EXPECT_EQ(fault::reset(Http2Error::refused_stream).name(), "reset REFUSED_STREAM");
  EXPECT_EQ(fault::trailers_only(StatusCode::kAborted).name(), "trailers only ABORTED");
  EXPECT_EQ(fault::missing_status(503).name(), "missing status, HTTP 503");
}

}  // namespace
}  // namespace weft::sim
