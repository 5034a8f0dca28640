// The reduced search on calls: it loses no outcome that the search of all orders has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "echo_method.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"
#include "weft/api/when_all.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/explore.h"

namespace weft::sim {
namespace {

constexpr UnaryStreamMethod<std::string, std::string> watch("/test.Echo/Watch");

Report explored(const BodyFunction& body, SearchMode mode) {
  Report report = explore(ExploreOptions().name("ReducedCalls.Test").mode(mode), body);
  EXPECT_TRUE(report.ok()) << report.verdict_line();
  return report;
}

std::set<std::string> outcomes(const Report& report) {
  std::set<std::string> all;
  for (const auto& [text, outcome] : report.outcomes) all.insert(text);
  return all;
}

void expect_nothing_lost(const BodyFunction& body) {
  const Report all = explored(body, SearchMode::levels);
  const Report reduced = explored(body, SearchMode::reduced);
  EXPECT_EQ(outcomes(reduced), outcomes(all));
  EXPECT_GT(outcomes(all).size(), 1u);
  EXPECT_LE(reduced.executions, all.executions);
  EXPECT_LE(reduced.blocked_executions * 4, reduced.executions);
}

// Everything that happened to it, in its order.
Task<> call_and_tell(Channel& channel, std::string name, std::string& story) {
  auto call = channel.unary_unary(echo, name, CallOptions().timeout(absl::Seconds(1)));
  const absl::StatusOr<std::string> reply = co_await call;
  story += name + "=" + (reply.ok() ? *reply : std::string(reply.status().message())) + ";";
}

TEST(ReducedCalls, LoseNoOrderOfTwoCallsAgainstTheirDeadlines) {
  expect_nothing_lost(detail::to_body([](World& world) -> Task<> {
    world.server().serve(echo, [](const std::string& request) { return request + "!"; });
    Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
    std::string story;
    auto first = call_and_tell(channel, "a", story);
    auto second = call_and_tell(channel, "b", story);
    co_await when_all(std::move(first), std::move(second));
    world.outcome(story);
  }));
}

TEST(ReducedCalls, LoseNoFault) {
  expect_nothing_lost(detail::to_body([](World& world) -> Task<> {
    world.allow(FaultPlan()
                    .may(fault::reset(Http2Error::internal_error))
                    .may(fault::reset(Http2Error::refused_stream))
                    .may(fault::connection_lost())
                    .may(fault::connection_refused()));
    world.server().script(echo, Script().headers().gap().read_all().message("hello").finish());
    Channel channel(world.transport(), world.loop());
    auto call = channel.unary_unary(echo, "you");
    Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
    const absl::StatusOr<std::string> reply = co_await call;
    const Metadata headers = co_await call.initial_metadata();
    world.outcome(reply.ok() ? *reply : std::string(reply.status().message()));
  }));
}

TEST(ReducedCalls, LoseNoOrderOfAStreamAgainstAConnectionsEndAndASleep) {
  expect_nothing_lost(detail::to_body([](World& world) -> Task<> {
    world.server().script(watch, Script().headers().message("1").gap().message("2").finish());
    Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
    auto call = channel.unary_stream(watch, "x");
    Anytime stop(world, "server.stops", [&] { world.server().stop(); });
    std::string story;
    const auto sleeper = [](World& its_world, std::string& its_story) -> Task<> {
      co_await sleep_for(its_world.loop(), absl::Seconds(1));
      its_story += "slept;";
    };
    const auto reader = [](decltype(call)& its_call, std::string& its_story) -> Task<> {
      for (;;) {
        auto message = co_await its_call.read();
        if (!message) break;
        its_story += *message + ";";
      }
      const absl::Status status = co_await its_call.status();
      its_story += std::string(status.message()) + ";";
    };
    auto sleeping = sleeper(world, story);
    auto reading = reader(call, story);
    co_await when_all(std::move(sleeping), std::move(reading));
    world.outcome(story);
  }));
}

// A GOAWAY that refuses what the peer has not seen writes nothing of a call that the peer has seen,
// but has looked whether it has.
TEST(ReducedCalls, LoseNoOrderOfAGoawayAndTheArrivalOfWhatItWouldRefuse) {
  const auto two_calls = detail::to_body([](World& world) -> Task<> {
    world.allow(fault::goaway_unprocessed());
    world.server().script(echo, Script().read_all().message("hello").finish());
    Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
    auto first = channel.unary_unary(echo, "a");
    auto second = channel.unary_unary(echo, "b");
    const absl::StatusOr<std::string> a = co_await first;
    const absl::StatusOr<std::string> b = co_await second;
    world.outcome(weft::detail::text(absl::StatusCodeToString(a.status().code()), " and ",
                                     absl::StatusCodeToString(b.status().code())));
  });
  EXPECT_THAT(outcomes(explored(two_calls, SearchMode::reduced)),
              testing::ElementsAre("OK and OK", "OK and UNAVAILABLE", "UNAVAILABLE and OK",
                                   "UNAVAILABLE and UNAVAILABLE"));
}

}  // namespace
}  // namespace weft::sim
