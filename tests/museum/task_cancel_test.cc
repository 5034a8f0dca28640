// Tasks that are cancelled while they wait for a call, and others that wait beside them.

#include <memory>
#include <optional>
#include <string>

#include "lingering_server.h"
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
using sim::World;

// Awaits the response, and says so if it comes back.
template <class Call>
Task<void> await_response(Call call, bool& came_back) {
  const absl::StatusOr<std::string>& response = co_await call;
  came_back = true;
  EXPECT_TRUE(response.ok()) << response.status();
}

// In the original somebody could cancel the inner task that an awaiter waited for: the call, still
// running, was cancelled, and the awaiter too. In C++ nobody else can get at what an awaiter waits
// for; what comes nearest is another task that awaits the same call and is cancelled.
template <class Method>
Body cancel_the_other_awaiter(World& world, const Method& method) {
  LingeringServer server(world, method.full_name());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  TaskScope others(world.loop());
  bool came_back = false;
  others.spawn(await_response(call, came_back));
  Anytime cancel(world, "others.cancel", [&] { others.cancel("the page was left"); });

  const absl::StatusOr<std::string>& response = co_await call;
  EXPECT_THAT(response.status(), IsError(StatusCode::kCancelled, "the page was left"));
  EXPECT_TRUE(call.cancelled());
  EXPECT_FALSE(came_back);
  EXPECT_EQ(others.running(), 0u);
  co_await server.until_told();
  world.sometimes("the server had the call", server.reached());
  world.sometimes("the server never had the call", !server.reached());
}
WEFT_SIM_TEST(MuseumR2_16, AwaiterOfAUnaryUnaryCallIsToldThatAnotherTaskTookTheCallDown) {
  EXPECT_SCHEDULES(6);
  return cancel_the_other_awaiter(world, ask);
}
WEFT_SIM_TEST(MuseumR2_16, AwaiterOfAStreamUnaryCallIsToldThatAnotherTaskTookTheCallDown) {
  EXPECT_SCHEDULES(6);
  return cancel_the_other_awaiter(world, collect);
}

template <class Call>
Task<void> wait_for_headers(Call call, bool& came_back) {
  (void)co_await call.initial_metadata();
  came_back = true;
}

template <class Call>
Task<void> wait_for_connection(Call call, bool& came_back) {
  (void)co_await call.wait_for_connection();
  came_back = true;
}

// Readers of the original shared one task that prepared the call: cancelling one of them cancelled
// it, and with it the call and the other reader.
template <class Method>
Body cancel_who_waits_beside_the_reader(World& world, const Method& method) {
  world.server().script(method, Script().gap().headers().message("one").finish());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  TaskScope others(world.loop());
  bool saw_headers = false;
  bool saw_connection = false;
  others.spawn(wait_for_headers(call, saw_headers));
  others.spawn(wait_for_connection(call, saw_connection));
  bool both_waited = false;
  Anytime cancel(world, "others.cancel", [&] {
    both_waited = !saw_headers && !saw_connection;
    others.cancel("not interested");
  });

  auto message = co_await call.read();
  EXPECT_TRUE(message) << message.status();
  if (message) {
    EXPECT_EQ(*message, "one");
  }
  const auto end = co_await call.read();
  EXPECT_TRUE(end.is_end()) << end.status();
  EXPECT_TRUE(!both_waited || (!saw_headers && !saw_connection));
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok()) << status;
  world.sometimes("both were cancelled while they waited", both_waited);
  world.sometimes("both came back", saw_headers && saw_connection);
}
WEFT_SIM_TEST(MuseumR2_17, ReaderOfAUnaryStreamCallIsNotCancelledWithThoseWhoWaitBeside) {
  EXPECT_SCHEDULES(47);
  return cancel_who_waits_beside_the_reader(world, tell);
}
WEFT_SIM_TEST(MuseumR2_17, ReaderOfAStreamStreamCallIsNotCancelledWithThoseWhoWaitBeside) {
  EXPECT_SCHEDULES(47);
  return cancel_who_waits_beside_the_reader(world, talk);
}

template <class Call>
Task<void> read_once(Call call, bool& came_back) {
  const auto read = co_await call.read();
  came_back = true;
  EXPECT_EQ(read.status(), call.outcome()->to_status());
}

// The original swallowed a cancellation that met the preparation of a call whose status was there:
// the task went on as if nobody had cancelled it.
WEFT_SIM_TEST(MuseumR2_18, CancelledReaderNeverComesBackWhateverThePeerHasSaid) {
  const auto peer_ended = std::make_shared<bool>(false);
  world.server().serve(talk, [peer_ended](auto&) {
    *peer_ended = true;
    return absl::AbortedError("closing");
  });
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, talk);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  bool came_back = false;
  scope.spawn(read_once(call, came_back));
  bool in_time = false;
  bool status_on_its_way = false;
  Anytime cancel(world, "reader.cancel", [&] {
    in_time = !came_back;
    status_on_its_way = *peer_ended;
    scope.cancel("the page was left");
  });
  EXPECT_SCHEDULES(14);

  co_await scope.join();
  EXPECT_EQ(came_back, !in_time);
  const absl::Status status = co_await call.status();
  if (in_time) {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "the page was left"));
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kAborted, "closing"));
  }
  world.sometimes("the status was on its way", in_time && status_on_its_way);
  world.sometimes("the status was first", !in_time);
}

// The original let the cancellation of the awaiting task win although the call was done and well: a
// second await got the response. This is kept: a task can be torn down between the end of a call
// and its own next step.
WEFT_SIM_TEST(MuseumR2_19, ResponseThatATornDownTaskMissedIsThereForTheNext) {
  world.server().serve(ask, [](const std::string& question) { return question; });
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, ask);
  const Watch watch(world, call);
  std::optional<TaskScope> scope(std::in_place, world.loop());
  bool came_back = false;
  scope->spawn(await_response(call, came_back));
  Anytime cancel(world, "task.cancel", [&] { scope->cancel("the page was left"); });
  EXPECT_SCHEDULES(140);

  // Who waits first goes on first, and here takes the other down.
  if (world.choose(2, "the task waits first") == 1) co_await world.yield();
  const absl::Status status = co_await call.status();
  scope.reset();
  const absl::StatusOr<std::string>& response = co_await call;
  EXPECT_EQ(response.status(), status);
  if (status.ok()) {
    EXPECT_EQ(response.value_or("none"), "question");
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "the page was left"));
    EXPECT_FALSE(came_back);
  }
  world.sometimes("the task had its response", came_back);
  world.sometimes("the task was cancelled, the call is fine", status.ok() && !came_back);
  world.sometimes("the call was cancelled with the task", !status.ok());
}

// The original dropped a response that had come but was not parsed when the task was cancelled, and
// called the call CANCELLED although the server had answered. That is legal; both orders are tried.
WEFT_SIM_TEST(MuseumR2_20, CancelledTaskMayDropAnAnswerButNeverHalfOfIt) {
  const auto answered = std::make_shared<bool>(false);
  world.server().serve(ask, [answered](const std::string& question) {
    *answered = true;
    return question;
  });
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, ask);
  const Watch watch(world, call);
  TaskScope scope(world.loop());
  bool came_back = false;
  scope.spawn(await_response(call, came_back));
  Anytime cancel(world, "task.cancel", [&] { scope.cancel("the page was left"); });
  EXPECT_SCHEDULES(20);

  co_await scope.join();
  const absl::StatusOr<std::string>& response = co_await call;
  const absl::Status status = co_await call.status();
  EXPECT_EQ(response.status(), status);
  EXPECT_EQ(came_back, status.ok());
  if (status.ok()) {
    EXPECT_EQ(response.value_or("none"), "question");
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, "the page was left"));
  }
  EXPECT_TRUE(!status.ok() || *answered);
  world.sometimes("the answer was dropped", *answered && !status.ok());
  world.sometimes("the answer was first", status.ok());
}

}  // namespace
}  // namespace weft::test
