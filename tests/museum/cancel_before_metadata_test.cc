// A local cancel while the call is still connecting, or while something waits for its status.

#include <string>

#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;

// The original's write waited for "metadata sent", which a cancel of the start never signalled: it
// waited for ever.
template <class Method>
Body cancel_a_waiting_writer(World& world, const Method& method) {
  world.server().script(method, Script().read());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool connecting = false;
  Anytime cancel(world, "call1.cancel", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    EXPECT_TRUE(call.cancel());
    EXPECT_TRUE(call.cancelled());
  });

  const absl::Status written = co_await call.write("m");
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsLocalCancel());
  EXPECT_TRUE(written.ok() || written == status) << written;
  if (connecting) {
    EXPECT_THAT(written, IsLocalCancel());
    EXPECT_EQ(world.server().calls_seen(), 0u);
  }
  world.sometimes("the write waited for the connection", connecting);
  world.sometimes("the write was through", written.ok());
}
WEFT_SIM_TEST(MuseumR2_01, WriterOfAStreamUnaryCallWaitingForTheConnectionWakesOnCancel) {
  EXPECT_SCHEDULES(20);
  return cancel_a_waiting_writer(world, collect);
}
WEFT_SIM_TEST(MuseumR2_01, WriterOfAStreamStreamCallWaitingForTheConnectionWakesOnCancel) {
  EXPECT_SCHEDULES(20);
  return cancel_a_waiting_writer(world, talk);
}

// The original hung, as in R2-01: the wait that was pending when the cancel came, and any later
// one.
template <class Method>
Body cancel_a_wait_for_the_connection(World& world, const Method& method) {
  world.server().script(method, Script().gap().headers());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool connecting = false;
  Anytime cancel(world, "call1.cancel", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    EXPECT_TRUE(call.cancel());
  });

  const absl::Status pending = co_await call.wait_for_connection();
  EXPECT_TRUE((pending.ok() && !connecting) || pending == call.outcome()->to_status()) << pending;
  (void)co_await call.status();
  const absl::Status later = co_await call.wait_for_connection();
  EXPECT_THAT(later, IsLocalCancel());
  world.sometimes("the wait was pending", connecting);
  world.sometimes("the connection was there", pending.ok());
}
WEFT_SIM_TEST(MuseumR2_02, WaitForTheConnectionOfAStreamUnaryCallEndsWithTheCancel) {
  EXPECT_SCHEDULES(15);
  return cancel_a_wait_for_the_connection(world, collect);
}
WEFT_SIM_TEST(MuseumR2_02, WaitForTheConnectionOfAStreamStreamCallEndsWithTheCancel) {
  EXPECT_SCHEDULES(15);
  return cancel_a_wait_for_the_connection(world, talk);
}

// The original hung here too: nothing was pending, and the first wait came after the cancel.
template <class Method>
Body wait_for_the_connection_of_a_cancelled_call(World& world, const Method& method) {
  world.server().script(method, Script().read());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool connecting = false;
  Anytime cancel(world, "call1.cancel", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    EXPECT_TRUE(call.cancel());
  });

  (void)co_await call.status();
  const absl::Status first = co_await call.wait_for_connection();
  EXPECT_THAT(first, IsLocalCancel());
  world.sometimes("the cancel came while connecting", connecting);
}
WEFT_SIM_TEST(MuseumR2_02, FirstWaitForTheConnectionOfAStreamUnaryCallMayComeAfterTheCancel) {
  EXPECT_SCHEDULES(6);
  return wait_for_the_connection_of_a_cancelled_call(world, collect);
}
WEFT_SIM_TEST(MuseumR2_02, FirstWaitForTheConnectionOfAStreamStreamCallMayComeAfterTheCancel) {
  EXPECT_SCHEDULES(6);
  return wait_for_the_connection_of_a_cancelled_call(world, talk);
}

// The original looked for a local cancel before it waited for the status and not after: what was
// waiting when the cancel came reported an error of the peer's that happened to say CANCELLED.
WEFT_SIM_TEST(MuseumR2_10, EverythingThatWaitsTellsWhoEndedTheCall) {
  world.server().script(talk, Script().gap().finish(StatusCode::kCancelled, "closing time"));
  Channel channel(world.transport("server", SimTransportOptions().window(4)), world.loop());
  auto call = open(channel, talk);
  const Watch watch(world, call);
  bool cancelled_here = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled_here = call.cancel(); });
  EXPECT_SCHEDULES(83);

  auto all = when_all(call.read(), call.write("longer than the window"), call.done_writing(),
                      call.wait_for_connection(), call.status(), call.rpc_error());
  const auto [read, written, closed, connected, status, error] = co_await std::move(all);
  if (cancelled_here) {
    EXPECT_THAT(status, IsLocalCancel());
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "closing time"));
  }
  EXPECT_EQ(read.status(), status);
  EXPECT_EQ(written, status);
  EXPECT_TRUE(closed.ok() || closed == status) << closed;
  EXPECT_TRUE(connected.ok() || connected == status) << connected;
  EXPECT_EQ(error->locally_cancelled(), cancelled_here);
  EXPECT_EQ(error->details(), std::string(status.message()));
  world.sometimes("the cancel was first", cancelled_here);
  world.sometimes("the peer was first", !cancelled_here);
}

}  // namespace
}  // namespace weft::test
