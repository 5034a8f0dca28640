// One request, one response: asked, cancelled, and under a deadline.

#include <optional>
#include <string>

#include "bodies.h"
#include "ledger.h"
#include "weft/api/channel.h"
#include "weft/api/task_scope.h"
#include "weft/transport_sim/server_call.h"
#include "witness.h"

namespace weft::test {
namespace {

using Asked = sim::ServerCall<std::string, std::string>;

const Metadata desk{{"desk", "7"}};
const Metadata closing{{"closed", "no"}};

Task<absl::StatusOr<std::string>> answer(Ledger ledger, std::string name, Asked& call) {
  const Ledger::Visit visit(ledger);
  ledger.note(name);
  call.send_headers(desk);
  call.set_trailing_metadata(closing);
  co_await call.world().yield();  // looks it up
  if (call.cancelled()) co_return absl::AbortedError("nobody is there any more");
  co_return detail::text("hello ", name);
}

void serve_answers(World& world, const Ledger& ledger) {
  world.server().serve(
      ask, [ledger](const std::string& name, Asked& call) { return answer(ledger, name, call); });
}

// The answer's headers must say who gives it.
Task<void> insist_on_desk(UnaryUnaryCall<std::string, std::string> call, const Witness& witness) {
  const Metadata headers = co_await call.initial_metadata();
  if (!headers.contains("desk")) witness.cancel("no desk");
}

Task<void> take_headers(UnaryUnaryCall<std::string, std::string> call,
                        std::optional<Metadata>& headers) {
  headers.emplace(co_await call.initial_metadata());
}

void expect_answer(World& world, const absl::StatusOr<std::string>& reply) {
  if (reply.ok() && *reply != "hello you") world.fail("the answer is another");
}

}  // namespace

Body unary_plain(World& world, std::size_t faults) {
  allow(world, faults,
        {fault::connection_refused(), fault::goaway_unprocessed(),
         fault::reset(Http2Error::refused_stream), fault::reset(Http2Error::enhance_your_calm),
         fault::trailers_only(StatusCode::kNotFound), fault::lost_response(),
         fault::doubled_response()});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(ask, "you", CallOptions().early_initial_metadata());
  const Witness witness(world, call);
  TaskScope scope(world.loop());
  std::optional<Metadata> headers;
  scope.spawn(take_headers(call, headers));

  const absl::StatusOr<std::string>& reply = co_await call;
  const absl::Status status = co_await call.status();
  const Metadata trailers = co_await call.trailing_metadata();
  co_await scope.join();
  co_await ledger.idle();
  expect_answer(world, reply);
  if (status != reply.status()) world.fail("the reply and the status differ");
  if (status.ok() && headers != desk) world.fail("the headers are others");
  if (status.ok() && trailers != closing) world.fail("the trailers are others");
  if (faults == 0) co_return witness.expect_ended_with({StatusCode::kOk});
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kUnavailable, StatusCode::kNotFound,
                             StatusCode::kResourceExhausted, StatusCode::kUnimplemented});
}

Body unary_cancelled(World& world, std::size_t faults) {
  allow(world, faults, {fault::connection_lost(), fault::late_headers(), fault::doubled_status()});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel(world.transport(), world.loop());
  auto call = channel.unary_unary(ask, "you", CallOptions().early_initial_metadata());
  const Witness witness(world, call);
  TaskScope scope(world.loop());
  scope.spawn(insist_on_desk(call, witness));
  Anytime cancel(world, "user.cancels", [&] { witness.cancel("changed my mind"); });

  const absl::StatusOr<std::string>& reply = co_await call;
  witness.expect_ended();
  co_await scope.join();
  co_await ledger.idle();
  expect_answer(world, reply);
  if (faults > 0) {
    co_return witness.expect_ended_with(
        {StatusCode::kOk, StatusCode::kCancelled, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kCancelled});
}

Body unary_deadline(World& world, std::size_t faults) {
  allow(world, faults, {fault::connection_refused(), fault::reset(Http2Error::cancel)});
  const Ledger ledger(world);
  serve_answers(world, ledger);
  Channel channel(world.transport(), world.loop());
  const bool too_late = world.choose(2, "the time that is left") == 1;
  const absl::Duration left = too_late ? absl::ZeroDuration() : absl::Seconds(1);
  auto call = channel.unary_unary(ask, "you", CallOptions().timeout(left).wait_for_ready());
  const Witness witness(world, call);

  const absl::StatusOr<std::string>& reply = co_await call;
  witness.expect_ended();
  const bool in_time = world.elapsed() < left;
  if (world.elapsed() > left) world.fail("the call outlived its deadline");
  co_await ledger.idle();
  expect_answer(world, reply);
  if (too_late) {
    if (world.server().calls_seen() > 0) world.fail("a call without time left was sent");
    co_return witness.expect_ended_with({StatusCode::kDeadlineExceeded});
  }
  // Reset by the peer, which is the deadline's doing once it has passed.
  if (faults > 0 && in_time && call.cancelled()) co_return;
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kDeadlineExceeded});
}

}  // namespace weft::test
