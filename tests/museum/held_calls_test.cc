// Calls that an interceptor holds back. Weft has no interceptors but transports around transports;
// HeldTransport is the nearest to the original's interceptors that still run.

#include <memory>
#include <optional>
#include <string>

#include "held_transport.h"
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
using sim::SimTransportOptions;
using sim::World;
using testing::AnyOf;

std::shared_ptr<HeldTransport> held(World& world, SimTransportOptions options) {
  return std::make_shared<HeldTransport>(world, world.transport("server", options.connected()));
}

// The original only asked for the cancel while interceptors ran: done() stayed false until the loop
// turned, and a second cancel() was true again.
template <class Method>
Body cancel_twice(World& world, const Method& method) {
  world.server().script(method, Script().gap().message("reply").finish());
  const auto transport = held(world, SimTransportOptions());
  Channel channel(transport, world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool cancelled = false;
  bool was_held = false;
  Anytime cancel(world, "call1.cancel", [&] {
    was_held = transport->holding() > 0;
    const bool was_done = call.done();
    cancelled = call.cancel();
    EXPECT_EQ(cancelled, !was_done);
    EXPECT_TRUE(call.done());
    EXPECT_EQ(call.cancelled(), cancelled);
    EXPECT_FALSE(call.cancel());
  });

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_THAT(reply.status(), AnyOf(absl::OkStatus(), IsLocalCancel()));
  EXPECT_EQ(cancelled, !reply.ok());
  EXPECT_TRUE(!was_held || world.server().calls_seen() == 0);
  world.sometimes("the interceptor still held the call", was_held);
  world.sometimes("the call was let go and cancelled", cancelled && !was_held);
  world.sometimes("the peer was first", reply.ok());
}
WEFT_SIM_TEST(MuseumR2_43, TheSecondCancelOfAHeldUnaryCallIsFalseAtOnce) {
  EXPECT_SCHEDULES(27);
  return cancel_twice(world, ask);
}
WEFT_SIM_TEST(MuseumR2_43, TheSecondCancelOfAHeldStreamUnaryCallIsFalseAtOnce) {
  EXPECT_SCHEDULES(27);
  return cancel_twice(world, collect);
}

// The original's accessors awaited the interceptors' own task: cancelling a waiter cancelled the
// RPC, and the waiter went on as if nothing had been.
WEFT_SIM_TEST(MuseumR2_44, CancellingAWaiterOfAHeldCallsCodeLeavesTheCallAlone) {
  world.server().script(ask, Script().gap().message("reply").finish());
  const auto transport = held(world, SimTransportOptions());
  Channel channel(transport, world.loop());
  auto call = channel.unary_unary(ask, "question");
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<StatusCode> code;
  std::optional<Metadata> trailers;
  scope.spawn(keep(call.code(), code));
  scope.spawn(keep(call.trailing_metadata(), trailers));
  bool was_held = false;
  bool in_time = false;
  Anytime cancel(world, "waiter.cancel", [&] {
    was_held = transport->holding() > 0;
    in_time = !call.done();
    scope.cancel("gave up");
  });
  EXPECT_SCHEDULES(47);

  co_await scope.join();
  EXPECT_EQ(code.has_value(), !in_time);
  EXPECT_EQ(trailers.has_value(), !in_time);
  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_EQ(reply.value_or("failed"), "reply");
  EXPECT_EQ(code.value_or(StatusCode::kOk), StatusCode::kOk);
  world.sometimes("the waiters were cancelled while the call was held", was_held);
  world.sometimes("the waiters were cancelled later", in_time && !was_held);
  world.sometimes("the waiters had their results", code.has_value());
}

// The original put intercepted writes into a queue of one: what was in it when the RPC ended stayed
// there with a helper task, and the next done_writing waited for room.
WEFT_SIM_TEST(MuseumR2_45, AHeldWriteAndTheHalfCloseBehindItEndWithTheCall) {
  world.server().script(talk, Script().gap().finish(StatusCode::kAborted, "closing"));
  const auto transport = held(world, SimTransportOptions().window(1));
  Channel channel(transport, world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<absl::Status> written;
  std::optional<absl::Status> closed;
  scope.spawn(keep(call.write("more than the window"), written));
  scope.spawn(keep(call.done_writing(), closed));
  bool was_held = false;
  Anytime cancel(world, "call1.cancel", [&] {
    was_held = transport->holding() > 0;
    call.cancel();
  });
  EXPECT_SCHEDULES(83);

  co_await scope.join();
  EXPECT_TRUE(call.done()) << "nobody reads the message: only the end of the call frees its write";
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, AnyOf(IsError(StatusCode::kAborted, "closing"), IsLocalCancel()));
  EXPECT_EQ(*written, status);
  // Behind a write that failed because the peer has finished, a half-close may be taken, as by
  // core.
  EXPECT_TRUE(*closed == status || (closed->ok() && !was_held)) << *closed;
  const absl::Status late = co_await call.done_writing();
  EXPECT_TRUE(late.ok()) << late;
  world.sometimes("the call ended with the write held", was_held);
  world.sometimes("the call was cancelled with the write in flight", call.cancelled() && !was_held);
  world.sometimes("the peer was first", !call.cancelled());
}

}  // namespace
}  // namespace weft::test
