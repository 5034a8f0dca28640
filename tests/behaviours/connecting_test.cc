// Waiting for the connection of a call, and calls that wait for one.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "connectivity.h"
#include "each_kind.h"
#include "weft/api/task_scope.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

using testing::AnyOf;

using State = ConnectivityState;

// Takes connections and says nothing.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(::listen(socket_, 10), 0);
    port_ = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(socket_); }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

template <class TypedCall>
Task<std::string> payload_of(TypedCall call) {
  if constexpr (requires { call.read(); }) {
    const auto message = co_await call.read();
    co_return message ? message->payload() : message.status().ToString();
  } else {
    const absl::StatusOr<EchoResponse>& response = co_await call;
    co_return response.ok() ? response->payload() : response.status().ToString();
  }
}

BEHAVIOUR_OF_EACH_KIND(WaitForConnection, SwallowsNothing, "B320") {
  auto call = open(setting.channel(), method, request("x"));
  EXPECT_EQ(co_await call.wait_for_connection(), absl::OkStatus());
  auto reading = payload_of(call);
  EXPECT_EQ(co_await std::move(reading), "x");
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
}

BEHAVIOUR_OF_EACH_KIND(WaitForConnection, FailsWhereNobodyListens, "B321") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open(nowhere, method, request("x"));
  EXPECT_THAT(co_await call.wait_for_connection(), HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(call.done());
  EXPECT_THAT(co_await call.wait_for_connection(), HasCode(StatusCode::kUnavailable));
}

// Decided: one meaning for all kinds, that a connected transport accepted the start. Where a start
// of its own would cost a unary call a batch, it is had with early headers.
BEHAVIOUR_OF_EACH_KIND(WaitForConnection, IsOverThoughTheServerSaysNothing, "B322") {
  auto call =
      open(setting.channel(), method, silent_request(), CallOptions().early_initial_metadata());
  EXPECT_EQ(co_await call.wait_for_connection(), absl::OkStatus());
  EXPECT_FALSE(call.done());
  EXPECT_EQ(setting.channel().state(), State::ready);
}

// Decided: a unary call with a deadline and no wish for early headers travels as one, and so it
// waits for the whole of it, errors included.
BEHAVIOUR(WaitForConnection, OfAUnaryCallWithADeadlineMayGiveItsOutcome, "B322 B323") {
  auto call = setting.channel().unary_unary(unary_unary,
                                            failing_request(StatusCode::kNotFound, "no such room"),
                                            CallOptions().timeout(absl::Minutes(1)));
  const absl::Status connected = co_await call.wait_for_connection();
  // The simulator tells the acceptance of a start apart, as a transport may.
  EXPECT_EQ(connected.ok(), !call.done());
  EXPECT_TRUE(call.done() || setting.simulated());
  const absl::Status end = co_await call.status();
  if (end.code() != StatusCode::kDeadlineExceeded || !setting.simulated()) {
    EXPECT_THAT(end, IsError(StatusCode::kNotFound, "no such room"));
  }
  EXPECT_EQ(co_await call.wait_for_connection(), end);
  setting.sometimes("it gave the outcome", !connected.ok());
}

BEHAVIOUR_OF_EACH_KIND(WaitForConnection, OfACallThatIsDoneGivesItsOutcome, "B323 B324") {
  auto failed = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "nope"));
  const absl::Status early = co_await failed.wait_for_connection();
  EXPECT_THAT(early, AnyOf(absl::OkStatus(), IsError(StatusCode::kNotFound, "nope")));
  auto ending = end_of(failed);
  EXPECT_THAT(co_await std::move(ending), IsError(StatusCode::kNotFound, "nope"));
  EXPECT_THAT(co_await failed.wait_for_connection(), IsError(StatusCode::kNotFound, "nope"));
}

BEHAVIOUR_OF_EACH_KIND(WaitForConnection, OfACallThatWentWellIsOverAtOnce, "B324") {
  auto call = open(setting.channel(), method, request("x"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  EXPECT_EQ(co_await call.wait_for_connection(), absl::OkStatus());
}

// Bounded: attempts to connect go on for ever, and the cancel may come behind any of them.
BEHAVIOUR_OF_EACH_KIND(WaitForConnection, EndsWithACancelWhereThereIsNoConnection, "B325 R2-02",
                       ::weft::sim::ExploreOptions().deviations(4)) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open(nowhere, method, request("x"), CallOptions().wait_for_ready());
  const auto cancel = setting.anytime("call1.cancel", [&] { EXPECT_TRUE(call.cancel()); });
  EXPECT_THAT(co_await call.wait_for_connection(), IsLocalCancel());
  EXPECT_THAT(co_await call.wait_for_connection(), IsLocalCancel());
}

BEHAVIOUR_OF_EACH_KIND(WaitForConnection, AfterACancelGivesIt, "B325 R2-02") {
  auto call = open(setting.channel(), method, request("x"));
  EXPECT_TRUE(call.cancel());
  EXPECT_THAT(co_await call.wait_for_connection(), IsLocalCancel());
}

// Core's word for the shortest pause between attempts also bounds how long one may take.
BEHAVIOUR(Connecting, MayTakeLongerThanThePauseBetweenAttempts, "B411") {
  if (setting.simulated()) co_return;  // its connections are made or refused in one event
  const Listener silent;
  const auto options =
      GrpcTransportOptions().reconnect_backoff(absl::Milliseconds(5), absl::Milliseconds(10));
  Channel channel(GrpcTransport::create(silent.target(), options).value(), setting.loop());
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions().timeout(absl::Milliseconds(100)));
  EXPECT_THAT(co_await call.status(), HasCode(StatusCode::kDeadlineExceeded));
}

// --- wait-for-ready ---

BEHAVIOUR_OF_EACH_KIND(WaitForReady, UnsetFailsFast, "B340") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open(nowhere, method, request("x"));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), HasCode(StatusCode::kUnavailable));
}

BEHAVIOUR_OF_EACH_KIND(WaitForReady, SetToFalseFailsFast, "B341") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open(nowhere, method, request("x"), CallOptions().wait_for_ready(false));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), HasCode(StatusCode::kUnavailable));
}

template <class Method>
Task<> wait_and_succeed(Channel& channel, Method method) {
  auto call = open(channel, method, request("patience"), CallOptions().wait_for_ready());
  auto reading = payload_of(call);
  EXPECT_EQ(co_await std::move(reading), "patience");
}

template <class Method>
Task<> spawn_waiting(TaskScope& calls, Channel& channel, Method method) {
  calls.spawn(wait_and_succeed(channel, method));
  co_return;
}

BEHAVIOUR(WaitForReady, OutlastsFailuresToConnect, "B342") {
  const auto server = setting.start_server(ServerOptions().stopped());
  Channel channel(setting.transport_to(*server), setting.loop());
  TaskScope calls(setting.loop());
  const auto spawn = [&](auto method) { return spawn_waiting(calls, channel, method); };
  auto spawning =
      with_each(setting, spawn, Kinds(unary_unary, unary_stream, stream_unary, stream_stream));
  co_await std::move(spawning);
  auto failing = until(channel, State::transient_failure);
  co_await std::move(failing);
  EXPECT_GT(calls.running(), 0u);
  server->start();
  co_await calls.join();
}

BEHAVIOUR_OF_EACH_KIND(WaitForReady, UnsetIsTheChannelsDefaultAndFalseIsNot, "B343") {
  Channel patient(setting.unreachable(TransportWishes().wait_for_ready()), setting.loop());
  auto hasty = open(patient, method, request("x"), CallOptions().wait_for_ready(false));
  auto hasty_end = end_of(hasty);
  EXPECT_THAT(co_await std::move(hasty_end), HasCode(StatusCode::kUnavailable));
  auto unset = open(patient, method, request("x"), CallOptions().timeout(absl::Milliseconds(30)));
  auto unset_end = end_of(unset);
  EXPECT_THAT(co_await std::move(unset_end), HasCode(StatusCode::kDeadlineExceeded));
}

BEHAVIOUR_OF_EACH_KIND(WaitForReady, FailingFastIsNotForAChannelThatIsIdle, "B344") {
  Channel idle(setting.transport(), setting.loop());
  EXPECT_EQ(idle.state(), State::idle);
  auto call = open(idle, method, request("x"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
}

BEHAVIOUR_OF_EACH_KIND(WaitForReady, FailingFastIsNotForAChannelThatConnects, "B344") {
  Channel connecting(setting.transport(), setting.loop());
  (void)connecting.state(/*try_to_connect=*/true);
  auto leaving = connecting.wait_for_state_change(State::idle);
  const absl::StatusOr<State> left = co_await std::move(leaving);
  EXPECT_THAT(*left, AnyOf(State::connecting, State::ready));
  auto call = open(connecting, method, request("x"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
}

BEHAVIOUR_OF_EACH_KIND(WaitForReady, FailingFastIsForAChannelThatFailedOrIsShutDown, "B344") {
  const std::shared_ptr<Transport> transport = setting.unreachable();
  Channel nowhere(transport, setting.loop());
  (void)nowhere.state(/*try_to_connect=*/true);
  auto failing = until(nowhere, State::transient_failure);
  co_await std::move(failing);
  auto first = open(nowhere, method, request("x"));
  auto first_end = end_of(first);
  EXPECT_THAT(co_await std::move(first_end), HasCode(StatusCode::kUnavailable));
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  auto second = open(nowhere, method, request("x"));
  auto second_end = end_of(second);
  EXPECT_THAT(co_await std::move(second_end), HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace weft::test
