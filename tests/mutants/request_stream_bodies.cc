// Many requests, one response: written to the end, by a task that is cancelled, and from a source
// under a deadline.

#include <string>
#include <vector>

#include "bodies.h"
#include "ledger.h"
#include "weft/api/async_generator.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/usage_error.h"
#include "weft/transport_sim/server_call.h"
#include "witness.h"

namespace weft::test {
namespace {

using Collected = sim::ServerCall<std::string, std::string>;
using CollectCall = StreamUnaryCall<std::string, std::string>;

constexpr std::size_t window = 2;  // less than a message

Task<absl::StatusOr<std::string>> count_requests(Ledger ledger, Collected& call) {
  const Ledger::Visit visit(ledger);
  std::size_t count = 0;
  while (auto request = co_await call.read()) {
    ledger.note(*request);
    ++count;
  }
  if (call.cancelled()) co_return absl::AbortedError("nobody is there any more");
  co_return std::to_string(count);
}

void serve_counts(World& world, const Ledger& ledger) {
  world.server().serve(collect, [ledger](Collected& call) { return count_requests(ledger, call); });
}

// How far a task came.
class Progress {
 public:
  bool begun = false;
  bool finished = false;
};

Task<void> write_two(CollectCall call, Progress& progress) {
  progress.begun = true;
  for (const char* message : {"one", "two"}) {
    const std::string text = message;
    const absl::Status written = co_await call.write(text);
    if (!written.ok()) break;
  }
  (void)co_await call.done_writing();
  progress.finished = true;
}

// Until it is cancelled.
Task<void> watch_connection(Channel& channel) {
  for (;;) {
    const absl::StatusOr<ConnectivityState> next =
        co_await channel.wait_for_state_change(channel.state());
    if (!next.ok()) co_return;
  }
}

AsyncGenerator<std::string> two_a_second_apart(EventLoop& loop) {
  co_yield "one";
  // Virtual time: the source has its next request late, at any moment.
  co_await sleep_for(loop, absl::Seconds(1));
  co_yield "two";
}

}  // namespace

Body stream_unary_plain(World& world, std::size_t faults) {
  allow(world, faults,
        {fault::connection_refused(), fault::stalled_write(), fault::connection_lost(),
         fault::doubled_response(), fault::missing_status()});
  const Ledger ledger(world);
  serve_counts(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().window(window)), world.loop());
  auto call = channel.stream_unary(collect, CallOptions().wait_for_ready());
  const Witness witness(world, call);

  (void)co_await call.wait_for_connection();
  const std::vector<std::string> messages = {"one", "two"};
  for (const std::string& message : messages) {
    const absl::Status written = co_await call.write(message);
    if (!written.ok()) break;
  }
  (void)co_await call.done_writing();
  const absl::Status late = co_await call.write("three");
  if (!is_usage_error(late)) world.fail("a message was taken after the half-close");
  const absl::Status again = co_await call.done_writing();
  if (!again.ok()) world.fail("a second half-close is no harm");
  const absl::StatusOr<std::string>& reply = co_await call;
  witness.expect_ended();
  co_await ledger.idle();
  if (reply.ok() && (*reply != "2" || ledger.requests() != messages)) {
    world.fail("the call is OK without its messages");
  }
  if (faults == 0) co_return witness.expect_ended_with({StatusCode::kOk});
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kUnavailable, StatusCode::kUnimplemented,
                             StatusCode::kUnknown});
}

Body stream_unary_cancelled(World& world, std::size_t faults) {
  allow(world, faults, {fault::stalled_write(), fault::connection_lost()});
  const Ledger ledger(world);
  serve_counts(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().connected().window(window)),
                  world.loop());
  auto call = channel.stream_unary(collect);
  const Witness witness(world, call);
  TaskScope scope(world.loop());
  Progress progress;
  scope.spawn(write_two(call, progress));
  scope.spawn(watch_connection(channel));
  const bool at_once = world.choose(2, "second thoughts") == 1;
  if (at_once) scope.cancel("left");
  Anytime leave(world, "user.leaves", [&] { scope.cancel("left"); });

  if (at_once) {
    co_await scope.join();
    witness.cancel("nothing to send");
  }
  const absl::StatusOr<std::string>& reply = co_await call;
  witness.expect_ended();
  const absl::Status closed = co_await call.done_writing();
  if (!closed.ok()) world.fail("a half-close of a call that is done is no harm");
  scope.cancel("over");
  co_await scope.join();
  co_await ledger.idle();
  if (at_once && progress.begun) world.fail("a task that was cancelled before ran");
  const bool torn_down = progress.begun && !progress.finished;
  if (reply.ok() && ledger.requests().size() != 2) {
    world.fail("the call is OK without its messages");
  }
  if (call.cancelled() && torn_down && call.outcome()->details != "left") {
    world.fail("the call does not say why its task was cancelled");
  }
  if (faults > 0) {
    co_return witness.expect_ended_with(
        {StatusCode::kOk, StatusCode::kCancelled, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kCancelled});
}

Body stream_unary_deadline(World& world, std::size_t faults) {
  allow(world, faults, {fault::stalled_write(), fault::keepalive_timeout()});
  const Ledger ledger(world);
  serve_counts(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().connected().window(window)),
                  world.loop());
  constexpr absl::Duration timeout = absl::Seconds(1);
  auto call = channel.stream_unary(collect, two_a_second_apart(world.loop()),
                                   CallOptions().timeout(timeout));
  const Witness witness(world, call);

  const absl::StatusOr<std::string>& reply = co_await call;
  witness.expect_ended();
  if (world.elapsed() > timeout) world.fail("the call outlived its deadline");
  co_await ledger.idle();
  if (reply.ok() && ledger.requests().size() != 2) {
    world.fail("the call is OK without its messages");
  }
  if (faults > 0) {
    co_return witness.expect_ended_with(
        {StatusCode::kOk, StatusCode::kDeadlineExceeded, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kDeadlineExceeded});
}

}  // namespace weft::test
