// Half-closing against the start, the writes before it, and the end of the call.

#include <memory>
#include <optional>
#include <string>

#include "connected.h"
#include "keep.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/task_scope.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::ServerCall;
using sim::SimTransportOptions;
using sim::World;
using testing::AnyOf;

using Served = ServerCall<std::string, std::string>;

Task<absl::StatusOr<std::string>> count_requests(Served& call) {
  int requests = 0;
  while (co_await call.read()) ++requests;
  co_return std::to_string(requests);
}

Task<absl::Status> echo_requests(Served& call) {
  while (auto request = co_await call.read()) (void)co_await call.write(*request);
  co_return absl::OkStatus();
}

// The original handed the half-close to the core before the start; its core put them in order.
WEFT_SIM_TEST(MuseumR2_27, AHalfCloseThatIsAskedForFirstComesAfterTheStart) {
  world.server().serve(collect, count_requests);
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<absl::Status> connected;
  scope.spawn(keep(call.wait_for_connection(), connected));
  EXPECT_SCHEDULES(21);

  EXPECT_NE(channel.state(), ConnectivityState::ready);
  const absl::Status closed = co_await call.done_writing();
  EXPECT_TRUE(closed.ok()) << closed;
  EXPECT_TRUE(connected.has_value()) << "the start is through before the half-close is";
  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_EQ(reply.value_or("failed"), "0");
  EXPECT_EQ(world.server().calls_seen(), 1u);
}

// The original raised the error of the raw operation instead of the call's outcome.
WEFT_SIM_TEST(MuseumR2_28, ACancelGivesAPendingHalfCloseTheCallsOutcome) {
  world.server().serve(collect, count_requests);
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  bool connecting = false;
  Anytime cancel(world, "call1.cancel", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    call.cancel();
  });
  EXPECT_SCHEDULES(77);

  const absl::Status closed = co_await call.done_writing();
  const absl::Status status = co_await call.status();
  EXPECT_THAT(closed, AnyOf(absl::OkStatus(), IsLocalCancel()));
  EXPECT_TRUE(closed.ok() || closed == status) << closed;
  EXPECT_THAT(status, AnyOf(absl::OkStatus(), IsLocalCancel()));
  EXPECT_TRUE(!connecting || !closed.ok());
  world.sometimes("the cancel came while connecting", connecting);
  world.sometimes("the half-close was through and the call cancelled", closed.ok() && !status.ok());
}
WEFT_SIM_TEST(MuseumR2_28, ADeadlineGivesAPendingHalfCloseTheCallsOutcome) {
  world.server().serve(collect, count_requests);
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect, CallOptions().timeout(absl::Seconds(1)));
  const Watch watch(world, call);
  EXPECT_SCHEDULES(134);

  const absl::Status closed = co_await call.done_writing();
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(closed.ok() || closed == status) << closed;
  EXPECT_THAT(status.code(), AnyOf(StatusCode::kOk, StatusCode::kDeadlineExceeded));
  world.sometimes("the deadline ended the half-close", !closed.ok());
  world.sometimes("the half-close was through before the deadline", closed.ok() && !status.ok());
  world.sometimes("the deadline was not reached", status.ok());
}

// The original's second done_writing returned at once, although the first was still pending.
WEFT_SIM_TEST(MuseumR2_29, TwoHalfClosesAtOnceEndTogether) {
  world.server().serve(collect, count_requests);
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  auto ended = std::make_shared<int>(0);
  world.invariant("both half-closes are pending, or none", [ended] { return *ended != 1; });
  const auto half_close = [&call, ended]() -> Task<absl::Status> {
    const absl::Status closed = co_await call.done_writing();
    ++*ended;
    co_return closed;
  };
  TaskScope scope(world.loop());
  std::optional<absl::Status> first;
  std::optional<absl::Status> second;
  scope.spawn(keep(half_close(), first));
  scope.spawn(keep(half_close(), second));
  EXPECT_SCHEDULES(77);

  co_await scope.join();
  EXPECT_EQ(first, second);
  EXPECT_THAT(*first, AnyOf(absl::OkStatus(), IsLocalCancel()));
  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_EQ(reply.value_or("0"), "0");
  world.sometimes("both were through", first->ok());
  world.sometimes("both were cancelled", !first->ok());
}

// The original checked, waited, and checked something else before it sent: a status that came in
// between met a send that nobody had taken back, and was replaced by INTERNAL.
WEFT_SIM_TEST(MuseumR2_30, AStatusBetweenTwoWritesIsTheOutcomeOfEveryWriteThatFails) {
  world.server().script(talk, Script().read().gap().finish(StatusCode::kNotFound, "no such room"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(1782);

  absl::Status written;
  bool done_before = false;
  for (int i = 0; i < 3 && written.ok(); ++i) {
    co_await world.yield();
    done_before = call.done();
    written = co_await call.write("hello");
  }
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "no such room"));
  if (done_before) {
    EXPECT_THAT(written, IsUsageError(already_finished_text));
  } else if (!written.ok()) {
    EXPECT_EQ(written, status);
  }
  world.sometimes("the status came during a write", written == status);
  world.sometimes("the status came between two writes", done_before);
  world.sometimes("the status came after the writes", written.ok());
}

// The original's half-close overtook a write that waited for the metadata: the message was lost,
// the write reported success, and the call ended with OK.
template <class Method, class Talk>
Body half_close_behind_a_waiting_write(World& world, const Method& method, Talk check) {
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<absl::Status> written;
  std::optional<absl::Status> closed;
  bool connecting = false;
  bool waiting = false;
  scope.spawn(keep(call.write("hello"), written));
  Anytime half_close(world, "call1.done_writing", [&] {
    waiting = !written.has_value();
    connecting = channel.state() == ConnectivityState::connecting;
    scope.spawn(keep(call.done_writing(), closed));
  });

  auto checked = check(call);
  co_await std::move(checked);
  co_await scope.join();
  EXPECT_EQ(written, absl::OkStatus());
  EXPECT_EQ(closed, absl::OkStatus());
  world.sometimes("the write waited for the connection", connecting);
  world.sometimes("the write was under way", waiting && !connecting);
  world.sometimes("the write was through", !waiting);
}
WEFT_SIM_TEST(MuseumR2_31, AHalfCloseOfAStreamUnaryCallDoesNotOvertakeAWrite) {
  world.server().serve(collect, count_requests);
  EXPECT_SCHEDULES(429);
  using CollectCall = StreamUnaryCall<std::string, std::string>;
  return half_close_behind_a_waiting_write(world, collect, [](CollectCall& call) -> Task<void> {
    const absl::StatusOr<std::string>& reply = co_await call;
    EXPECT_EQ(reply.value_or("failed"), "1");
  });
}
WEFT_SIM_TEST(MuseumR2_31, AHalfCloseOfAStreamStreamCallDoesNotOvertakeAWrite) {
  world.server().serve(talk, echo_requests);
  EXPECT_SCHEDULES(1572);
  return half_close_behind_a_waiting_write(
      world, talk, [](StreamStreamCall<std::string, std::string>& call) -> Task<void> {
        const ReadResult<std::string> echo = co_await call.read();
        EXPECT_TRUE(echo && *echo == "hello");
        const ReadResult<std::string> end = co_await call.read();
        EXPECT_TRUE(end.is_end()) << end.status();
      });
}

// The original cancelled the call with the task of a write that was in flight, and left it alone
// while the write still waited for the metadata.
WEFT_SIM_TEST(MuseumR2_32, CancellingTheTaskOfAWriteEndsTheCallWhereverTheWriteWaits) {
  world.server().script(collect, Script().gap().read().message("1").finish());
  Channel channel(world.transport("server", SimTransportOptions().window(1)), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<absl::Status> written;
  scope.spawn(keep(call.write("more than the window"), written));
  bool connecting = false;
  Anytime give_up(world, "writer.cancel", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    scope.cancel("gave up");
  });
  EXPECT_SCHEDULES(93);

  co_await scope.join();
  const absl::StatusOr<std::string>& reply = co_await call;
  if (written.has_value()) {
    EXPECT_EQ(*written, absl::OkStatus());
    EXPECT_EQ(reply.value_or("failed"), "1");
  } else {
    EXPECT_THAT(reply.status(), IsError(StatusCode::kCancelled, "gave up"));
  }
  world.sometimes("the write waited for the connection", connecting);
  world.sometimes("the write was in flight", !connecting && !written.has_value());
  world.sometimes("the write was through", written.has_value());
}

}  // namespace
}  // namespace weft::test
