// The simulated transport's connection: connectivity, wait-for-ready, loss, credentials, shutdown.

#include <memory>
#include <string>
#include <utility>

#include "stream_fixture.h"

namespace weft::sim {
namespace {

using test::Recorded;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto idle = ConnectivityState::idle;
constexpr auto connecting = ConnectivityState::connecting;
constexpr auto ready = ConnectivityState::ready;
constexpr auto transient_failure = ConnectivityState::transient_failure;
constexpr auto shut_down = ConnectivityState::shutdown;

class SimConnectivity : public test::StreamTest {
 protected:
  SimConnectivity() { connect(SimTransportOptions()); }

  StreamOptions waiting() const {
    StreamOptions options(method, CallKind::stream_stream);
    options.wait_for_ready = true;
    return options;
  }
  ConnectivityState state() const { return transport->connectivity(false); }
  void wait_for_change(ConnectivityState last, Deadline deadline = Deadline::infinite()) {
    transport->wait_for_change(world.loop(), last, deadline, changed);
  }

  Recorded<ConnectivityState> changed;
};

// --- connecting ---

TEST_F(SimConnectivity, ATransportIsIdleUntilItIsNeeded) {
  EXPECT_EQ(state(), idle);
  run_all();
  EXPECT_EQ(state(), idle);
}

TEST_F(SimConnectivity, TryingToConnectTellsTheStateBeforeAndConnects) {
  EXPECT_EQ(transport->connectivity(true), idle);
  EXPECT_EQ(state(), connecting);
  run();
  EXPECT_EQ(state(), ready);
}

TEST_F(SimConnectivity, ACallConnectsAndIsSentWhenTheConnectionStands) {
  start();
  EXPECT_EQ(state(), connecting);
  EXPECT_THAT(client.started.results, IsEmpty());
  run();
  EXPECT_EQ(state(), ready);
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::ok));
  EXPECT_NE(peer.call, nullptr);
}

TEST_F(SimConnectivity, ATransportThatStartsConnectedIsReadyAtOnce) {
  connect(SimTransportOptions().connected());
  EXPECT_EQ(state(), ready);
}

TEST_F(SimConnectivity, ItReconnectsAfterItsBackoffWhenAskedTo) {
  world.server().stop();
  (void)transport->connectivity(true);
  run();
  EXPECT_EQ(state(), transient_failure);
  EXPECT_EQ(transport->connectivity(true), transient_failure);
  world.server().start();
  run_all();
  EXPECT_EQ(state(), ready);
  EXPECT_EQ(world.elapsed(), absl::Seconds(1));
}

// --- changes ---

TEST_F(SimConnectivity, AWaitEndsWithTheFirstStateThatDiffers) {
  wait_for_change(idle);
  run();
  EXPECT_THAT(changed.results, IsEmpty());
  (void)transport->connectivity(true);
  EXPECT_THAT(changed.results, IsEmpty());  // T61
  world.settle();
  EXPECT_THAT(changed.results, ElementsAre(connecting));
}

TEST_F(SimConnectivity, AWaitForAnotherStateThanTheLastEndsInTheNextTurn) {
  wait_for_change(ready);
  EXPECT_THAT(changed.results, IsEmpty());  // T61
  world.settle();
  EXPECT_THAT(changed.results, ElementsAre(idle));
}

TEST_F(SimConnectivity, EveryStateOnTheWayIsSeenOnceT84) {
  std::vector<ConnectivityState> seen;
  changed.then = [&] {
    seen.push_back(changed.results.back());
    if (seen.back() != shut_down) wait_for_change(seen.back());
  };
  wait_for_change(idle);
  (void)transport->connectivity(true);
  run();
  world.server().stop();
  run();
  (void)transport->connectivity(true);
  run();
  world.server().start();
  run_all();
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  run_all();
  EXPECT_THAT(seen, ElementsAre(connecting, ready, idle, connecting, transient_failure, connecting,
                                ready, shut_down));
}

TEST_F(SimConnectivity, AWaitEndsAtItsDeadlineWithTheSameState) {
  wait_for_change(idle, Deadline::after(Instant(), absl::Seconds(3)));
  run();
  EXPECT_THAT(changed.results, IsEmpty());
  run_all();
  EXPECT_THAT(changed.results, ElementsAre(idle));
  EXPECT_EQ(world.elapsed(), absl::Seconds(3));
}

TEST_F(SimConnectivity, AWaitThatIsNotWantedEndsInTheNextTurnAndOnce) {
  wait_for_change(idle, Deadline::after(Instant(), absl::Seconds(3)));
  transport->cancel_wait(changed);
  transport->cancel_wait(changed);
  EXPECT_THAT(changed.results, IsEmpty());  // T61
  world.settle();
  EXPECT_THAT(changed.results, ElementsAre(idle));
  transport->cancel_wait(changed);
  run_all();
  EXPECT_EQ(changed.results.size(), 1u);
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
}

TEST_F(SimConnectivity, AfterShutdownEveryWaitEndsAtOnceT84) {
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  wait_for_change(shut_down);
  world.settle();
  EXPECT_THAT(changed.results, ElementsAre(shut_down));
}

TEST_F(SimConnectivity, AWaitKeepsItsTransportAliveT07) {
  wait_for_change(idle, Deadline::after(Instant(), absl::Seconds(3)));
  transport.reset();
  run_all();
  EXPECT_THAT(changed.results, ElementsAre(idle));
  EXPECT_THAT(world.leftovers(), IsEmpty());
}

// --- wait for ready ---

TEST_F(SimConnectivity, ACallThatFailsFastIsUnavailableWhenNobodyListensT80) {
  world.server().stop();
  start();
  run_all();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::failed));
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
}

TEST_F(SimConnectivity, ACallThatFailsFastWaitsWhileTheConnectionIsBeingMadeT80) {
  (void)transport->connectivity(true);
  start();
  run();
  EXPECT_FALSE(client.over());
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::ok));
}

TEST_F(SimConnectivity, ACallThatWaitsForReadyRunsWhenTheServerAppearsT80) {
  world.server().stop();
  start(waiting());
  run();
  EXPECT_EQ(state(), transient_failure);
  EXPECT_FALSE(client.over());
  world.server().start();
  run_all();
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::ok));
  EXPECT_EQ(world.elapsed(), absl::Seconds(1));
}

TEST_F(SimConnectivity, WaitingForReadyMayBeTheTransportsDefaultAndTheCallsChoice) {
  connect(SimTransportOptions().wait_for_ready());
  world.server().stop();
  start();
  StreamOptions fails_fast(method, CallKind::stream_stream);
  fails_fast.wait_for_ready = false;
  Client& other = start_another(fails_fast);
  run();
  EXPECT_FALSE(client.over());
  EXPECT_EQ(other.code(), StatusCode::kUnavailable);
}

TEST_F(SimConnectivity, ACallThatWaitsObeysCancelAndDeadlineT80) {
  world.server().stop();
  StreamOptions options = waiting();
  options.deadline = Deadline::after(Instant(), absl::Milliseconds(500));
  start(options);
  Client& other = start_another(waiting());
  run();
  EXPECT_TRUE(other.cancel());
  run();
  EXPECT_EQ(other.code(), StatusCode::kCancelled);
  EXPECT_FALSE(client.over());
  run_until([&] { return client.over(); });
  EXPECT_EQ(client.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(client.status().progress, Progress::never_left);
}

// The connection failed for a call that did not wait; the next one waits, and is not forgotten.
TEST_F(SimConnectivity, ACallThatWaitsAfterAFailureHasTheConnectionTriedAgain) {
  world.server().stop();
  start();
  run_all();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  world.server().start();
  Client& other = start_another(waiting());
  run_all();
  EXPECT_THAT(other.started.results, ElementsAre(OperationResult::ok));
}

TEST_F(SimConnectivity, CallsThatFailFastFindTheServerAgainWhenTheBackoffIsOver) {
  world.server().stop();
  start();
  run_all();
  world.server().start();
  Client& second = start_another();
  run();
  EXPECT_EQ(second.code(), StatusCode::kUnavailable);  // fails fast, and says that it is wanted
  run_all();
  Client& third = start_another();
  run_all();
  EXPECT_THAT(third.started.results, ElementsAre(OperationResult::ok));
}

// --- loss ---

TEST_F(SimConnectivity, ALostConnectionEndsItsCallsAndTheNextCallHasANewOneT83) {
  start_and_reach();
  world.server().stop();
  run();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_EQ(client.status().progress, Progress::maybe_processed);
  EXPECT_TRUE(peer.cancelled);
  EXPECT_EQ(state(), idle);
  world.server().start();
  Client& other = start_another();
  run();
  EXPECT_EQ(state(), ready);
  EXPECT_THAT(other.started.results, ElementsAre(OperationResult::ok));
}

TEST_F(SimConnectivity, ALostConnectionTakesCallsOfAServerThatWentAwayAndATransportThatIsShutDown) {
  start_and_reach();
  world.server().go_away();
  EXPECT_EQ(state(), idle);
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  run();
  EXPECT_FALSE(client.over());
  world.server().stop();
  run();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_EQ(state(), shut_down);
}

// --- the stream limit ---

TEST_F(SimConnectivity, CallsBeyondTheLimitWaitInOrderF31) {
  connect(SimTransportOptions().connected().stream_limit(1));
  start_and_reach();
  Client& second = start_another();
  Client& third = start_another();
  run();
  EXPECT_THAT(second.started.results, IsEmpty());
  client.cancel();
  run();
  EXPECT_THAT(second.started.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(third.started.results, IsEmpty());
  second.cancel();
  run();
  EXPECT_THAT(third.started.results, ElementsAre(OperationResult::ok));
}

TEST_F(SimConnectivity, ACallThatWaitsForAPlaceAndIsCancelledLeavesItToTheNextF31) {
  connect(SimTransportOptions().connected().stream_limit(1));
  start_and_reach();
  Client& second = start_another();
  Client& third = start_another();
  second.cancel();
  client.cancel();
  run();
  EXPECT_EQ(second.status().progress, Progress::never_left);
  EXPECT_THAT(third.started.results, ElementsAre(OperationResult::ok));
}

}  // namespace
}  // namespace weft::sim
