// One request, many responses: read to the end, cancelled midway, and under a deadline.

#include <string>
#include <variant>

#include "bodies.h"
#include "ledger.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/server_call.h"
#include "witness.h"

namespace weft::test {
namespace {

using Listed = sim::ServerCall<std::string, std::string>;
using ListCall = UnaryStreamCall<std::string, std::string>;

constexpr int pages = 3;
constexpr std::size_t window = 7;  // more than one page, less than two
constexpr std::size_t largest_page = 16;

std::string page(int number) {
  return detail::text("page", number);
}

// Sends its pages; in some worlds the last one is too large for the client.
Task<absl::Status> send_pages(Ledger ledger, Listed& call, bool may_be_large) {
  const Ledger::Visit visit(ledger);
  for (int number = 1; number <= pages; ++number) {
    std::string text = page(number);
    const bool large = may_be_large && number == pages && call.world().choose(2, "the size") == 1;
    if (large) text.append(largest_page, '.');
    const bool sent = co_await call.write(text);
    if (!sent) co_return absl::AbortedError("nobody reads any more");
  }
  co_return absl::OkStatus();
}

// One page, and then silence.
Task<absl::Status> send_page_and_linger(Ledger ledger, Listed& call) {
  const Ledger::Visit visit(ledger);
  (void)co_await call.write(page(1));
  co_await call.until_cancelled();
  co_return absl::OkStatus();
}

Task<void> note_end(ListCall call, const Witness& witness, bool& noted) {
  (void)co_await call.status();
  witness.expect_ended();
  noted = true;
}

}  // namespace

Body unary_stream_plain(World& world, std::size_t faults) {
  allow(world, faults,
        {fault::connection_lost(), fault::lost_response(), fault::goaway(),
         fault::trailers_only(StatusCode::kNotFound)});
  const Ledger ledger(world);
  world.server().serve(list, [ledger, faults](const std::string&, Listed& call) {
    return send_pages(ledger, call, faults > 0);
  });
  Channel channel(
      world.transport("server",
                      SimTransportOptions().connected().window(window).receive_limit(largest_page)),
      world.loop());
  auto call = channel.unary_stream(list, "all");
  const Witness witness(world, call);

  int last = 0;
  int count = 0;
  while (auto message = co_await call.read()) {
    if (*message <= page(last)) world.fail("a page comes after a later one");
    last = message->back() - '0';
    ++count;
  }
  const absl::Status status = co_await call.status();
  const auto again = co_await call.read();
  co_await ledger.idle();
  if (again || again.is_end() != status.ok()) world.fail("the end is not read for ever");
  if (faults == 0) {
    if (count != pages) world.fail("pages are missing");
    co_return witness.expect_ended_with({StatusCode::kOk});
  }
  witness.expect_ended_with({StatusCode::kOk, StatusCode::kUnavailable, StatusCode::kNotFound,
                             StatusCode::kResourceExhausted});
}

Body unary_stream_cancelled(World& world, std::size_t faults) {
  allow(world, faults, {fault::connection_lost()});
  const Ledger ledger(world);
  world.server().serve(
      list, [ledger](const std::string&, Listed& call) { return send_pages(ledger, call, false); });
  Channel channel(world.transport("server", SimTransportOptions().connected().window(window)),
                  world.loop());
  auto call = channel.unary_stream(list, "all");
  const Witness witness(world, call);
  TaskScope scope(world.loop());
  bool noted = false;
  scope.spawn(note_end(call, witness, noted));
  Anytime cancel(world, "user.cancels", [&] { witness.cancel("changed my mind"); });

  int number = 0;
  while (auto message = co_await call.read()) {
    if (*message != page(++number)) world.fail("another page was next");
    if (number == 2) witness.cancel("found it");
  }
  const auto again = co_await call.read();
  co_await scope.join();
  co_await ledger.idle();
  if (!again.is_failed()) world.fail("something can be read of a call that was cut off");
  if (!noted) world.fail("the scope was joined before its task was done");
  if (faults > 0) {
    co_return witness.expect_ended_with({StatusCode::kCancelled, StatusCode::kUnavailable});
  }
  witness.expect_ended_with({StatusCode::kCancelled});
}

// Looks at the clock while it waits for the next page.
Body unary_stream_deadline(World& world, std::size_t faults) {
  allow(world, faults, {fault::late_headers(), fault::reset(Http2Error::cancel)});
  const Ledger ledger(world);
  world.server().keep_deadlines(false);
  world.server().serve(list, [ledger](const std::string&, Listed& call) {
    return send_page_and_linger(ledger, call);
  });
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  constexpr absl::Duration timeout = absl::Seconds(2);
  auto call = channel.unary_stream(list, "all", CallOptions().timeout(timeout));
  const Witness witness(world, call);

  int count = 0;
  while (world.elapsed() <= timeout) {
    // Virtual time: a read with a timeout, which may pass at any moment.
    auto first = when_any(call.read(), sleep_for(world.loop(), absl::Seconds(1)));
    auto result = co_await std::move(first);
    if (result.index() == 1) continue;
    auto& message = std::get<0>(result);
    if (!message) break;
    if (*message != page(++count)) world.fail("another page was next");
  }
  const bool in_time = world.elapsed() < timeout;
  if (world.elapsed() > timeout) world.fail("the call outlived its deadline");
  co_await call.status();
  co_await ledger.idle();
  if (faults > 0 && in_time && call.cancelled()) co_return;
  witness.expect_ended_with({StatusCode::kDeadlineExceeded});
}

}  // namespace weft::test
