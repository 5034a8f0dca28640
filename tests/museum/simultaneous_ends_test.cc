// Two ends of one call in one turn: the first wins, and says so everywhere.

#include <optional>
#include <string>

#include "keep.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;

constexpr absl::Duration deadline = absl::Seconds(1);

Task<bool> cancel_at(EventLoop& loop, Instant when, const Call& call) {
  co_await sleep_until(loop, when);
  co_return call.cancel();
}

// The original recorded whichever it came to first; so may anybody, if everything agrees.
template <class Method>
Body deadline_and_cancel_at_one_instant(World& world, const Method& method) {
  world.server().script(method, Script().headers());
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  const Instant when = world.loop().now() + deadline;
  auto call = open(channel, method, CallOptions().timeout(deadline));
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  std::optional<bool> cancelled;
  scope.spawn(keep(cancel_at(world.loop(), when, call), cancelled));

  const absl::Status status = co_await call.status();
  co_await scope.join();
  EXPECT_EQ(world.elapsed(), deadline);
  if (*cancelled) {
    EXPECT_THAT(status, IsLocalCancel());
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kDeadlineExceeded, "Deadline Exceeded"));
  }
  const StatusCode code = co_await call.code();
  EXPECT_EQ(code, status.code());
  EXPECT_EQ(call.cancelled(), *cancelled);
  EXPECT_EQ(call.outcome()->locally_cancelled, *cancelled);
  world.sometimes("the cancel was first", *cancelled);
  world.sometimes("the deadline was first", !*cancelled);
}
WEFT_SIM_TEST(MuseumR2_46, DeadlineAndCancelOfAUnaryCallAtOneInstantAgreeOnTheFirst) {
  EXPECT_SCHEDULES(56);
  return deadline_and_cancel_at_one_instant(world, ask);
}
WEFT_SIM_TEST(MuseumR2_46, DeadlineAndCancelOfAStreamAtOneInstantAgreeOnTheFirst) {
  EXPECT_SCHEDULES(56);
  return deadline_and_cancel_at_one_instant(world, talk);
}

// In the original too the first one won, and decided whether an operation raised an error or a
// cancellation.
template <class Method>
Body two_cancels(World& world, const Method& method) {
  world.server().script(method, Script().gap().finish(StatusCode::kCancelled, "closing time"));
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool cancelled = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled = call.cancel(); });

  const absl::Status status = co_await call.status();
  EXPECT_TRUE(call.cancelled());
  if (cancelled) {
    EXPECT_THAT(status, IsLocalCancel());
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "closing time"));
  }
  EXPECT_EQ(call.outcome()->locally_cancelled, cancelled);
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_EQ(error->locally_cancelled(), cancelled);
  EXPECT_EQ(error->details(), std::string(status.message()));
  EXPECT_FALSE(call.cancel());
  world.sometimes("the cancel was first", cancelled);
  world.sometimes("the peer was first", !cancelled);
}
WEFT_SIM_TEST(MuseumR2_47, TheFirstOfThePeersAndOurCancelOfAUnaryCallIsTheOneThatIsTold) {
  EXPECT_SCHEDULES(19);
  return two_cancels(world, ask);
}
WEFT_SIM_TEST(MuseumR2_47, TheFirstOfThePeersAndOurCancelOfAStreamIsTheOneThatIsTold) {
  EXPECT_SCHEDULES(19);
  return two_cancels(world, talk);
}

}  // namespace
}  // namespace weft::test
