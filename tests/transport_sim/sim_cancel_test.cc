// Cancels and deadlines of a simulated stream: they end everything, first cause wins, nothing comes
// on the caller's stack.

#include <string>
#include <utility>

#include "stream_fixture.h"

namespace weft::sim {
namespace {

using test::Recorded;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using SimCancel = test::StreamTest;
using SimDeadline = test::StreamTest;

// --- cancel ---

TEST_F(SimCancel, IsIdempotentAndSaysWhetherItWasTheOneT30T36) {
  start_and_reach();
  EXPECT_TRUE(client.cancel());
  EXPECT_FALSE(client.cancel());
  run();
  EXPECT_FALSE(client.cancel());
  EXPECT_THAT(client.ended.results, SizeIs(1));
}

TEST_F(SimCancel, RunsNothingOnItsStackT31) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  client.cancel();
  EXPECT_THAT(client.got(), IsEmpty());
  EXPECT_THAT(client.ended.results, IsEmpty());
}

TEST_F(SimCancel, TheFirstCauseWinsT32) {
  start_and_reach();
  EXPECT_TRUE(client.stream->cancel(StatusCode::kAborted, "first"));
  EXPECT_FALSE(client.stream->cancel(StatusCode::kInternal, "second"));
  peer.call->finish(CallStatus(StatusCode::kNotFound, "third"));
  world.server().stop();
  run();
  EXPECT_EQ(client.status().to_string(), "ABORTED: first");
}

TEST_F(SimCancel, ComesTooLateAfterThePeersStatusT32) {
  start_and_reach();
  peer.call->finish(CallStatus(StatusCode::kNotFound, "none"));
  run();
  EXPECT_FALSE(client.cancel());
  EXPECT_EQ(client.code(), StatusCode::kNotFound);
}

TEST_F(SimCancel, CompletesEverythingWithoutThePeerT33) {
  connect(SimTransportOptions().connected().window(1));
  peer.wants_messages = false;
  start_and_reach();
  ASSERT_TRUE(client.send("more than the window").ok());
  ASSERT_TRUE(client.close().ok());
  ASSERT_TRUE(client.receive().ok());
  run();
  client.cancel();
  world.settle();  // no event is needed
  EXPECT_THAT(client.headers.results, SizeIs(1));
  EXPECT_THAT(client.sent.results, ElementsAre(OperationResult::failed));
  EXPECT_THAT(client.closed.results, ElementsAre(OperationResult::failed));
  EXPECT_THAT(client.got(), ElementsAre("failed"));
  EXPECT_EQ(client.status().details, "enough");
}

TEST_F(SimCancel, CompletesAStartThatIsNotAcceptedT33) {
  connect(SimTransportOptions());
  start();
  client.cancel();
  world.settle();
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::failed));
  EXPECT_FALSE(client.headers.results.at(0).present);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  run();
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimCancel, BeforeStartLetsNothingReachThePeerT34) {
  Client& created = open();
  EXPECT_TRUE(created.cancel());
  created.start();
  ASSERT_TRUE(created.send("m").ok());
  ASSERT_TRUE(created.close().ok());
  ASSERT_TRUE(created.receive().ok());
  run();
  EXPECT_THAT(created.started.results, ElementsAre(OperationResult::failed));
  EXPECT_THAT(created.sent.results, ElementsAre(OperationResult::failed));
  EXPECT_THAT(created.got(), ElementsAre("failed"));
  EXPECT_EQ(created.status().details, "enough");
  EXPECT_EQ(created.status().progress, Progress::never_left);
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimCancel, ThePeerLearnsOfItLaterT35) {
  start_and_reach();
  client.cancel();
  world.settle();
  EXPECT_TRUE(client.over());
  EXPECT_FALSE(peer.cancelled);
  EXPECT_TRUE(peer.call->cancelled());
  run();
  EXPECT_TRUE(peer.cancelled);
}

TEST_F(SimCancel, WhatThePeerSendsAfterwardsGoesNowhere) {
  start_and_reach();
  client.cancel();
  peer.call->send_headers({{"late", "1"}});
  peer.call->send_message(Bytes::copy_of("late"));
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_FALSE(client.headers.results.at(0).present);
  EXPECT_THAT(client.got(), ElementsAre("failed"));
}

TEST_F(SimCancel, DropsMessagesThatWereNotReadT37) {
  start_and_reach();
  peer.call->send_message(Bytes::copy_of("one"));
  peer.call->finish(CallStatus());
  run();
  EXPECT_TRUE(client.cancel());
  run();
  EXPECT_EQ(client.code(), StatusCode::kCancelled);
}

TEST_F(SimCancel, IsTellableFromAPeersOwnT38) {
  start_and_reach();
  client.cancel();
  Client& other = start_another();
  run();
  peer.call->finish(CallStatus(StatusCode::kCancelled, "by the peer"));
  run();
  EXPECT_TRUE(client.status().locally_cancelled);
  EXPECT_FALSE(other.status().locally_cancelled);
  EXPECT_EQ(other.code(), StatusCode::kCancelled);
}

TEST_F(SimCancel, MayComeInsideAnyCompletionT30) {
  start_and_reach();
  client.headers.then = [this] { client.cancel(); };
  peer.call->send_headers(Metadata());
  run();
  EXPECT_EQ(client.code(), StatusCode::kCancelled);
  EXPECT_FALSE(client.cancel());
}

TEST_F(SimCancel, DroppingTheStreamIsOneAndItsCompletionsStillComeT06) {
  start_and_reach();
  ASSERT_TRUE(client.receive().ok());
  client.stream.reset();
  EXPECT_THAT(client.got(), IsEmpty());
  run();
  EXPECT_THAT(client.got(), ElementsAre("failed"));
  EXPECT_EQ(client.status().details, "Cancelled upon destruction!");
  EXPECT_TRUE(peer.cancelled);
  EXPECT_TRUE(peer.destroyed);
}

TEST_F(SimCancel, DroppingAStreamThatWasNotStartedLeavesNothingT06) {
  open().stream.reset();
  run();
  transport.reset();
  EXPECT_THAT(world.leftovers(), IsEmpty());
}

// --- deadlines ---

TEST_F(SimDeadline, EndsTheCallAtItsInstantT41) {
  start(with_deadline(absl::Seconds(2)));
  ASSERT_TRUE(client.receive().ok());
  run();
  EXPECT_FALSE(client.over());
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
  run_all();
  EXPECT_EQ(client.status().to_string(), "DEADLINE_EXCEEDED: Deadline Exceeded");
  EXPECT_EQ(world.elapsed(), absl::Seconds(2));
  EXPECT_THAT(client.got(), ElementsAre("failed"));
  EXPECT_TRUE(peer.cancelled);
  EXPECT_EQ(client.status().progress, Progress::maybe_processed);
}

TEST_F(SimDeadline, ThatHasPassedAtTheStartLetsNothingReachThePeerT42) {
  start(with_deadline(absl::ZeroDuration()));
  run();
  EXPECT_EQ(client.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimDeadline, IsToldToThePeerT43) {
  start_and_reach(with_deadline(absl::Seconds(2)));
  EXPECT_TRUE(transport->capabilities().deadline_on_wire);
  EXPECT_EQ(peer.call->deadline(), Deadline::after(Instant(), absl::Seconds(2)));
}

TEST_F(SimDeadline, DiesWithTheCallT44) {
  start_and_reach(with_deadline(absl::Seconds(2)));
  peer.call->finish(CallStatus());
  run();
  EXPECT_TRUE(client.over());
  run_all();
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
}

TEST_F(SimDeadline, DiesWithACancelT44) {
  start_and_reach(with_deadline(absl::Seconds(2)));
  client.cancel();
  run_all();
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
}

TEST_F(SimDeadline, OfACallThatWasCancelledBeforeItsStartNeverFires) {
  Client& created = open(with_deadline(absl::Seconds(2)));
  created.cancel();
  created.start();
  run_all();
  EXPECT_EQ(created.code(), StatusCode::kCancelled);
  EXPECT_EQ(world.elapsed(), absl::ZeroDuration());
}

TEST_F(SimDeadline, ThatPassesBetweenTheStatusAndItsReadingDropsWhatWasNotReadT16) {
  start_and_reach(with_deadline(absl::Seconds(2)));
  peer.call->send_message(Bytes::copy_of("one"));
  peer.call->finish(CallStatus());
  run_all();
  EXPECT_EQ(client.code(), StatusCode::kDeadlineExceeded);
}

TEST_F(SimDeadline, FarAwayIsAsGoodAsNone) {
  StreamOptions options(method, CallKind::stream_stream);
  options.deadline = Deadline::at(Instant::from_nanoseconds(INT64_MAX - 1));
  start_and_reach(std::move(options));
  run_all();
  EXPECT_FALSE(client.over());
}

}  // namespace
}  // namespace weft::sim
