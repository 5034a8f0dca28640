// Calls that nobody waits for, that are dropped, and whose channel closes.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connected.h"
#include "keep.h"
#include "latch.h"
#include "lingering_server.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/task_scope.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Script;
using sim::World;
using testing::AnyOf;

// Counts done callbacks of calls whose handles come and go.
std::shared_ptr<int> count_ends(const Call& call) {
  auto ends = std::make_shared<int>(0);
  call.add_done_callback([ends](const Call&) { ++*ends; });
  return ends;
}

Task<void> await_reply(const StreamUnaryCall<std::string, std::string>& call,
                       std::optional<absl::Status>& ended) {
  const absl::StatusOr<std::string>& reply = co_await call;
  ended = reply.status();
}

// The original waited for the status in place when the start failed, and woke writers only
// afterwards: a cancel of the awaiting task in between left them waiting for ever.
WEFT_SIM_TEST(MuseumR2_38, AWriteEndsWhenTheStartFailsAndTheAwaitingTaskIsCancelled) {
  world.allow(sim::fault::connection_refused());
  world.server().script(collect, Script().read_all().message("reply").finish());
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  TaskScope writer(world.loop());
  TaskScope awaiter(world.loop());
  std::optional<absl::Status> written;
  std::optional<absl::Status> awaited;
  writer.spawn(keep(call.write("hello"), written));
  awaiter.spawn(await_reply(call, awaited));
  Anytime cancel(world, "awaiter.cancel", [&] { awaiter.cancel("gave up"); });
  EXPECT_SCHEDULES(154);

  co_await writer.join();
  (void)co_await call.done_writing();
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(*written == absl::OkStatus() || *written == status) << *written;
  co_await awaiter.join();
  EXPECT_EQ(awaited.value_or(status), status);
  if (!awaited.has_value()) {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "gave up"));
  } else {
    EXPECT_THAT(status.code(), AnyOf(StatusCode::kOk, StatusCode::kUnavailable));
  }
  world.sometimes("the start failed", status.code() == StatusCode::kUnavailable);
  world.sometimes("the awaiting task was cancelled with the write waiting",
                  !awaited.has_value() && *written == status);
  world.sometimes("all went well", status.ok());
}

// The original watched a stream's status with a task that nobody awaited and no cancel reached.
WEFT_SIM_TEST(MuseumR2_39, AStreamThatNobodyWaitsForEndsOnceAndTellsIt) {
  world.server().script(talk, Script().headers().gap().finish(StatusCode::kAborted, "closing"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk, CallOptions().timeout(absl::Seconds(1)));
  const Watch watch(world, call);
  const Latch ended(world);
  call.add_done_callback([ended](const Call&) { ended.open(); });
  bool cancelled = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled = call.cancel(); });
  EXPECT_SCHEDULES(256);

  co_await ended;
  const StatusCode code = call.outcome()->code;
  EXPECT_EQ(code == StatusCode::kCancelled, cancelled);
  EXPECT_THAT(code,
              AnyOf(StatusCode::kCancelled, StatusCode::kAborted, StatusCode::kDeadlineExceeded));
  // What is still on its way changes nothing.
  co_await world.yield();
  const StatusCode later = co_await call.code();
  EXPECT_EQ(later, code);
  world.sometimes("the cancel ended it", code == StatusCode::kCancelled);
  world.sometimes("the peer ended it", code == StatusCode::kAborted);
  world.sometimes("the deadline ended it", code == StatusCode::kDeadlineExceeded);
}

// The original's destructor reached into the loop, whatever had become of that. Here it runs on the
// loop's thread, at any time, and the simulator has no other thread.
WEFT_SIM_TEST(MuseumR2_40, DroppingTheHandleEndsTheReadThatWaitsAndThePeerIsTold) {
  const LingeringServer server(world, talk.full_name());
  Channel channel(world.transport(), world.loop());
  std::optional<StreamStreamCall<std::string, std::string>> call = channel.stream_stream(talk);
  const std::shared_ptr<int> ends = count_ends(*call);
  TaskScope scope(world.loop());
  std::optional<ReadResult<std::string>> read;
  scope.spawn(keep(call->read(), read));
  Anytime drop(world, "call1.drop", [&] { call.reset(); });
  EXPECT_SCHEDULES(6);

  co_await scope.join();
  EXPECT_THAT(read->status(), IsError(StatusCode::kCancelled, std::string(dropped_details)));
  EXPECT_EQ(*ends, 1);
  co_await server.until_told();
  world.sometimes("the peer had the call", server.reached());
  world.sometimes("the peer never had the call", !server.reached());
}
WEFT_SIM_TEST(MuseumR2_40, TheHandleAndTheChannelMayGoInAnyOrder) {
  const LingeringServer server(world, talk.full_name());
  std::optional<Channel> channel(std::in_place, world.transport(), world.loop());
  std::optional<StreamStreamCall<std::string, std::string>> call = channel->stream_stream(talk);
  const std::shared_ptr<int> ends = count_ends(*call);
  const Latch both_gone(world);
  const auto look = [&] {
    EXPECT_EQ(*ends, 1);
    if (!channel.has_value() && !call.has_value()) both_gone.open();
  };
  Anytime drop(world, "call1.drop", [&] {
    world.sometimes("the handle outlived the channel", !channel.has_value());
    call.reset();
    look();
  });
  Anytime close(world, "channel1.destroy", [&] {
    world.sometimes("the channel outlived the handle", !call.has_value());
    channel.reset();
    look();
  });
  EXPECT_SCHEDULES(20);

  co_await both_gone;
  co_await server.until_told();
  EXPECT_EQ(*ends, 1);
}
WEFT_SIM_TEST(MuseumR2_40, ADoneCallbackMayHoldTheLastHandleOfAnotherCall) {
  const LingeringServer server(world, talk.full_name());
  world.server().script(ask, Script().gap().message("reply").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  std::optional<StreamStreamCall<std::string, std::string>> held = channel.stream_stream(talk);
  const std::shared_ptr<int> held_ends = count_ends(*held);
  auto call = channel.unary_unary(ask, "question");
  const Watch watch(world, call);
  call.add_done_callback([last = std::move(*held)](const Call&) {});
  held.reset();
  Anytime cancel(world, "call2.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(1271);

  EXPECT_EQ(*held_ends, 0);
  (void)co_await call.status();
  EXPECT_EQ(*held_ends, 1);
  co_await server.until_told();
}

// The original found the calls of a channel by their pending operations: a stream without any was
// neither waited for nor cancelled, and went on working on the closed channel.
WEFT_SIM_TEST(MuseumR2_41, ClosingTheChannelEndsAStreamThatIsIdle) {
  const LingeringServer server(world, talk.full_name());
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  const Latch closed(world);
  Anytime close(world, "channel1.close", [&] {
    EXPECT_FALSE(call.done());
    const Task<void> closing = channel.close();
    EXPECT_TRUE(call.cancelled());
    closed.open();
  });
  EXPECT_SCHEDULES(6);

  co_await closed;
  EXPECT_EQ(watch.callbacks(), 1u);
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsLocalCancel());
  const absl::Status written = co_await call.write("hello");
  EXPECT_THAT(written, IsUsageError(already_finished_text));
  const ReadResult<std::string> read = co_await call.read();
  EXPECT_THAT(read.status(), IsLocalCancel());
  co_await server.until_told();
  world.sometimes("the stream was idle at the peer", server.reached());
}

// The original could not find a call that was made but not scheduled yet when it closed.
WEFT_SIM_TEST(MuseumR2_42, ACallThatIsMadeAroundTheCloseIsRefusedOrWaitedFor) {
  world.server().script(ask, Script().gap().message("reply").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  std::optional<UnaryUnaryCall<std::string, std::string>> call;
  TaskScope scope(world.loop());
  const Latch made(world);
  const Latch closed(world);
  std::shared_ptr<int> ends;
  const auto close_channel = [&]() -> Task<void> {
    co_await channel.close(absl::Seconds(10));
    EXPECT_TRUE(!call.has_value() || call->done()) << "close() waits for every call";
    closed.open();
  };
  Anytime make(world, "body.make_call", [&] {
    call = channel.unary_unary(ask, "question");
    ends = count_ends(*call);
    EXPECT_EQ(call->done(), channel.closed());
    made.open();
  });
  Anytime close(world, "channel1.close", [&] { scope.spawn(close_channel()); });
  EXPECT_SCHEDULES(127);

  co_await made;
  co_await closed;
  const absl::StatusOr<std::string>& reply = co_await *call;
  EXPECT_EQ(*ends, 1);
  EXPECT_TRUE(reply.ok() || is_usage_error(reply.status()) || call->cancelled()) << reply.status();
  EXPECT_TRUE(!is_usage_error(reply.status()) || world.server().calls_seen() == 0);
  co_await scope.join();
  world.sometimes("the call was refused", is_usage_error(reply.status()));
  world.sometimes("the call ended within the grace", reply.ok());
  world.sometimes("the grace ended the call", call->cancelled());
}
WEFT_SIM_TEST(MuseumR2_42, ACallThatIsMadeInTheStepOfTheCloseIsEndedByIt) {
  world.server().script(ask, Script().gap().message("reply").finish());
  Channel channel(world.transport(), world.loop());
  EXPECT_SCHEDULES(27);

  auto before = channel.unary_unary(ask, "question");
  const Watch watch_before(world, before);
  Task<void> closing = channel.close(absl::Seconds(10));
  auto after = channel.unary_unary(ask, "question");
  const Watch watch_after(world, after);
  EXPECT_FALSE(before.done());
  EXPECT_TRUE(after.done());
  co_await std::move(closing);
  EXPECT_TRUE(before.done());
  const absl::Status ended = co_await before.status();
  EXPECT_THAT(ended, AnyOf(absl::OkStatus(), IsLocalCancel()));
  const absl::Status refused = co_await after.status();
  EXPECT_THAT(refused, IsUsageError(channel_closed_text));
  EXPECT_LE(world.server().calls_seen(), 1u);
  world.sometimes("it ended within the grace", ended.ok());
  world.sometimes("the grace ended it", !ended.ok());
}

}  // namespace
}  // namespace weft::test
