// More than one call of a channel: two that race for one place, and some when it is closed.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bodies.h"
#include "ledger.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/server_call.h"
#include "witness.h"

namespace weft::test {
namespace {

using Asked = sim::ServerCall<std::string, std::string>;
using AskCall = UnaryUnaryCall<std::string, std::string>;

constexpr absl::Duration grace = absl::Seconds(2);

Task<absl::StatusOr<std::string>> answer(Ledger ledger, std::string name, Asked& call) {
  const Ledger::Visit visit(ledger);
  if (name == "slow") co_await call.until_cancelled();
  co_await call.world().yield();
  if (call.cancelled()) co_return absl::AbortedError("nobody is there any more");
  co_return detail::text("hello ", name);
}

void serve_answers(World& world, const Ledger& ledger) {
  world.server().serve(
      ask, [ledger](const std::string& name, Asked& call) { return answer(ledger, name, call); });
}

Task<absl::StatusOr<std::string>> ask_once(Channel& channel, std::string name) {
  auto call = channel.unary_unary(ask, name);
  const absl::StatusOr<std::string>& reply = co_await call;
  co_return reply;
}

// Tries again at once if nobody was there.
Task<CallStatus> try_twice(InterceptedCall& call) {
  CallStatus status = co_await call.proceed();
  if (status.code == StatusCode::kUnavailable && call.can_proceed()) {
    status = co_await call.proceed();
  }
  co_return status;
}

Channel channel_that_retries(World& world) {
  std::vector<std::shared_ptr<Interceptor>> interceptors;
  interceptors.push_back(make_interceptor([](InterceptedCall& call) { return try_twice(call); }));
  return Channel(world.transport("server", SimTransportOptions().stream_limit(1)), world.loop(),
                 ChannelOptions().interceptors(std::move(interceptors)));
}

Task<void> watch_until_closed(Channel& channel) {
  ConnectivityState state = channel.state();
  while (state != ConnectivityState::shutdown) {
    const absl::StatusOr<ConnectivityState> next = co_await channel.wait_for_state_change(state);
    if (!next.ok()) co_return;
    state = *next;
  }
}

Task<void> close_in_time(World& world, Channel& channel, std::optional<absl::Duration>& closed,
                         const std::vector<AskCall>& calls) {
  closed = world.elapsed();
  auto close = channel.close(grace);
  co_await std::move(close);
  for (const AskCall& call : calls) {
    if (!call.done()) world.fail("a channel is closed, and has a call that is not done");
  }
}

}  // namespace

Body two_calls(World& world, std::size_t faults) {
  allow(world, faults, {fault::goaway(), fault::goaway_unprocessed(), fault::connection_lost()});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel(world.transport("server", SimTransportOptions().stream_limit(1)), world.loop());

  // Virtual time: the timeout of a client that gives up, at any moment.
  auto patience = when_any(ask_once(channel, "slow"), sleep_for(world.loop(), absl::Seconds(1)));
  (void)co_await std::move(patience);
  co_await ledger.idle();
  auto both = when_all(ask_once(channel, "you"), ask_once(channel, "all"));
  const auto replies = co_await std::move(both);
  co_await ledger.idle();
  const auto& [first, second] = replies;
  if (first.ok() && *first != "hello you") world.fail("the first answer is another");
  if (second.ok() && *second != "hello all") world.fail("the second answer is another");
  for (const absl::Status& status : {first.status(), second.status()}) {
    if (faults == 0) expect_code(world, status, {StatusCode::kOk});
    expect_code(world, status, {StatusCode::kOk, StatusCode::kUnavailable});
  }
}

// Somebody waits until there is a connection, somebody else not for long.
Body channel_connecting(World& world, std::size_t faults) {
  allow(world, faults, {fault::connection_refused(), fault::connection_lost()});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel = channel_that_retries(world);
  TaskScope scope(world.loop());
  scope.spawn(watch_until_closed(channel));
  auto patient = channel.unary_unary(ask, "patient", CallOptions().wait_for_ready());
  const Witness witness(world, patient);
  // Virtual time: the client stops waiting at any moment.
  auto soon = when_any(channel.ready(), sleep_for(world.loop(), absl::Seconds(1)));
  (void)co_await std::move(soon);
  auto hasty = channel.unary_unary(ask, "hasty");
  const Witness other_witness(world, hasty);

  (void)co_await patient;
  witness.expect_ended();
  (void)co_await hasty;
  auto close = channel.close();
  co_await std::move(close);
  co_await scope.join();
  co_await ledger.idle();
  for (const Witness* each : {&witness, &other_witness}) {
    if (faults == 0) each->expect_ended_with({StatusCode::kOk});
    each->expect_ended_with({StatusCode::kOk, StatusCode::kUnavailable});
  }
}

Body channel_closing(World& world, std::size_t faults) {
  allow(world, faults, {fault::goaway()});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel = channel_that_retries(world);
  TaskScope scope(world.loop());
  scope.spawn(watch_until_closed(channel));
  const std::vector<AskCall> calls = {channel.unary_unary(ask, "first"),
                                      channel.unary_unary(ask, "second")};
  const Witness witness(world, calls[0]);
  const Witness other_witness(world, calls[1]);
  std::optional<absl::Duration> closed;
  Anytime close(world, "user.closes",
                [&] { scope.spawn(close_in_time(world, channel, closed, calls)); });

  for (const AskCall& call : calls) co_await call.status();
  const bool cut_off = calls[0].cancelled() || calls[1].cancelled();
  const bool in_grace = !closed.has_value() || world.elapsed() < *closed + grace;
  if (cut_off && in_grace) world.fail("a call was cut off within its grace");
  if (!closed.has_value()) {
    auto at_once = channel.close();
    co_await std::move(at_once);
  }
  co_await scope.join();
  co_await ledger.idle();
  for (const Witness* each : {&witness, &other_witness}) {
    each->expect_ended_with({StatusCode::kOk, StatusCode::kCancelled});
  }
}

}  // namespace weft::test
