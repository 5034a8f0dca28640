// How a simulated transport stops, and what call credentials do to a call.

#include <optional>
#include <string>
#include <utility>

#include "stream_fixture.h"

namespace weft::sim {
namespace {

using test::Recorded;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SimShutdown : public test::StreamTest {
 protected:
  void shut_down_in_order() { transport->shutdown(ShutdownMode::graceful, CallStatus()); }
  void shut_down_now() {
    transport->shutdown(ShutdownMode::immediate, CallStatus(StatusCode::kAborted, "bye"));
  }
};

TEST_F(SimShutdown, AGracefulOneLetsCallsRunOnAndTakesNoNewOnesT81) {
  start_and_reach();
  shut_down_in_order();
  EXPECT_EQ(transport->connectivity(true), ConnectivityState::shutdown);
  Client& late = start_another();
  run();
  EXPECT_EQ(late.code(), StatusCode::kUnavailable);
  EXPECT_EQ(late.status().details, "the transport is shut down");
  EXPECT_EQ(late.status().progress, Progress::never_left);
  EXPECT_FALSE(client.over());
  peer.call->finish(CallStatus());
  run();
  EXPECT_TRUE(client.status().ok());
}

TEST_F(SimShutdown, ACallThatHasNoConnectionYetIsNotSentAnyMoreT81) {
  connect(SimTransportOptions());
  start();
  shut_down_in_order();
  run_all();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimShutdown, AnImmediateOneGivesEveryCallItsStatusT82) {
  start_and_reach();
  Client& created = open();
  ASSERT_TRUE(client.receive().ok());
  shut_down_now();
  EXPECT_THAT(client.ended.results, IsEmpty());  // T31
  created.start();
  run();
  EXPECT_EQ(client.status().to_string(), "ABORTED: bye");
  EXPECT_THAT(client.got(), ElementsAre("failed"));
  EXPECT_EQ(created.status().to_string(), "ABORTED: bye");
  EXPECT_TRUE(peer.cancelled);
}

TEST_F(SimShutdown, AnImmediateOneMayFollowAGracefulOne) {
  start_and_reach();
  shut_down_in_order();
  shut_down_in_order();
  run();
  EXPECT_FALSE(client.over());
  shut_down_now();
  run();
  EXPECT_EQ(client.code(), StatusCode::kAborted);
}

TEST_F(SimShutdown, AnImmediateOneComesTooLateForACallThatHasEndedT32) {
  start_and_reach();
  peer.call->finish(CallStatus(StatusCode::kNotFound, "none"));
  run();
  shut_down_now();
  run();
  EXPECT_EQ(client.code(), StatusCode::kNotFound);
}

TEST_F(SimShutdown, NothingComesAfterTheLastStatusT86) {
  start_and_reach();
  shut_down_now();
  run_all();
  const std::size_t steps = world.execution().steps;
  client.stream.reset();
  run_all();
  EXPECT_EQ(world.execution().steps, steps);
  EXPECT_EQ(client.ended.results.size(), 1u);
  EXPECT_EQ(client.headers.results.size(), 1u);
}

TEST_F(SimShutdown, ItMayHappenInsideACompletionT63) {
  start();
  client.started.then = [&] { shut_down_now(); };
  run();
  EXPECT_EQ(client.code(), StatusCode::kAborted);
}

TEST_F(SimShutdown, AStreamKeepsItsTransportAliveT07) {
  start_and_reach();
  transport.reset();
  run();
  EXPECT_FALSE(client.over());
  peer.call->finish(CallStatus());
  run();
  EXPECT_TRUE(client.status().ok());
}

// --- credentials ---

// Gives what the test says, when the test says it.
class Token final : public CallCredentials {
 public:
  void fetch(const Request& request, Done done) override {
    url = std::string(request.service_url);
    name = std::string(request.method_name);
    if (at_once.has_value()) return std::move(done)(*at_once);
    pending = std::move(done);
  }

  std::optional<absl::StatusOr<Metadata>> at_once;
  Done pending;
  std::string url;
  std::string name;
};

class SimCredentials : public test::StreamTest {
 protected:
  SimCredentials() { connect(SimTransportOptions().secure()); }

  StreamOptions with_token() const {
    StreamOptions options(method, CallKind::stream_stream);
    options.metadata = Metadata{{"mine", "1"}};
    options.credentials = token;
    return options;
  }

  std::shared_ptr<Token> token = std::make_shared<Token>();
};

TEST_F(SimCredentials, TheirMetadataFollowTheCallsOwn) {
  token->at_once = Metadata{{"authorization", "token"}};
  start_and_reach(with_token());
  EXPECT_EQ(token->url, "https://server/test.Service");
  EXPECT_EQ(token->name, "Talk");
  EXPECT_EQ(peer.call->metadata(), (Metadata{{"mine", "1"}, {"authorization", "token"}}));
}

// gRPC's plugins fail so, and CallCredentials promises it.
TEST_F(SimCredentials, AFailureIsUnavailableAndNothingIsSentF34) {
  token->at_once = absl::InternalError("no token");
  start(with_token());
  run();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
  EXPECT_THAT(client.status().details, HasSubstr("no token"));
  EXPECT_EQ(client.status().progress, Progress::never_left);
  EXPECT_EQ(world.server().calls_seen(), 0u);
}

TEST_F(SimCredentials, ACallWaitsForThemAlsoWhenTheConnectionIsReadyBeforeF34) {
  (void)transport->connectivity(true);
  start(with_token());
  run();
  EXPECT_EQ(transport->connectivity(false), ConnectivityState::ready);
  EXPECT_THAT(client.started.results, IsEmpty());
  std::move(token->pending)(Metadata{{"authorization", "token"}});
  run();
  EXPECT_THAT(client.started.results, ElementsAre(OperationResult::ok));
  EXPECT_TRUE(peer.call->metadata().contains("authorization"));
}

TEST_F(SimCredentials, TheDeadlineDoesNotWaitForThemF34) {
  StreamOptions options = with_token();
  options.deadline = Deadline::after(Instant(), absl::Seconds(1));
  start(std::move(options));
  run_all();
  EXPECT_EQ(client.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  std::move(token->pending)(Metadata());  // too late, and harmless
  run_all();
}

TEST_F(SimCredentials, AShutdownDoesNotWaitForThem) {
  start(with_token());
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  run();
  EXPECT_EQ(client.code(), StatusCode::kUnavailable);
}

TEST_F(SimCredentials, TheyMayComeWhenTheCallIsGone) {
  start(with_token());
  client.stream.reset();
  run();
  EXPECT_EQ(client.code(), StatusCode::kCancelled);
  std::move(token->pending)(Metadata());
  run();
}

TEST_F(SimCredentials, ThoseThatComeAfterTheEndMakeNoEvent) {
  start(with_token());
  client.cancel();
  std::move(token->pending)(Metadata());
  world.settle();
  EXPECT_FALSE(world.step());
}

TEST_F(SimCredentials, AnInsecureTransportRefusesThem) {
  connect(SimTransportOptions().connected());
  start(with_token());
  run();
  EXPECT_EQ(client.code(), StatusCode::kInternal);
  EXPECT_EQ(client.status().progress, Progress::never_left);
  EXPECT_EQ(token->url, "");
}

}  // namespace
}  // namespace weft::sim
