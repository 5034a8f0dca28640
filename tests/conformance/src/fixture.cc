#include "weft/conformance/fixture.h"

#include <gtest/gtest.h>

#include "weft/api/block_on.h"
#include "weft/conformance/bench.h"
#include "weft/conformance/turn.h"

namespace weft::conformance {
namespace {

// A call that does nothing but touch the board.
Task<> touch_board(EventLoop& loop, std::shared_ptr<Transport> transport, PeerScript script) {
  const auto ledger = std::make_shared<Ledger>(loop);
  ObservedStream stream(ledger, transport->create_stream(loop, Bench::options(script)));
  EXPECT_TRUE(stream.start().ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  const CallStatus status = co_await stream.status();
  EXPECT_TRUE(status.ok()) << "a call for a note: " << status.to_string();
}

}  // namespace

Task<> Site::step() {
  co_await Turn(loop());
}

Task<> Site::give_note(std::shared_ptr<Transport> transport, std::string note) {
  return touch_board(loop(), std::move(transport), PeerScript().tell(note).finish());
}

Task<> Site::await_note(std::shared_ptr<Transport> transport, std::string note) {
  return touch_board(loop(), std::move(transport), PeerScript().await(note).finish());
}

Task<> play(const Check& check, Site& site, bool real_time) {
  Bench bench(site, check.id, real_time);
  co_await check.body(bench);
  co_await bench.all_completed();
  // Out of the last completion: what is destroyed now need not be prepared for that.
  co_await Turn(site.loop());
}

bool run_within(EventLoop& loop, Task<> task, absl::Duration limit) {
  class Limit final : public Timer {
   public:
    Limit() : Timer([](Timer& timer) noexcept { static_cast<Limit&>(timer).reached = true; }) {}
    bool reached = false;
  };
  Limit timer;
  loop.arm(timer, loop.now() + limit);
  bool done = false;
  std::optional<std::monostate> result;
  weft::detail::RootCoroutine root =
      weft::detail::run_into<std::monostate>(std::move(task), result);
  root.start(
      [](void* flag) noexcept -> std::coroutine_handle<> {
        *static_cast<bool*>(flag) = true;
        return std::noop_coroutine();
      },
      &done, nullptr);
  while (!done && !timer.reached) loop.run_one();
  if (!done) return false;
  if (const std::exception_ptr error = root.take_error()) std::rethrow_exception(error);
  return true;
}

}  // namespace weft::conformance
