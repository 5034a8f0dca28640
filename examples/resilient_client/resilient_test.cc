// Retries and hedging in every order, in virtual time.

#include "resilient.h"
#include "route_guide.weft_fake.pb.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/sim_test.h"

namespace {

using routeguide::Feature;
using routeguide::Point;
using routeguide::RouteGuideFake;

Feature summit() {
  Feature feature;
  feature.set_name("summit");
  return feature;
}

// What happens to the attempts of a channel.
class Attempts {
 public:
  std::size_t made() const { return made_; }
  std::size_t answered() const { return answered_; }
  // Those that have neither ended nor been cancelled.
  std::size_t running() const { return running_; }

  weft::Channel channel(weft::sim::World& world) {
    auto count =
        weft::make_interceptor([this](weft::InterceptedCall& call) { return watch(*this, call); });
    return weft::Channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                         world.loop(), weft::ChannelOptions().interceptors({std::move(count)}));
  }

 private:
  // A cancelled call destroys its interceptor where it waits.
  class Running {
   public:
    explicit Running(Attempts& attempts) : attempts_(attempts) {
      ++attempts_.made_;
      ++attempts_.running_;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { --attempts_.running_; }

   private:
    Attempts& attempts_;
  };

  static weft::Task<weft::CallStatus> watch(Attempts& attempts, weft::InterceptedCall& call) {
    const Running running(attempts);
    weft::CallStatus status = co_await call.proceed();
    if (status.ok()) ++attempts.answered_;
    co_return status;
  }

  std::size_t made_ = 0;
  std::size_t answered_ = 0;
  std::size_t running_ = 0;
};

// [hedge_test]
WEFT_SIM_TEST(Hedging, HasOneWinnerAndCancelsTheLoser) {
  RouteGuideFake(world.server()).get_feature([](const Point&) { return summit(); });
  world.server().keep_deadlines(false);
  Attempts attempts;
  weft::Channel channel = attempts.channel(world);
  resilient::Patience patience;
  patience.budget = absl::InfiniteDuration();
  auto hedged =
      resilient::get_hedged(routeguide::RouteGuideClient(channel), world.loop(), Point(), patience);
  const absl::StatusOr<Feature> answer = co_await std::move(hedged);
  EXPECT_EQ(answer->name(), "summit");
  co_await world.yield();              // an interceptor is torn down in the loop's next turn
  EXPECT_EQ(attempts.answered(), 1u);  // never two winners
  EXPECT_EQ(attempts.running(), 0u);   // the loser is cancelled
  world.sometimes("the first call is fast enough", attempts.made() == 1);
  world.sometimes("both calls are made", attempts.made() == 2);
}
// [/hedge_test]

WEFT_SIM_TEST(Hedging, SurvivesAFailureOfEitherCall, weft::sim::ExploreOptions().deviations(4)) {
  RouteGuideFake(world.server()).get_feature([](const Point&) { return summit(); });
  world.server().keep_deadlines(false);
  world.allow(weft::sim::fault::reset(weft::Http2Error::internal_error));
  Attempts attempts;
  weft::Channel channel = attempts.channel(world);
  resilient::Patience patience;
  patience.budget = absl::InfiniteDuration();
  auto hedged =
      resilient::get_hedged(routeguide::RouteGuideClient(channel), world.loop(), Point(), patience);
  const absl::StatusOr<Feature> answer = co_await std::move(hedged);
  EXPECT_EQ(answer->name(), "summit");
  co_await world.yield();
  EXPECT_EQ(attempts.answered(), 1u);
  EXPECT_EQ(attempts.running(), 0u);
}

// A service that is away for the first `failures` calls.
void serve_after(weft::sim::World& world, std::size_t failures) {
  RouteGuideFake(world.server())
      .get_feature(
          [failures, calls = std::size_t{0}](const Point&) mutable -> absl::StatusOr<Feature> {
            if (calls++ < failures) return absl::UnavailableError("not yet");
            return summit();
          });
  world.server().keep_deadlines(false);
}

// [retry_test]
WEFT_SIM_TEST(Retries, BackOffWithinTheBudget) {
  serve_after(world, 2);
  Attempts attempts;
  weft::Channel channel = attempts.channel(world);
  const resilient::Patience patience;
  auto trying = resilient::get_with_retries(routeguide::RouteGuideClient(channel), world.loop(),
                                            Point(), patience);
  const absl::StatusOr<Feature> answer = co_await std::move(trying);
  if (answer.ok()) {
    EXPECT_EQ(attempts.made(), 3u);
    EXPECT_EQ(world.elapsed(), absl::Milliseconds(50 + 100));  // the two pauses, to the millisecond
  } else {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(world.elapsed(), patience.budget);
  }
  world.outcome(absl::StatusCodeToString(answer.status().code()));
}
// [/retry_test]

WEFT_SIM_TEST(Retries, GiveUpAfterTheLastAttempt) {
  serve_after(world, 100);
  Attempts attempts;
  weft::Channel channel = attempts.channel(world);
  resilient::Patience patience;
  patience.attempts_max = 2;
  patience.budget = absl::InfiniteDuration();
  auto trying = resilient::get_with_retries(routeguide::RouteGuideClient(channel), world.loop(),
                                            Point(), patience);
  const absl::StatusOr<Feature> answer = co_await std::move(trying);
  EXPECT_EQ(answer.status(), absl::UnavailableError("not yet"));
  EXPECT_EQ(attempts.made(), 2u);
}

WEFT_SIM_TEST(Retries, DoNotSleepPastTheBudget) {
  serve_after(world, 100);
  Attempts attempts;
  weft::Channel channel = attempts.channel(world);
  resilient::Patience patience;
  patience.first_pause = absl::Seconds(3);
  auto trying = resilient::get_with_retries(routeguide::RouteGuideClient(channel), world.loop(),
                                            Point(), patience);
  const absl::StatusOr<Feature> answer = co_await std::move(trying);
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(attempts.made(), 1u);
  EXPECT_LE(world.elapsed(), patience.budget);
}

}  // namespace
