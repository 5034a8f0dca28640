// Where calls are made from: its end, its connection, what it is made with.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beside.h"
#include "connectivity.h"
#include "each_kind.h"
#include "weft/api/task_scope.h"
#include "weft/transport/wrapping_transport.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;

using State = ConnectivityState;

// --- closing ---

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, OfItsScopeClosesItWithoutGrace, "B400 B402") {
  std::optional<Channel> scoped(std::in_place, setting.transport(), setting.loop());
  auto call = open(*scoped, method, silent_request());
  const auto leave = setting.anytime("channel1.leave", [&] {
    EXPECT_FALSE(call.done());
    scoped.reset();
    EXPECT_TRUE(call.cancelled());
  });
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), IsLocalCancel());
}

// Decided: misuse shows in the call, which is done from birth, as nothing else would tell a call
// that is made in a coroutine's middle from one that fails there.
BEHAVIOUR_OF_EACH_KIND(ChannelEnd, RefusesNewCallsAtOnce, "B401") {
  Channel channel(setting.transport(), setting.loop());
  const Task<> closing = channel.close(absl::Seconds(10));
  EXPECT_TRUE(channel.closed());
  auto call = open(channel, method, request("x"));
  EXPECT_TRUE(call.done());
  EXPECT_THAT(co_await call.status(), IsUsageError("Channel is closed."));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), IsUsageError("Channel is closed."));
  EXPECT_EQ(call.outcome()->progress, Progress::never_left);
}

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, CancelsCallsThatHaveNotStarted, "B402 R2-42") {
  Channel channel(setting.transport(), setting.loop());
  auto call = open(channel, method, request("x"));
  EXPECT_FALSE(call.done());
  const Task<> closing = channel.close();
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
}

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, CancelsCallsInFlightAndTellsTheServer, "B402 R1-14") {
  const std::string name = setting.new_name();
  Channel channel(setting.transport(), setting.loop());
  auto call = open(channel, method, silent_request(), headers_at_once().metadata("watch", name));
  (void)co_await call.initial_metadata();
  co_await channel.close();
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, WithGraceLetsCallsFinish, "B403") {
  Channel channel(setting.transport(), setting.loop());
  auto call = open(channel, method, request("x"));
  if constexpr (requires { call.discard(); }) call.discard();
  co_await channel.close(absl::Seconds(30));
  // Any grace may pass first in the simulator.
  EXPECT_TRUE(call.done());
  const absl::Status end = co_await call.status();
  if (!setting.simulated()) {
    EXPECT_EQ(end, absl::OkStatus());
  }
  EXPECT_THAT(end, AnyOf(absl::OkStatus(), IsLocalCancel()));
  setting.sometimes("the call finished", end.ok());
}

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, WithGraceCancelsWhatIsLeftBehindIt, "B403 R1-12") {
  Channel channel(setting.transport(), setting.loop());
  auto call = open(channel, method, silent_request());
  const Instant begin = setting.loop().now();
  co_await channel.close(absl::Milliseconds(20));
  EXPECT_GE(setting.loop().now() - begin, absl::Milliseconds(20));
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
}

// Decided: a negative grace is what is left of a time that has passed, and is none.
BEHAVIOUR(ChannelEnd, WithAGraceOfNothingOrLessIsAtOnce, "B404") {
  for (const absl::Duration grace : {absl::ZeroDuration(), absl::Seconds(-5)}) {
    Channel channel(setting.transport(), setting.loop());
    auto call = channel.stream_stream(stream_stream);
    const Task<> closing = channel.close(grace);
    EXPECT_TRUE(call.cancelled());
  }
  co_return;
}

BEHAVIOUR(ChannelEnd, MayComeSeveralTimes, "B405") {
  Channel channel(setting.transport(), setting.loop());
  auto call = channel.stream_stream(stream_stream);
  TaskScope patient(setting.loop());
  patient.spawn(channel.close(absl::Hours(1)));
  EXPECT_FALSE(call.done());
  co_await channel.close();
  EXPECT_TRUE(call.cancelled());
  co_await patient.join();
  co_await channel.close(absl::Seconds(30));
  co_await channel.close();
  EXPECT_TRUE(channel.closed());
}

BEHAVIOUR_OF_EACH_KIND(ChannelEnd, LeavesOtherChannelsAlone, "B406") {
  const std::shared_ptr<Transport> transport = setting.transport();
  Channel one(transport, setting.loop());
  Channel other(transport, setting.loop());
  auto cancelled = open(one, method, silent_request());
  auto call = open(other, method, request("x"));
  const Task<> closing = one.close();
  EXPECT_TRUE(cancelled.cancelled());
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  EXPECT_FALSE(other.closed());
}

BEHAVIOUR(ChannelEnd, FindsAStreamThatIsIdle, "B407 R1-13 R2-41") {
  const std::string name = setting.new_name();
  Channel channel(setting.transport(), setting.loop());
  auto call = channel.stream_stream(stream_stream, CallOptions().metadata("watch", name));
  const EchoRequest one = request("x");
  EXPECT_EQ(co_await call.write(one), absl::OkStatus());
  EXPECT_TRUE(co_await call.read());
  const EchoRequest silence = silent_request();
  EXPECT_EQ(co_await call.write(silence), absl::OkStatus());
  auto silent = silence_seen_by_server(setting, name);
  co_await std::move(silent);
  co_await channel.close(absl::Milliseconds(10));
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.write(one), IsUsageError("RPC already finished."));
  const auto late = co_await call.read();
  EXPECT_THAT(late.status(), IsLocalCancel());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

// --- states ---

BEHAVIOUR(ChannelStates, OfAClosedChannelIsShutdown, "B408") {
  Channel channel(setting.transport(), setting.loop());
  co_await channel.close();
  EXPECT_EQ(channel.state(), State::shutdown);
  EXPECT_EQ(channel.state(/*try_to_connect=*/true), State::shutdown);
}

Task<> close_in_a_turn(Channel& channel) {
  co_await channel.close();
}

BEHAVIOUR(ChannelStates, ThatAreWaitedForWhenItClosesAreShutdown, "B409") {
  Channel channel(setting.transport(), setting.loop());
  TaskScope closing(setting.loop());
  closing.spawn(close_in_a_turn(channel));
  auto waiting = channel.wait_for_state_change(State::idle);
  const absl::StatusOr<State> state = co_await std::move(waiting);
  EXPECT_EQ(state.value(), State::shutdown);
  auto late = channel.wait_for_state_change(State::idle);
  const absl::StatusOr<State> refused = co_await std::move(late);
  EXPECT_THAT(refused.status(), IsUsageError("Channel is closed."));
}

BEHAVIOUR(ChannelStates, GoFromIdleToReadyOnceAskedFor, "B410 B411") {
  Channel channel(setting.transport(), setting.loop());
  EXPECT_EQ(channel.state(), State::idle);
  EXPECT_EQ(channel.state(/*try_to_connect=*/true), State::idle);
  auto connecting = until(channel, State::ready);
  co_await std::move(connecting);
  EXPECT_EQ(channel.state(), State::ready);
}

BEHAVIOUR(ChannelStates, GoToTransientFailureWhereNobodyListens, "B411") {
  Channel nowhere(setting.unreachable(), setting.loop());
  EXPECT_EQ(nowhere.state(/*try_to_connect=*/true), State::idle);
  auto failing = until(nowhere, State::transient_failure);
  co_await std::move(failing);
}

// Decided: a wait that is given a deadline ends there with the state as it is, which is no error.
BEHAVIOUR(ChannelStates, StayWhileNobodyConnects, "B412 B416 R1-29") {
  Channel channel(setting.transport(), setting.loop());
  auto waiting = channel.wait_for_state_change(
      State::idle, Deadline::after(setting.loop().now(), absl::Milliseconds(30)));
  const absl::StatusOr<State> state = co_await std::move(waiting);
  EXPECT_EQ(state.value(), State::idle);
  EXPECT_EQ(channel.state(), State::idle);
}

Task<> shut_down_in_a_turn(Transport& transport) {
  transport.shutdown(ShutdownMode::graceful, CallStatus());
  co_return;
}

BEHAVIOUR(ChannelStates, OfATransportThatIsShutDownEndTheWait, "B416 R1-29") {
  const std::shared_ptr<Transport> transport = setting.transport();
  Channel channel(transport, setting.loop());
  TaskScope stopping(setting.loop());
  stopping.spawn(shut_down_in_a_turn(*transport));
  auto waiting = channel.wait_for_state_change(State::idle);
  const absl::StatusOr<State> state = co_await std::move(waiting);
  EXPECT_EQ(state.value(), State::shutdown);
  auto readiness = channel.ready();
  EXPECT_THAT(co_await std::move(readiness), HasCode(StatusCode::kUnavailable));
}

BEHAVIOUR(ChannelStates, AreWaitedThroughUntilReady, "B413") {
  const auto server = setting.start_server(ServerOptions().stopped());
  Channel channel(setting.transport_to(*server), setting.loop());
  Beside readiness(setting.loop(), channel.ready());
  auto failing = until(channel, State::transient_failure);
  co_await std::move(failing);
  EXPECT_FALSE(readiness.result().has_value());
  server->start();
  co_await readiness.over();
  EXPECT_EQ(*readiness.result(), absl::OkStatus());
  EXPECT_EQ(channel.state(), State::ready);
}

BEHAVIOUR(ChannelStates, AreWaitedThroughUntilTheDeadline, "B413") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto readiness = nowhere.ready(Deadline::after(setting.loop().now(), absl::Milliseconds(30)));
  EXPECT_THAT(co_await std::move(readiness), HasCode(StatusCode::kDeadlineExceeded));
}

BEHAVIOUR(ChannelStates, OfAClosedChannelAreNotWaitedFor, "B413") {
  Channel channel(setting.transport(), setting.loop());
  co_await channel.close();
  auto readiness = channel.ready();
  EXPECT_THAT(co_await std::move(readiness), IsUsageError("Channel is closed."));
}

// --- what it is made with ---

GrpcTransportOptions odd_arguments() {
  return GrpcTransportOptions()
      .channel_argument("weft.test.integer", -1)
      .channel_argument("weft.test.text", "\xc3\xa4 and more")
      .channel_argument("weft.test.empty", "");
}

BEHAVIOUR(ChannelArguments, ThatNobodyKnowsDoNoHarm, "B414") {
  Channel channel(setting.transport(TransportWishes().over_grpc(odd_arguments())), setting.loop());
  auto call = channel.unary_unary(unary_unary, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
}

BEHAVIOUR(ChannelArguments, ThatAreMalformedGiveNoTransport, "B414") {
  if (setting.simulated()) co_return;  // gRPC asks for the real time, which a simulation forbids
  const GrpcTransportOptions malformed[] = {
      GrpcTransportOptions().channel_argument("", 1),
      GrpcTransportOptions().channel_argument(std::string("a\0b", 3), "c"),
      GrpcTransportOptions().channel_argument("a", std::string("b\0c", 3)),
      GrpcTransportOptions().keepalive(absl::ZeroDuration(), absl::Seconds(1))};
  for (const GrpcTransportOptions& options : malformed) {
    const auto transport = GrpcTransport::create("localhost:1", options);
    EXPECT_THAT(transport.status(), HasCode(StatusCode::kInvalidArgument));
  }
}

BEHAVIOUR(ChannelArguments, AServiceConfigThatIsNoJsonFailsCalls, "B414") {
  if (setting.simulated()) co_return;  // nothing there has a service config
  const auto options = GrpcTransportOptions().service_config("{ this is no JSON");
  Channel channel(setting.transport(TransportWishes().over_grpc(options)), setting.loop());
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_THAT(co_await call.status(), HasCode(StatusCode::kInvalidArgument));
}

BEHAVIOUR(ChannelArguments, TheUserAgentBeginsWithTheUsersAndThenWefts, "B415") {
  if (setting.simulated()) co_return;  // nothing there has a user agent: no HTTP/2 is spoken
  Channel channel(
      setting.transport(TransportWishes().over_grpc(GrpcTransportOptions().user_agent("tester/1"))),
      setting.loop());
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions().metadata("tell-user-agent", "1"));
  const Metadata trailing = co_await call.trailing_metadata();
  EXPECT_THAT(std::string(trailing.get("seen-user-agent").value_or("nothing")),
              testing::StartsWith("tester/1 weft/"));
}

// --- what holds it ---

// What a generated stub is: an object that owns what its calls need.
class EchoClient {
 public:
  explicit EchoClient(Channel channel) : channel_(std::move(channel)) {}
  auto echo(const EchoRequest& message) { return channel_.unary_unary(unary_unary, message); }

 private:
  Channel channel_;
};

BEHAVIOUR(ChannelOwnership, AClientObjectKeepsItWithAllItsCalls, "B417") {
  std::optional<Channel> channel(std::in_place, setting.transport(), setting.loop());
  auto before = channel->unary_unary(unary_unary, request("before"));
  EchoClient client(*std::move(channel));
  channel.reset();
  EXPECT_EQ((co_await before)->payload(), "before");
  auto after = client.echo(request("after"));
  EXPECT_EQ((co_await after)->payload(), "after");
}

// Notes the methods of the streams that it makes over another transport.
class NotingTransport final : public WrappingTransport {
 public:
  explicit NotingTransport(std::shared_ptr<Transport> inner)
      : WrappingTransport(std::move(inner)) {}

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override {
    methods.emplace_back(options.method);
    return inner().create_stream(loop, std::move(options));
  }

  std::vector<std::string> methods;
};

BEHAVIOUR(ChannelOwnership, AMethodIsAConstantAndWhatWrapsATransportSeesItsName, "B418") {
  static constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> method("/weft.test.Echo/UnaryUnary");
  const auto noting = std::make_shared<NotingTransport>(setting.transport());
  Channel channel(noting, setting.loop());
  auto first = channel.unary_unary(method, request("1"));
  EXPECT_EQ((co_await first)->payload(), "1");
  auto second = channel.unary_unary(method, request("2"));
  EXPECT_EQ((co_await second)->payload(), "2");
  EXPECT_THAT(noting->methods, ElementsAre(method.full_name(), method.full_name()));
}

}  // namespace
}  // namespace weft::test
