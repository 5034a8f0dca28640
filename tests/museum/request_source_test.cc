// What becomes of a request source when its call ends.

#include <coroutine>
#include <memory>
#include <string>
#include <utility>

#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;

// Held by a source, and so alive as long as the source is.
class SourceLife {
 public:
  SourceLife() = default;
  bool waits = false;  // for something that never comes
  int yielded = 0;
};

AsyncGenerator<std::string> waits_for_ever(std::shared_ptr<SourceLife> life) {
  co_yield "hello";
  life->waits = true;
  co_await std::suspend_always();
}

AsyncGenerator<std::string> three_requests(std::shared_ptr<SourceLife> life) {
  while (life->yielded < 3) {
    ++life->yielded;
    co_yield "hello";
  }
}

// In every step: a call that is over has no source any more.
void expect_source_to_go_with(const Call& call, std::weak_ptr<SourceLife> source, World& world) {
  auto over = std::make_shared<bool>(false);
  call.add_done_callback([over](const Call&) { *over = true; });
  world.invariant("the source goes in the step that ends its call",
                  [over, source = std::move(source)] { return !*over || source.expired(); });
}

// The original left its consumer of requests pending for ever, with the iterator suspended in it.
WEFT_SIM_TEST(MuseumR2_25, ThePeersStatusEndsASourceThatStillWaits) {
  world.server().script(talk, Script().gap().finish(StatusCode::kNotFound, "no such room"));
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto life = std::make_shared<SourceLife>();
  const std::weak_ptr<SourceLife> source = life;
  auto call = channel.stream_stream(talk, waits_for_ever(std::move(life)));
  const Watch watch(world, call);
  expect_source_to_go_with(call, source, world);
  call.add_done_callback([&world, source](const Call&) {
    const std::shared_ptr<SourceLife> left = source.lock();
    world.sometimes("the source waited when the peer ended the call", left && left->waits);
    world.sometimes("a request was under way when the peer ended the call", left && !left->waits);
  });
  EXPECT_SCHEDULES(22);

  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "no such room"));
  // The handle stays: it is not its destructor that frees the source.
  co_await world.yield();
  EXPECT_TRUE(source.expired());
}

// The original ran the iterator's cleanup when it was collected, in a foreign context.
WEFT_SIM_TEST(MuseumR2_26, ASourceThatStandsAtAYieldIsCleanedUpInTheStepThatEndsItsCall) {
  world.server().script(talk, Script().read().gap().finish());
  Channel channel(world.transport("server", SimTransportOptions().connected().window(1)),
                  world.loop());
  auto life = std::make_shared<SourceLife>();
  const std::weak_ptr<SourceLife> source = life;
  auto call = channel.stream_stream(talk, three_requests(std::move(life)));
  const Watch watch(world, call);
  expect_source_to_go_with(call, source, world);
  call.add_done_callback([&world, source](const Call& done) {
    const std::shared_ptr<SourceLife> left = source.lock();
    const bool at_yield = left && left->yielded > 0;
    world.sometimes("a cancel stopped it at a yield", at_yield && done.cancelled());
    world.sometimes("the peer's OK stopped it at a yield", at_yield && !done.cancelled());
  });
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(168);

  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok() || call.cancelled()) << status;
  co_await world.yield();
  EXPECT_TRUE(source.expired());
}

}  // namespace
}  // namespace weft::test
