// Done callbacks that throw or hold on, and handles that are dropped while their call runs.

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "lingering_server.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/async_generator.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::World;

constexpr const char* dropped_text = "Cancelled upon destruction!";

// Counts what leaves done callbacks.
ChannelOptions counting(int& reported) {
  return ChannelOptions().on_callback_exception([&reported](std::exception_ptr) { ++reported; });
}

void add_throwing_callback(const Call& call) {
  call.add_done_callback([](const Call&) { throw std::runtime_error("a callback threw"); });
}

// The original set its status, then the callback's exception left cancel(): core was never told,
// nor was the server, and later callbacks did not run.
template <class Method>
Body cancel_with_a_throwing_callback(World& world, const Method& method) {
  LingeringServer server(world, method.full_name());
  int reported = 0;
  Channel channel(world.transport(), world.loop(), counting(reported));
  auto call = open(channel, method);
  add_throwing_callback(call);
  const Watch watch(world, call);  // has the callback behind it
  Anytime cancel(world, "call1.cancel", [&] {
    EXPECT_NO_THROW(EXPECT_TRUE(call.cancel()));
    EXPECT_EQ(reported, 1);
    EXPECT_EQ(watch.callbacks(), 1u);
  });

  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsLocalCancel());
  co_await server.until_told();
  EXPECT_EQ(reported, 1);
  world.sometimes("the server had the call", server.reached());
}
WEFT_SIM_TEST(MuseumR2_21, CancelOfAUnaryUnaryCallReachesTheServerThoughACallbackThrows) {
  EXPECT_SCHEDULES(6);
  return cancel_with_a_throwing_callback(world, ask);
}
WEFT_SIM_TEST(MuseumR2_21, CancelOfAUnaryStreamCallReachesTheServerThoughACallbackThrows) {
  EXPECT_SCHEDULES(6);
  return cancel_with_a_throwing_callback(world, tell);
}
WEFT_SIM_TEST(MuseumR2_21, CancelOfAStreamUnaryCallReachesTheServerThoughACallbackThrows) {
  EXPECT_SCHEDULES(6);
  return cancel_with_a_throwing_callback(world, collect);
}
WEFT_SIM_TEST(MuseumR2_21, CancelOfAStreamStreamCallReachesTheServerThoughACallbackThrows) {
  EXPECT_SCHEDULES(6);
  return cancel_with_a_throwing_callback(world, talk);
}

// In the original the callback's exception took the place of the response, for every await, and
// later callbacks did not run.
WEFT_SIM_TEST(MuseumR2_22, ResponseIsNotTouchedByACallbackThatThrows) {
  world.server().serve(ask, [](const std::string& question) { return question; });
  int reported = 0;
  Channel channel(world.transport(), world.loop(), counting(reported));
  auto call = channel.unary_unary(ask, "question");
  add_throwing_callback(call);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(5);

  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<std::string>& response = co_await call;
    EXPECT_EQ(response.value_or("none"), "question");
  }
  EXPECT_EQ(reported, 1);
  EXPECT_EQ(watch.callbacks(), 1u);
}

// In the original the exception ended up as the error of a task that nobody awaited, and later
// callbacks did not run.
WEFT_SIM_TEST(MuseumR2_22, StreamIsNotTouchedByACallbackThatThrows) {
  world.server().script(tell, sim::Script().gap().message("one").finish());
  int reported = 0;
  Channel channel(world.transport(), world.loop(), counting(reported));
  auto call = channel.unary_stream(tell, "question");
  add_throwing_callback(call);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(6);

  auto message = co_await call.read();
  EXPECT_TRUE(message) << message.status();
  for (int i = 0; i < 2; ++i) {
    const auto end = co_await call.read();
    EXPECT_TRUE(end.is_end()) << end.status();
  }
  EXPECT_EQ(reported, 1);
  EXPECT_EQ(watch.callbacks(), 1u);
}

// The original's callback held the call: with one registered, a call whose last handle was gone ran
// on, and nobody could end it.
template <class Method>
Body drop_a_call_with_a_callback(World& world, const Method& method) {
  LingeringServer server(world, method.full_name());
  Channel channel(world.transport(), world.loop());
  std::optional call(open(channel, method));
  int callbacks = 0;
  call->add_done_callback([&](const Call& done) {
    ++callbacks;
    EXPECT_EQ(done.outcome()->details, dropped_text);
  });
  bool connecting = false;
  Anytime drop(world, "call1.drop", [&] {
    connecting = channel.state() == ConnectivityState::connecting;
    call.reset();
    EXPECT_EQ(callbacks, 1);
  });

  auto ending = call->status();
  const absl::Status status = co_await std::move(ending);
  EXPECT_THAT(status, IsError(StatusCode::kCancelled, dropped_text));
  co_await server.until_told();
  EXPECT_EQ(callbacks, 1);
  world.sometimes("it was dropped while connecting", connecting);
  world.sometimes("the server had the call", server.reached());
}
WEFT_SIM_TEST(MuseumR2_23, CallbackOfAUnaryUnaryCallDoesNotKeepItFromBeingDropped) {
  EXPECT_SCHEDULES(6);
  return drop_a_call_with_a_callback(world, ask);
}
WEFT_SIM_TEST(MuseumR2_23, CallbackOfAUnaryStreamCallDoesNotKeepItFromBeingDropped) {
  EXPECT_SCHEDULES(6);
  return drop_a_call_with_a_callback(world, tell);
}
WEFT_SIM_TEST(MuseumR2_23, CallbackOfAStreamUnaryCallDoesNotKeepItFromBeingDropped) {
  EXPECT_SCHEDULES(6);
  return drop_a_call_with_a_callback(world, collect);
}
WEFT_SIM_TEST(MuseumR2_23, CallbackOfAStreamStreamCallDoesNotKeepItFromBeingDropped) {
  EXPECT_SCHEDULES(6);
  return drop_a_call_with_a_callback(world, talk);
}

// In the original a task of the library's own ran the call: dropped in the middle it ran on, and
// nobody could cancel it. Weft has decided for a cancel.
WEFT_SIM_TEST(MuseumR2_24, UnaryUnaryCallThatIsDroppedInTheMiddleIsCancelled) {
  LingeringServer server(world, ask.full_name());
  Channel channel(world.transport(), world.loop());
  std::optional call(channel.unary_unary(ask, "question"));
  Anytime drop(world, "call1.drop", [&] { call.reset(); });
  EXPECT_SCHEDULES(6);

  auto ending = call->status();
  const absl::Status status = co_await std::move(ending);
  EXPECT_THAT(status, IsError(StatusCode::kCancelled, dropped_text));
  co_await server.until_told();
  world.sometimes("the server had the request", server.messages_read() == 1);
  world.sometimes("the server never had the call", !server.reached());
}

// As in the test before: the call ran on, and with it the write.
WEFT_SIM_TEST(MuseumR2_24, StreamUnaryCallThatIsDroppedInTheMiddleIsCancelledWithItsWrite) {
  LingeringServer server(world, collect.full_name());
  Channel channel(world.transport(), world.loop());
  std::optional call(channel.stream_unary(collect));
  Anytime drop(world, "call1.drop", [&] { call.reset(); });
  EXPECT_SCHEDULES(20);

  auto ending = call->status();
  auto writing = call->write("m");
  const absl::Status written = co_await std::move(writing);
  const absl::Status status = co_await std::move(ending);
  EXPECT_THAT(status, IsError(StatusCode::kCancelled, dropped_text));
  EXPECT_TRUE(written.ok() || written == status) << written;
  co_await server.until_told();
  world.sometimes("the write was under way", !written.ok());
  world.sometimes("the write was through", written.ok());
}

// Two requests, and then nothing any more. `life` tells how long it lives.
AsyncGenerator<std::string> requests(World& world, std::shared_ptr<int> life) {
  co_yield "one";
  co_await world.yield();
  co_yield "two";
  *life = 2;
  co_await std::suspend_always();
}

// As before: the call ran on as long as its request iterator was consumed.
template <class Method>
Body drop_a_call_with_a_source(World& world, const Method& method) {
  LingeringServer server(world, method.full_name());
  Channel channel(world.transport(), world.loop());
  auto life = std::make_shared<int>(0);
  const std::weak_ptr<int> source = life;
  AsyncGenerator<std::string> two = requests(world, std::move(life));
  std::optional call = [&] {
    if constexpr (Method::kind == CallKind::stream_unary) {
      return std::optional(channel.stream_unary(method, std::move(two)));
    } else {
      return std::optional(channel.stream_stream(method, std::move(two)));
    }
  }();
  bool all_pulled = false;
  Anytime drop(world, "call1.drop", [&] {
    all_pulled = *source.lock() == 2;
    call.reset();
  });

  const auto memory = call->details();  // of the call, which would take the source with it
  auto ending = call->status();
  const absl::Status status = co_await std::move(ending);
  EXPECT_THAT(status, IsError(StatusCode::kCancelled, dropped_text));
  co_await world.yield();
  EXPECT_TRUE(source.expired());
  co_await server.until_told();
  world.sometimes("a request was on its way", server.messages_read() == 0 && server.reached());
  world.sometimes("the source waited for ever", all_pulled);
}
WEFT_SIM_TEST(MuseumR2_24, StreamUnaryCallThatIsDroppedInTheMiddleEndsItsSource) {
  EXPECT_SCHEDULES(177);
  return drop_a_call_with_a_source(world, collect);
}
WEFT_SIM_TEST(MuseumR2_24, StreamStreamCallThatIsDroppedInTheMiddleEndsItsSource) {
  EXPECT_SCHEDULES(177);
  return drop_a_call_with_a_source(world, talk);
}

}  // namespace
}  // namespace weft::test
