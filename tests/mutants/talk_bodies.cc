// Streams both ways: with a server that hangs up early, cancelled, and under a deadline.

#include <string>
#include <vector>

#include "bodies.h"
#include "ledger.h"
#include "weft/api/channel.h"
#include "weft/api/task_scope.h"
#include "weft/transport_sim/server_call.h"
#include "witness.h"

namespace weft::test {
namespace {

using Talked = sim::ServerCall<std::string, std::string>;
using TalkCall = StreamStreamCall<std::string, std::string>;

constexpr std::size_t window = 2;  // a greeting, less than a message

// Greets, hears one thing, takes leave, and goes.
Task<absl::Status> greet_and_go(Ledger ledger, Talked& call) {
  const Ledger::Visit visit(ledger);
  (void)co_await call.write("hi");
  const auto first = co_await call.read();
  if (first.has_value()) ledger.note(*first);
  (void)call.write("bye");  // does not wait until there is room for it
  (void)call.write("bye bye");
  co_return absl::OkStatus();
}

Task<absl::Status> echo(Ledger ledger, Talked& call) {
  const Ledger::Visit visit(ledger);
  while (auto request = co_await call.read()) {
    ledger.note(*request);
    const bool sent = co_await call.write(*request);
    if (!sent) break;
  }
  if (call.cancelled()) co_return absl::AbortedError("nobody is there any more");
  co_return absl::OkStatus();
}

void serve_echoes(World& world, const Ledger& ledger) {
  world.server().serve(talk, [ledger](Talked& call) { return echo(ledger, call); });
}

Task<void> say_two(TalkCall call) {
  for (const char* message : {"one", "two"}) {
    const std::string text = message;
    const absl::Status written = co_await call.write(text);
    if (!written.ok()) co_return;
  }
  (void)co_await call.done_writing();
}

Task<void> hear_all(TalkCall call, std::vector<std::string>& heard) {
  while (auto message = co_await call.read()) heard.push_back(*message);
}

void expect_in_order(World& world, const std::vector<std::string>& heard) {
  const std::vector<std::string> said = {"one", "two"};
  const bool in_order =
      heard.size() <= said.size() &&
      std::vector<std::string>(said.begin(), said.begin() + std::ssize(heard)) == heard;
  if (!in_order) world.fail("the echoes are others");
}

}  // namespace

// Writes everything before it reads on, to a server that does not want everything.
Body stream_stream_plain(World& world, std::size_t faults) {
  allow(world, faults, {fault::stalled_write(), fault::connection_lost()});
  const Ledger ledger(world);
  world.server().serve(talk, [ledger](Talked& call) { return greet_and_go(ledger, call); });
  Channel channel(world.transport("server", SimTransportOptions().connected().window(window)),
                  world.loop());
  auto call = channel.stream_stream(talk);
  const Witness witness(world, call);

  std::size_t taken = 0;
  auto greeting = co_await call.exchange("one");
  if (greeting) {
    taken = 1;
    (void)co_await call.initial_metadata();
  }
  const bool cares = world.choose(2, "who cares for the rest") == 0;
  if (!cares) call.discard();
  const std::vector<std::string> messages = {"two", "three"};
  for (const std::string& message : messages) {
    if (taken == 0) break;
    const absl::Status written = co_await call.write(message);
    if (!written.ok()) break;
    ++taken;
  }
  (void)co_await call.done_writing();
  if (cares) call.discard();
  const absl::Status status = co_await call.status();
  co_await ledger.idle();
  // A message is larger than the window, so it is taken only by a server that wants it.
  if (status.ok() && taken != ledger.requests().size()) world.fail("a write was lost");
  if (faults > 0) {
    co_return witness.expect_ended_with({StatusCode::kOk, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kOk});
}

Body stream_stream_cancelled(World& world, std::size_t faults) {
  allow(world, faults, {fault::stalled_write()});
  const Ledger ledger(world);
  serve_echoes(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().connected().window(window)),
                  world.loop());
  auto call = channel.stream_stream(talk);
  const Witness witness(world, call);
  TaskScope scope(world.loop());
  std::vector<std::string> heard;
  scope.spawn(say_two(call));
  scope.spawn(hear_all(call, heard));
  Anytime leave(world, "user.leaves", [&] {
    witness.cancel("left");
    scope.cancel("left as well");
  });

  co_await scope.join();
  co_await call.status();
  co_await ledger.idle();
  expect_in_order(world, heard);
  if (!call.cancelled() && heard.size() != 2) world.fail("the call is OK without its echoes");
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kCancelled});
}

Body stream_stream_deadline(World& world, std::size_t faults) {
  allow(world, faults, {fault::stalled_write(), fault::connection_lost()});
  const Ledger ledger(world);
  serve_echoes(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  constexpr absl::Duration timeout = absl::Seconds(1);
  auto call = channel.stream_stream(talk, CallOptions().timeout(timeout));
  const Witness witness(world, call);

  std::vector<std::string> heard;
  for (const char* message : {"one", "two"}) {
    const std::string text = message;
    auto echoed = co_await call.exchange(text);
    if (!echoed) break;
    heard.push_back(*echoed);
  }
  (void)co_await call.done_writing();
  while (auto rest = co_await call.read()) heard.push_back(*rest);
  const absl::Status status = co_await call.status();
  if (world.elapsed() > timeout) world.fail("the call outlived its deadline");
  co_await ledger.idle();
  expect_in_order(world, heard);
  if (status.ok() && heard.size() != 2) world.fail("the call is OK without its echoes");
  if (faults > 0) {
    co_return witness.expect_ended_with(
        {StatusCode::kOk, StatusCode::kDeadlineExceeded, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kDeadlineExceeded});
}

}  // namespace weft::test
