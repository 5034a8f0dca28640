// Deadlines: where they count from, what they end, and who tells.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beside.h"
#include "each_kind.h"
#include "read_results.h"
#include "weft/api/rpc_error.h"
#include "weft/api/sleep.h"
#include "weft/transport/wire_status.h"
#include "weft/transport_sim/fault_plan.h"
#include "weft/transport_sim/world.h"

namespace weft::test {
namespace {

constexpr absl::Duration soon = absl::Milliseconds(30);
constexpr absl::Duration long_enough = absl::Seconds(60);

MATCHER(IsExpiry, "") {
  return arg.code() == StatusCode::kDeadlineExceeded &&
         std::string(arg.message()) == deadline_details;
}

// --- from when ---

BEHAVIOUR(Deadlines, CountFromTheCallAndNotFromTheConnection, "B220") {
  const auto server = setting.start_server(ServerOptions().stopped());
  Channel channel(setting.transport_to(*server), setting.loop());
  const absl::Duration timeout = absl::Seconds(20);
  const Instant made = setting.loop().now();
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions().timeout(timeout).wait_for_ready());
  // Time without a server is what is tested: the deadline counts it.
  const auto pause = sleep_for(setting.loop(), absl::Milliseconds(200));
  co_await pause;
  const absl::Duration waited = setting.loop().now() - made;
  server->start();
  const absl::StatusOr<EchoResponse>& response = co_await call;
  if (response.ok()) {
    // gRPC core rounds what it tells the server upwards, to a tenth of a second.
    EXPECT_LE(response->time_remaining_ms(), absl::ToInt64Milliseconds(timeout - waited) + 100);
  } else {
    EXPECT_THAT(response.status(), IsExpiry());
    EXPECT_GE(setting.loop().now() - made, timeout);
  }
  setting.sometimes("it was connected in time", response.ok());
}

BEHAVIOUR_OF_EACH_KIND(Deadlines, ThatHavePassedAlreadyEndTheCallBeforeTheServerHasIt,
                       "B227 R1-38") {
  for (const absl::Duration timeout : {absl::ZeroDuration(), absl::Seconds(-1)}) {
    const std::string name = setting.new_name();
    auto call = open(setting.channel(), method, request("x"),
                     CallOptions().timeout(timeout).metadata("watch", name));
    EXPECT_EQ(call.time_remaining(), absl::ZeroDuration());
    auto end = end_of(call);
    EXPECT_THAT(co_await std::move(end), IsExpiry());
    auto server = state_seen_by_server(setting, name);
    EXPECT_EQ(co_await std::move(server), "unknown");
  }
}

BEHAVIOUR_OF_EACH_KIND(Deadlines, RunWhileTheCallWaitsForAConnection, "B228 R1-58") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = open_idle(nowhere, method, CallOptions().timeout(soon).wait_for_ready());
  Beside connection(setting.loop(), call.wait_for_connection());
  if constexpr (requires { call.done_writing(); }) {
    const EchoRequest message = request("x");
    EXPECT_THAT(co_await call.write(message), IsExpiry());
  }
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsExpiry());
  co_await connection.over();
  EXPECT_THAT(connection.result().value(), IsExpiry());
}

// --- what they end ---

BEHAVIOUR_OF_EACH_KIND(Deadlines, EndACallThatTheServerDoesNotEnd, "B221 B223 B224 R1-34 R1-58") {
  auto call = open(setting.channel(), method, silent_request(), CallOptions().timeout(soon));
  auto end = end_of(call);
  EXPECT_THAT(co_await std::move(end), IsExpiry());
  EXPECT_FALSE(call.cancelled());
  EXPECT_EQ(co_await call.details(), deadline_details);
  const std::optional<std::string> debug = co_await call.debug_error_string();
  EXPECT_NE(debug.value_or(""), "");
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_TRUE(error && error->initial_metadata().empty() && error->trailing_metadata().empty());
}

BEHAVIOUR_OF_EACH_KIND(Deadlines, LeaveACallAloneThatEndsInTime, "B222") {
  auto call = open(setting.channel(), method, request("x"), CallOptions().timeout(long_enough));
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  if (!status.ok()) {
    EXPECT_TRUE(setting.simulated()) << status;
    EXPECT_THAT(status, IsExpiry());
  }
  setting.sometimes("it ended in time", status.ok());
}

// Bounded: a hundred delays make too many orders, and the deadline may pass at each of them.
BEHAVIOUR_OF_KINDS(Deadlines, EndAStreamBehindTheMessagesThatCameInTime, "B224",
                   (unary_stream, stream_stream), sim::ExploreOptions().deviations(3)) {
  EchoRequest slow = request("m", 100);
  slow.set_delay_ms(20);
  auto call = open(setting.channel(), method, slow, CallOptions().timeout(absl::Milliseconds(70)));
  int messages = 0;
  auto read = co_await call.read();
  for (; read; read = co_await call.read()) EXPECT_EQ(read->index(), messages++);
  EXPECT_THAT(read.status(), IsExpiry());
  EXPECT_THAT(co_await call.read(), IsFailure(IsExpiry()));
  EXPECT_LT(messages, 100);
  setting.sometimes("messages came in time", messages > 1);
}

template <class TypedCall>
Task<absl::Status> write_and_then_wait(TypedCall call) {
  const EchoRequest message = request("x", 0);
  for (int i = 0; i < 2; ++i) {
    absl::Status written = co_await call.write(message);
    if (!written.ok()) co_return written;
  }
  auto end = end_of(call);
  co_return co_await std::move(end);
}

BEHAVIOUR_OF_KINDS(Deadlines, FailTheWriteOrTheReadThatIsUnderWay, "B225 B226",
                   (stream_unary, stream_stream)) {
  auto call = open_idle(setting.channel(), method, CallOptions().timeout(soon));
  auto first_failure = write_and_then_wait(call);
  EXPECT_THAT(co_await std::move(first_failure), IsExpiry());
}

BEHAVIOUR_OF_KINDS(Deadlines, FailAWriteThatFlowControlHolds, "B225 B226 R1-57 R1-58",
                   (stream_unary, stream_stream)) {
  auto call = open_idle(setting.channel(), method, CallOptions().timeout(soon));
  const EchoRequest silence = silent_request();
  const EchoRequest large = request_beyond_any_window(setting);
  absl::Status written = co_await call.write(silence);
  while (written.ok()) written = co_await call.write(large);
  EXPECT_THAT(written, IsExpiry());
}

// --- the server's part ---

// Its clock may be the faster one, and then the expiry comes from there. Bounded: the second call
// begins when the first one is over.
BEHAVIOUR_OF_EACH_KIND(Deadlines, AreTheSameExpiryWhoeverTells, "B229",
                       sim::ExploreOptions().deviations(4)) {
  auto here = open(setting.channel(), method, silent_request(), CallOptions().timeout(soon));
  auto end_here = end_of(here);
  const absl::Status status = co_await std::move(end_here);
  EXPECT_THAT(status, IsExpiry());
  auto there = open(setting.channel(), method,
                    failing_request(StatusCode::kDeadlineExceeded, std::string(deadline_details)));
  auto end_there = end_of(there);
  EXPECT_EQ(co_await std::move(end_there), status);
  const auto from_peer = [](const std::optional<std::string>& debug_text) {
    return debug_text.value_or("").find("received from") != std::string::npos;
  };
  EXPECT_TRUE(from_peer(co_await there.debug_error_string()));
  const bool server_was_first = from_peer(co_await here.debug_error_string());
  setting.sometimes("the server was first", server_was_first);
  setting.sometimes("the client was first", !server_was_first);
}

template <class TypedCall>
Task<std::int64_t> time_remaining_at_server(TypedCall call) {
  if constexpr (requires { call.read(); }) {
    const auto response = co_await call.read();
    co_return response ? response->time_remaining_ms() : 0;
  } else {
    const absl::StatusOr<EchoResponse>& response = co_await call;
    co_return response.ok() ? response->time_remaining_ms() : 0;
  }
}

BEHAVIOUR_OF_EACH_KIND(Deadlines, TravelToTheServer, "B230") {
  auto call = open(setting.channel(), method, request("x"), CallOptions().timeout(long_enough));
  auto at_server = time_remaining_at_server(call);
  const std::int64_t remaining_ms = co_await std::move(at_server);
  // gRPC core rounds what it tells the server upwards, to three digits.
  EXPECT_LE(remaining_ms, absl::ToInt64Milliseconds(long_enough) * 101 / 100);
  // Where the network takes no time, it also takes as much as it likes.
  EXPECT_TRUE(setting.simulated() || remaining_ms > absl::ToInt64Milliseconds(long_enough) / 2);
  setting.sometimes("the server saw it", remaining_ms > 0);
}

BEHAVIOUR_OF_EACH_KIND(Deadlines, AreNoneAtTheServerIfTheCallHasNone, "B230") {
  auto call = open(setting.channel(), method, request("x"));
  auto at_server = time_remaining_at_server(call);
  EXPECT_EQ(co_await std::move(at_server), -1);
}

// A server that gives up at the deadline resets the stream, and that may come before this side's
// timer fires. Real servers do it by themselves; a simulated one needs leave to.
BEHAVIOUR(Deadlines, HavePassedWhenTheServersResetIsFirst, "B231 R1-53") {
  if (setting.simulated()) {
    setting.world()->allow(sim::FaultPlan().may(sim::fault::reset(Http2Error::cancel)));
  }
  const Instant due = setting.loop().now() + soon;
  using SilentCall = UnaryUnaryCall<EchoRequest, EchoResponse>;
  std::vector<SilentCall> calls;
  std::vector<Instant> ends;
  for (int i = 0; i < (setting.simulated() ? 1 : 20); ++i) {
    calls.push_back(setting.channel().unary_unary(unary_unary, silent_request(),
                                                  CallOptions().deadline(Deadline::at(due))));
    calls.back().add_done_callback([&](const Call&) { ends.push_back(setting.loop().now()); });
  }
  // In the simulator the time comes with whatever timer is first.
  const auto the_time = sleep_until(setting.loop(), due);
  co_await the_time;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const absl::Status status = co_await calls[i].status();
    const std::string debug = (co_await calls[i].debug_error_string()).value_or("");
    const bool in_time = ends[i] < due;
    EXPECT_TRUE(setting.simulated() || !in_time);
    EXPECT_THAT(status, HasCode(in_time ? StatusCode::kCancelled : StatusCode::kDeadlineExceeded));
    setting.sometimes("a reset came in time", in_time);
    setting.sometimes("a reset came late", !in_time && debug.find("reset") != std::string::npos);
  }
}

}  // namespace
}  // namespace weft::test
