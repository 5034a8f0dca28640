// Writes that fail, concurrent ones, and ends of our own, against the status of the call: it is
// written once, and the server hears of every end that is not its own.

#include <optional>
#include <string>

#include "lingering_server.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::FaultPlan;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;
using testing::AnyOf;

// Takes one write of a single byte, and no other until the server reads.
const SimTransportOptions narrow = SimTransportOptions().window(1);

// The original took the failure of the write for an error of its own: the status CANCELLED became
// INTERNAL, cancelled() false, and the done callbacks ran again.
template <class Method>
Body cancel_a_blocked_writer(World& world, const Method& method) {
  world.server().script(method, Script().gap().read());
  Channel channel(world.transport("server", narrow), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool in_flight = false;
  Anytime cancel(world, "call1.cancel", [&] {
    in_flight = channel.state() == ConnectivityState::ready;
    EXPECT_TRUE(call.cancel());
    EXPECT_TRUE(call.cancelled());
  });

  const absl::Status written = co_await call.write("longer than the window");
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsLocalCancel());
  EXPECT_TRUE(written.ok() || written == status) << written;
  EXPECT_TRUE(call.cancelled());
  EXPECT_EQ(watch.callbacks(), 1u);
  world.sometimes("the write was in flight", in_flight && !written.ok());
  world.sometimes("the write was taken", written.ok());
}
WEFT_SIM_TEST(MuseumR2_03, CancelOfAStreamUnaryCallOutlivesTheWriteThatFails) {
  EXPECT_SCHEDULES(25);
  return cancel_a_blocked_writer(world, collect);
}
WEFT_SIM_TEST(MuseumR2_03, CancelOfAStreamStreamCallOutlivesTheWriteThatFails) {
  EXPECT_SCHEDULES(25);
  return cancel_a_blocked_writer(world, talk);
}

// The original overwrote the peer's status with INTERNAL when a write failed after it, about every
// second time, and ran the done callbacks again.
template <class Method>
Body write_until_the_peer_has_ended_it(World& world, const Method& method) {
  world.server().script(method, Script().headers().gap().finish(StatusCode::kNotFound, "gone"));
  Channel channel(world.transport("server", narrow), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  absl::Status failed;
  bool was_done = false;
  for (int writes = 0; writes < 3 && failed.ok(); ++writes) {
    co_await world.yield();
    was_done = call.done();
    failed = co_await call.write("m");
    EXPECT_TRUE(!was_done || !failed.ok());
  }
  EXPECT_THAT(failed,
              AnyOf(IsError(StatusCode::kNotFound, "gone"), IsUsageError(already_finished_text)));
  EXPECT_EQ(is_usage_error(failed), was_done);
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "gone"));
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(watch.callbacks(), 1u);
  world.sometimes("the write was under way", !was_done);
  world.sometimes("the write came after the status", was_done);
}
WEFT_SIM_TEST(MuseumR2_04, StatusOfAStreamUnaryCallSurvivesTheWriteThatFailsAfterIt) {
  EXPECT_SCHEDULES(631);
  return write_until_the_peer_has_ended_it(world, collect);
}
WEFT_SIM_TEST(MuseumR2_04, StatusOfAStreamStreamCallSurvivesTheWriteThatFailsAfterIt) {
  EXPECT_SCHEDULES(631);
  return write_until_the_peer_has_ended_it(world, talk);
}

// The original made up INTERNAL for those who waited when a write failed, and gave the peer's code
// to those who asked later.
template <class Method>
Body compare_waiters_with_later_callers(World& world, const Method& method) {
  world.allow(FaultPlan(sim::fault::connection_lost()));
  world.server().script(method, Script().gap().finish(StatusCode::kResourceExhausted, "enough"));
  Channel channel(world.transport("server", narrow), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  auto waiting =
      when_all(call.code(), call.write("longer than the window"), call.status(), call.rpc_error());
  const auto [code, written, status, error] = co_await std::move(waiting);
  EXPECT_THAT(code, AnyOf(StatusCode::kResourceExhausted, StatusCode::kUnavailable));
  EXPECT_EQ(written, status);
  EXPECT_EQ(status.code(), code);
  EXPECT_EQ(error->code(), code);
  co_await world.yield();
  const StatusCode later = co_await call.code();
  const absl::Status later_status = co_await call.status();
  EXPECT_EQ(later, code);
  EXPECT_EQ(later_status, status);
  EXPECT_EQ(watch.callbacks(), 1u);
  world.sometimes("the peer ended it", code == StatusCode::kResourceExhausted);
  world.sometimes("the connection was lost", code == StatusCode::kUnavailable);
}
WEFT_SIM_TEST(MuseumR2_05, WritersAndLaterCallersOfAStreamUnaryCallHearThePeersStatus) {
  EXPECT_SCHEDULES(36);
  return compare_waiters_with_later_callers(world, collect);
}
WEFT_SIM_TEST(MuseumR2_05, WritersAndLaterCallersOfAStreamStreamCallHearThePeersStatus) {
  EXPECT_SCHEDULES(36);
  return compare_waiters_with_later_callers(world, talk);
}

absl::Status refuse(Bytes, std::string&) {
  return absl::InvalidArgumentError("never heard of it");
}

// The original's own INTERNAL ended the call for the client alone: core was not cancelled, cancel()
// was false from then on, and the server went on. Here what ends a call with INTERNAL is a message
// that does not parse.
template <class Method>
Body end_with_an_error_of_our_own(World& world, const Method& method) {
  const Method unparsable(method.full_name(), method.serializer(), &refuse);
  LingeringServer server(world, method.full_name(), {"gibberish"});
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, unparsable);
  const Watch watch(world, call);
  bool cancelled = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled = call.cancel(); });

  const auto read = co_await call.read();
  EXPECT_TRUE(read.is_failed());
  const absl::Status status = co_await call.status();
  EXPECT_EQ(read.status(), status);
  EXPECT_EQ(status.code(), cancelled ? StatusCode::kCancelled : StatusCode::kInternal);
  EXPECT_FALSE(call.cancel());
  co_await server.until_told();
  world.sometimes("the message did not parse", !cancelled);
  world.sometimes("the server had seen the call when it was cancelled",
                  cancelled && server.reached());
}
WEFT_SIM_TEST(MuseumR2_06, ErrorOfOurOwnInAUnaryStreamCallReachesTheServer) {
  EXPECT_SCHEDULES(18);
  return end_with_an_error_of_our_own(world, tell);
}
WEFT_SIM_TEST(MuseumR2_06, ErrorOfOurOwnInAStreamStreamCallReachesTheServer) {
  EXPECT_SCHEDULES(18);
  return end_with_an_error_of_our_own(world, talk);
}

// An older original told the writer that all was well although its message was dropped, the later
// one that there was an internal error; the call was fine, and over.
template <class Method>
Body write_to_a_peer_that_ends_well(World& world, const Method& method, Script script) {
  world.server().script(method, std::move(script));
  Channel channel(world.transport("server", narrow), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  const absl::Status written = co_await call.write("longer than the window");
  EXPECT_THAT(written, IsUsageError(already_finished_text));
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok()) << status;
  const absl::Status again = co_await call.write("m");
  EXPECT_THAT(again, IsUsageError(already_finished_text));
  EXPECT_EQ(watch.callbacks(), 1u);
}
WEFT_SIM_TEST(MuseumR2_07, WriteThatAStreamUnaryCallHasNoUseForIsRefusedAndTheCallIsFine) {
  EXPECT_SCHEDULES(18);
  return write_to_a_peer_that_ends_well(world, collect, Script().gap().message("enough").finish());
}
WEFT_SIM_TEST(MuseumR2_07, WriteThatAStreamStreamCallHasNoUseForIsRefusedAndTheCallIsFine) {
  EXPECT_SCHEDULES(21);
  return write_to_a_peer_that_ends_well(world, talk, Script().headers().gap().finish());
}

Task<std::string> all_requests(auto& call) {
  std::string all;
  while (std::optional<std::string> message = co_await call.read()) all += *message;
  co_return all;
}

Task<absl::Status> answer_with_all_requests(auto& call) {
  auto reading = all_requests(call);
  const std::string all = co_await std::move(reading);
  co_await call.write(all);
  co_return absl::OkStatus();
}

Task<absl::Status> write_later(World& world, auto call, std::string message) {
  co_await world.yield();
  co_return co_await call.write(message);
}

// The original killed the call with INTERNAL at the second write; an older one let it wait until
// the end of the call.
template <class Method>
Body write_twice_at_once(World& world, const Method& method) {
  constexpr bool one_response = Method::kind == CallKind::stream_unary;
  if constexpr (one_response) {
    world.server().serve(method, [](auto& call) { return all_requests(call); });
  } else {
    world.server().serve(method, [](auto& call) { return answer_with_all_requests(call); });
  }
  Channel channel(world.transport("server", narrow), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  auto both = when_all(call.write("first,"), write_later(world, call, "second,"));
  const auto [first, second] = co_await std::move(both);
  EXPECT_TRUE(first.ok()) << first;
  EXPECT_TRUE(second.ok() || is_usage_error(second)) << second;
  EXPECT_FALSE(call.done());
  const absl::Status third = co_await call.write("third");
  EXPECT_TRUE(third.ok()) << third;
  const absl::Status closed = co_await call.done_writing();
  EXPECT_TRUE(closed.ok()) << closed;
  std::string answer;
  if constexpr (one_response) {
    const absl::StatusOr<std::string>& response = co_await call;
    answer = response.value_or("");
  } else {
    auto read = co_await call.read();
    if (read) answer = *read;
    const auto end = co_await call.read();
    EXPECT_TRUE(end.is_end());
  }
  EXPECT_TRUE(call.done());
  EXPECT_EQ(answer, second.ok() ? "first,second,third" : "first,third");
  world.sometimes("the second was refused", !second.ok());
  world.sometimes("the second came after the first", second.ok());
}
WEFT_SIM_TEST(MuseumR2_12, SecondWriteOfAStreamUnaryCallIsRefusedAndHarmless) {
  EXPECT_SCHEDULES(407);
  return write_twice_at_once(world, collect);
}
WEFT_SIM_TEST(MuseumR2_12, SecondWriteOfAStreamStreamCallIsRefusedAndHarmless) {
  EXPECT_SCHEDULES(259);
  return write_twice_at_once(world, talk);
}

}  // namespace
}  // namespace weft::test
