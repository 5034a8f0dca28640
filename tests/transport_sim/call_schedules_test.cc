// The four kinds of call against what may end them early: explored to the end, counts pinned.

#include <gmock/gmock.h>

#include <string>

#include "four_kinds.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::sim {
namespace {

using test::StreamStream;
using test::StreamUnary;
using test::UnaryStream;
using test::UnaryUnary;

constexpr bool one_response(CallKind kind) {
  return response_cardinality(kind) == Cardinality::one;
}

// What holds however a call ended: one outcome, told once, the same for all views.
template <class Call>
Task<> expect_one_outcome(World& world, Call& call, const int& callbacks) {
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(call.done());
  EXPECT_EQ(callbacks, 1);
  EXPECT_EQ(call.cancelled(), status.code() == StatusCode::kCancelled);
  EXPECT_EQ(co_await call.code(), status.code());
  (void)co_await call.initial_metadata();
  EXPECT_FALSE(call.cancel());
  world.outcome(std::string(status_code_name(status.code())));
}

// The peer's headers come late; the client waits for them, and may cancel at any time.
template <class Kind>
Task<> cancel_before_metadata(World& world) {
  Script script;
  script.read_all().gap().headers({{"peer", "here"}}).gap();
  world.server().script(Kind::method, script.message("response").finish());
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto call = Kind::make(channel, "request", CallOptions().early_initial_metadata());
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  Anytime cancel(world, "call1.cancel", [&] {
    const bool was_done = call.done();
    EXPECT_EQ(call.cancel(), !was_done);
  });
  auto writing = Kind::write(call, "message");
  co_await std::move(writing);
  const Metadata headers = co_await call.initial_metadata();
  world.sometimes("cancelled before the headers", headers.empty());
  auto reading = Kind::read(call);
  (void)co_await std::move(reading);
  world.sometimes("cancelled after the headers", !headers.empty() && call.cancelled());
  co_await expect_one_outcome(world, call, callbacks);
}

// The connection is not there yet; the client waits for it, and may cancel at any time.
template <class Kind>
Task<> cancel_before_connect(World& world) {
  Script script;
  script.read_all();
  world.server().script(Kind::method, script.message("response").finish());
  Channel channel(world.transport(), world.loop());
  auto call = Kind::make(channel, "request", CallOptions().wait_for_ready());
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  const absl::Status connected = co_await call.wait_for_connection();
  world.sometimes("cancelled before it was connected", !connected.ok());
  auto writing = Kind::write(call, "message");
  co_await std::move(writing);
  auto reading = Kind::read(call);
  (void)co_await std::move(reading);
  co_await expect_one_outcome(world, call, callbacks);
}

// The peer takes its time to read, and the message is larger than the window.
template <class Kind>
Task<> cancel_while_writing(World& world) {
  Script script;
  script.headers().gap().read_all();
  world.server().script(Kind::method, script.message("response").finish());
  Channel channel(world.transport("server", SimTransportOptions().connected().window(4)),
                  world.loop());
  auto call = Kind::make(channel, "a long request", CallOptions());
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  auto writing = Kind::write(call, "a long message");
  const absl::Status written = co_await std::move(writing);
  if (request_cardinality(Kind::method.kind) == Cardinality::many) {
    world.sometimes("a blocked write was cancelled", !written.ok());
    world.sometimes("a write went through", written.ok());
  }
  auto reading = Kind::read(call);
  (void)co_await std::move(reading);
  co_await expect_one_outcome(world, call, callbacks);
}

// The deadline may pass before, between and after everything that the peer does.
template <class Kind>
Task<> deadline_against_status(World& world) {
  Script script;
  script.read_all();
  world.server().script(Kind::method, script.message("response").finish());
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto call = Kind::make(channel, "request", CallOptions().timeout(absl::Seconds(1)));
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  auto writing = Kind::write(call, "message");
  co_await std::move(writing);
  auto reading = Kind::read(call);
  const std::vector<std::string> messages = co_await std::move(reading);
  const StatusCode code = co_await call.code();
  world.sometimes("the status was first", code == StatusCode::kOk);
  world.sometimes("the deadline was first", code == StatusCode::kDeadlineExceeded);
  EXPECT_EQ(code == StatusCode::kOk, world.elapsed() < absl::Seconds(1));
  const bool whole = code == StatusCode::kOk;
  if (whole || one_response(Kind::method.kind)) {
    EXPECT_EQ(messages.size(), whole ? 1u : 0u);
  }
  co_await expect_one_outcome(world, call, callbacks);
}

// Messages that the peer sent before its status are delivered before it, a bad one included (T15).
template <class Kind>
Task<> status_against_last_message(World& world) {
  Script script;
  script.read_all().message("last").gap().finish(StatusCode::kAborted, "that is all");
  world.server().script(Kind::method, script);
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto call = Kind::make(channel, "request", CallOptions());
  int callbacks = 0;
  call.add_done_callback([&](const Call&) { ++callbacks; });
  auto writing = Kind::write(call, "message");
  co_await std::move(writing);
  auto reading = Kind::read(call);
  const std::vector<std::string> messages = co_await std::move(reading);
  if (!one_response(Kind::method.kind)) {
    EXPECT_THAT(messages, testing::ElementsAre("last"));
  }
  EXPECT_EQ(co_await call.details(), "that is all");
  co_await expect_one_outcome(world, call, callbacks);
}

#define WEFT_TEST_RACE(name, race, of_unary_unary, of_unary_stream, of_stream_unary, \
                       of_stream_stream)                                             \
  WEFT_SIM_TEST(name, OfUnaryUnary) {                                                \
    EXPECT_SCHEDULES(of_unary_unary);                                                \
    co_await race<UnaryUnary>(world);                                                \
  }                                                                                  \
  WEFT_SIM_TEST(name, OfUnaryStream) {                                               \
    EXPECT_SCHEDULES(of_unary_stream);                                               \
    co_await race<UnaryStream>(world);                                               \
  }                                                                                  \
  WEFT_SIM_TEST(name, OfStreamUnary) {                                               \
    EXPECT_SCHEDULES(of_stream_unary);                                               \
    co_await race<StreamUnary>(world);                                               \
  }                                                                                  \
  WEFT_SIM_TEST(name, OfStreamStream) {                                              \
    EXPECT_SCHEDULES(of_stream_stream);                                              \
    co_await race<StreamStream>(world);                                              \
  }

WEFT_TEST_RACE(CancelBeforeMetadata, cancel_before_metadata, 59, 59, 416, 368)
WEFT_TEST_RACE(CancelBeforeConnect, cancel_before_connect, 20, 16, 132, 112)
WEFT_TEST_RACE(CancelWhileWriting, cancel_while_writing, 169, 169, 750, 590)
WEFT_TEST_RACE(DeadlineAgainstStatus, deadline_against_status, 19, 19, 504, 480)
WEFT_TEST_RACE(StatusAgainstLastMessage, status_against_last_message, 18, 18, 120, 78)

// One call with everything in the way, by hand: after the connection, the acceptance `a` runs
// beside the request, headers, message and status. Without a cancel the acceptance has 5 places
// (last means never: the status withdrew it). A cancel may come before the connection, or after i
// of the three steps before the status, with the acceptance outside (1 way) or among them (i + 1
// ways).
WEFT_SIM_TEST(UnaryUnaryCall, HasTheSchedulesThatCountingByHandGives) {
  world.server().serve(UnaryUnary::method, [](const std::string& request) { return request; });
  Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(UnaryUnary::method, "hello");
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  constexpr int uncancelled = 5;
  constexpr int cancelled = 1 + 4 + (1 + 2 + 3 + 4);
  EXPECT_SCHEDULES(uncancelled + cancelled);
  const absl::StatusOr<std::string> reply = co_await call;
  EXPECT_EQ(reply.value_or("hello"), "hello");
  world.outcome(reply.ok() ? "OK" : std::string(reply.status().message()));
}

}  // namespace
}  // namespace weft::sim
