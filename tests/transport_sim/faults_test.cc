// Every fault that a plan may have, wherever it can strike: the status that the client must report
// and all that it may have seen before, and nothing else. The F-numbers are those of the catalogue.

#include <string>
#include <string_view>

#include "explored.h"
#include "four_kinds.h"
#include "weft/transport_sim/fault_plan.h"

namespace weft::sim {
namespace {

using test::Explored;
using test::StreamStream;
using test::StreamUnary;
using test::UnaryStream;
using test::UnaryUnary;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using weft::detail::text;

// A message that not all bytes are.
class Number {
 public:
  Number() = default;
  explicit Number(int its_value) : value(its_value) {}
  int value = 0;
};

}  // namespace
}  // namespace weft::sim

template <>
struct weft::Codec<weft::sim::Number> {
  static absl::StatusOr<Bytes> serialize(const sim::Number& number, BytesAllocator&) {
    return Bytes::from_string(std::to_string(number.value));
  }
  static absl::Status parse(const Bytes& bytes, sim::Number& number) {
    const std::string digits = bytes.to_string();
    if (digits.find_first_not_of("0123456789") != std::string::npos) {
      return absl::InvalidArgumentError("not a number");
    }
    number.value = std::stoi(digits);
    return absl::OkStatus();
  }
};

namespace weft::sim {
namespace {

constexpr UnaryStreamMethod<std::string, Number> count("/test.Numbers/Count");
constexpr UnaryUnaryMethod<std::string, Number> square("/test.Numbers/Square");

SimTransportOptions connected() {
  return SimTransportOptions().connected();
}

std::string code_of(const Call& call) {
  return std::string(status_code_name(call.outcome()->code));
}

// A call whose peer sends headers, two messages and its status. How far the client got:
// "headers, 1 messages, INTERNAL"; "unseen" if the peer never heard of the call.
BodyFunction download(FaultPlan plan, SimTransportOptions transport = connected()) {
  return [plan, transport](World& world) -> Body {
    world.allow(plan);
    Script script;
    script.read_all().headers({{"peer", "here"}}).message("1").message("2");
    world.server().script(count, script.finish(StatusCode::kOk, "done"));
    Channel channel(world.transport("server", transport), world.loop());
    auto call = channel.unary_stream(count, "request");
    const Metadata headers = co_await call.initial_metadata();
    int messages = 0;
    while (auto number = co_await call.read()) {
      ++messages;
      EXPECT_GE(number->value, 1);
    }
    EXPECT_EQ((co_await call.status()).code(), call.outcome()->code);
    EXPECT_TRUE(call.outcome()->trailing_metadata.empty());
    const char* how_far = world.server().calls_seen() == 0 ? "unseen"
                          : headers.empty()                ? "no headers"
                                                           : "headers";
    world.outcome(text(how_far, ", ", messages, " messages, ", code_of(call)));
  };
}

std::vector<std::string> outcomes_of_download(FaultPlan plan) {
  return Explored(download(std::move(plan))).outcomes;
}

// A unary call; "4" or the code.
BodyFunction ask(FaultPlan plan, CallOptions options = CallOptions(),
                 SimTransportOptions transport = connected()) {
  return [plan, options, transport](World& world) -> Body {
    world.allow(plan);
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", transport), world.loop());
    auto call = channel.unary_unary(square, "2", options);
    const absl::StatusOr<Number> reply = co_await call;
    world.outcome(reply.ok() ? std::to_string(reply->value) : code_of(call));
  };
}

constexpr std::string_view fault_free = "headers, 2 messages, OK";

// Wherever the client was when the fault struck, it ends with `code`; or nothing strikes.
auto everywhere_with(std::string_view code) {
  return UnorderedElementsAre(
      text("unseen, 0 messages, ", code), text("no headers, 0 messages, ", code),
      text("headers, 0 messages, ", code), text("headers, 1 messages, ", code),
      text("headers, 2 messages, ", code), std::string(fault_free));
}
auto at_messages_with(std::string_view code) {
  return UnorderedElementsAre(text("headers, 0 messages, ", code),
                              text("headers, 1 messages, ", code), std::string(fault_free));
}
auto at_the_end_with(std::string_view code) {
  return UnorderedElementsAre(text("headers, 2 messages, ", code), std::string(fault_free));
}

// --- the connection ---

TEST(FaultF1, ARefusedConnectionIsUnavailableForACallThatFailsFast) {
  const Explored explored(
      ask(fault::connection_refused(), CallOptions(), SimTransportOptions()));
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
  const Explored explored(
      ask(fault::connection_refused(),
          CallOptions().wait_for_ready().timeout(absl::Milliseconds(999)), SimTransportOptions()));
  EXPECT_THAT(explored.outcomes, ElementsAre("4", "DEADLINE_EXCEEDED"));
}

TEST(FaultF2, ALostConnectionIsUnavailableWhereverTheCallWas) {
  EXPECT_THAT(outcomes_of_download(fault::connection_lost()), everywhere_with("UNAVAILABLE"));
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
    const bool lost_already = other.done();
    co_await world.yield();
    EXPECT_EQ(call.outcome()->to_string(), before);
    world.sometimes("lost after the trailers", !lost_already && other.done());
    world.outcome(text(code_of(call), lost_already ? ", lost before" : ""));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK", "OK, lost before", "UNAVAILABLE, lost before"));
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
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, maybe_processed, seen 1",
                                             "UNAVAILABLE, refused_unprocessed, seen 0"));
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

TEST(FaultF7, AKeepaliveTimeoutIsUnavailableForEveryCallOfTheConnection) {
  EXPECT_THAT(outcomes_of_download(fault::keepalive_timeout()), everywhere_with("UNAVAILABLE"));

  const Explored explored([](World& world) -> Body {
    world.allow(fault::keepalive_timeout());
    world.server().script(UnaryStream::method, Script().headers().gap().finish());
    Channel channel(world.transport("server", connected()), world.loop());
    auto first = channel.unary_stream(UnaryStream::method, "request");
    auto second = channel.unary_stream(UnaryStream::method, "request");
    first.add_done_callback([&](const Call& call) {
      if (call.outcome()->ok() || second.done()) return;
      world.invariant("both end", [&] { return second.done(); });
    });
    while (co_await first.read()) {
    }
    while (co_await second.read()) {
    }
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK, OK", "OK, UNAVAILABLE", "UNAVAILABLE, OK",
                                             "UNAVAILABLE, UNAVAILABLE"));
}

// --- RST_STREAM ---

class FaultF4 : public testing::TestWithParam<std::pair<Http2Error, std::string_view>> {};

TEST_P(FaultF4, AResetMapsToItsStatusWhereverTheCallWas) {
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
                    std::pair(Http2Error::refused_stream, "UNAVAILABLE"),
                    std::pair(Http2Error::cancel, "CANCELLED"),
                    std::pair(Http2Error::compression_error, "INTERNAL"),
                    std::pair(Http2Error::connect_error, "INTERNAL"),
                    std::pair(Http2Error::enhance_your_calm, "RESOURCE_EXHAUSTED"),
                    std::pair(Http2Error::inadequate_security, "PERMISSION_DENIED")),
    [](const auto& info) { return std::string(to_string(info.param.first)); });

TEST(FaultF10, APeerThatNoticesTheDeadlineFirstIsBelievedWhenTheClockAgrees) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::reset(Http2Error::cancel));
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
  EXPECT_THAT(explored.outcomes,
              ElementsAre("CANCELLED before the deadline, by the peer",
                          "DEADLINE_EXCEEDED at the deadline",
                          "DEADLINE_EXCEEDED at the deadline, by the peer",
                          "DEADLINE_EXCEEDED before the deadline"));
}

}  // namespace
}  // namespace weft::sim
