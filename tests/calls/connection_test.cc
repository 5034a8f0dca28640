// Connecting, not connecting, and losing the connection.

#include <string>

#include "call_test.h"
#include "reserved_port.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

class Connection : public CallTest {
 protected:
  static std::shared_ptr<Transport> nowhere() {
    return GrpcTransport::create(unreachable_target(),
                                 GrpcTransportOptions().reconnect_backoff(absl::Milliseconds(20),
                                                                          absl::Milliseconds(50)))
        .value();
  }
};

TEST_F(Connection, ThatFailsEndsEveryKindOfCallAsUnavailable) {
  Channel channel_to_nowhere(nowhere(), loop);
  auto unary = channel_to_nowhere.unary_unary(unary_unary, request("x"));
  EXPECT_THAT(run(unary).status(), HasCode(StatusCode::kUnavailable));
  EXPECT_FALSE(run(unary.debug_error_string())->empty());
  auto stream = channel_to_nowhere.unary_stream(unary_stream, request("x"));
  EXPECT_THAT(run(stream.read()).status(), HasCode(StatusCode::kUnavailable));
  auto writer = channel_to_nowhere.stream_unary(stream_unary);
  EXPECT_THAT(run(writer.write(request("x"))), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(run(writer.write(request("x"))).message(), already_finished_text);
  auto both = channel_to_nowhere.stream_stream(stream_stream);
  EXPECT_THAT(run(both.wait_for_connection()), HasCode(StatusCode::kUnavailable));
}

TEST_F(Connection, IsWaitedForByACallThatSaysSo) {
  const ReservedPort port;
  Channel patient(
      GrpcTransport::create(port.target(), GrpcTransportOptions().reconnect_backoff(
                                               absl::Milliseconds(20), absl::Milliseconds(50)))
          .value(),
      loop);
  auto call = patient.unary_unary(unary_unary, request("patience"),
                                  CallOptions().wait_for_ready().timeout(absl::Minutes(2)));
  EXPECT_EQ(
      run(when_any(call.code(), patient.wait_for_state_change(ConnectivityState::idle))).index(),
      1u);
  const Peer late = start_echo_server(peer_language(), {"--port", std::to_string(port.number())});
  const absl::StatusOr<EchoResponse>& response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "patience");
}

TEST_F(Connection, ThatIsLostEndsStreamsAsUnavailable) {
  std::optional<Peer> mortal = start_echo_server(peer_language());
  Channel to_mortal(GrpcTransport::create(mortal->target()).value(), loop);
  auto call = to_mortal.stream_stream(stream_stream);
  EXPECT_EQ(run(call.write(request("x"))), absl::OkStatus());
  EXPECT_TRUE(run(call.read()));
  mortal->kill();
  EXPECT_THAT(run(call.read()).status(), HasCode(StatusCode::kUnavailable));
}

TEST_F(Connection, StateGoesFromIdleToReadyAndEndsWithTheChannel) {
  EXPECT_EQ(channel.state(), ConnectivityState::idle);
  EXPECT_EQ(run(channel.ready()), absl::OkStatus());
  EXPECT_EQ(channel.state(), ConnectivityState::ready);
  auto wait_and_close = [&]() -> Task<absl::StatusOr<ConnectivityState>> {
    auto change = channel.wait_for_state_change(ConnectivityState::ready);
    auto close = channel.close();
    auto both = when_all(std::move(change), std::move(close));
    auto results = co_await std::move(both);
    co_return std::get<0>(results);
  };
  EXPECT_TRUE(is_usage_error(run(wait_and_close()).status()));
  EXPECT_EQ(channel.state(/*try_to_connect=*/true), ConnectivityState::shutdown);
  EXPECT_TRUE(is_usage_error(run(channel.ready())));
}

TEST_F(Connection, StateThatIsWaitedForWhileTheChannelClosesIsShutdown) {
  auto wait = [&]() -> Task<absl::StatusOr<ConnectivityState>> {
    co_return co_await channel.wait_for_state_change(ConnectivityState::idle);
  };
  auto close = [&]() -> Task<> { co_await channel.close(); };
  const auto results = run(when_all(wait(), close()));
  EXPECT_EQ(std::get<0>(results).value(), ConnectivityState::shutdown);
}

TEST_F(Connection, StateOfNowhereIsTransientFailureAndReadyGivesUpAtItsDeadline) {
  Channel channel_to_nowhere(nowhere(), loop);
  const absl::Status never =
      run(channel_to_nowhere.ready(Deadline::after(loop.now(), absl::Milliseconds(100))));
  EXPECT_THAT(never, HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(Connection, OfATransportThatIsShutDownIsNoMore) {
  auto live = channel.stream_stream(stream_stream);
  EXPECT_EQ(run(live.write(request("x"))), absl::OkStatus());
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  EXPECT_THAT(run(channel.unary_unary(unary_unary, request("x"))).status(),
              HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(run(live.read()));
  transport->shutdown(ShutdownMode::immediate, CallStatus(StatusCode::kUnavailable, "lights out"));
  EXPECT_THAT(run(live.status()), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(run(live.details()), "lights out");
}

}  // namespace
}  // namespace weft::test
