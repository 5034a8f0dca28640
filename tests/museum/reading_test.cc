// Reads that overlap, and iterations that begin where another one ended.

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;
using testing::ElementsAre;

template <class Call>
Task<ReadResult<std::string>> read_later(World& world, Call call) {
  co_await world.yield();
  co_return co_await call.read();
}

// Core refused the original's second read, which it took for the end of the stream: it was pending
// until the call was over, and then said so.
template <class Method>
Body read_twice_at_once(World& world, const Method& method) {
  world.server().script(method, Script().gap().message("one").gap().message("two").gap().finish());
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  auto both = when_all(call.read(), read_later(world, call));
  auto [first, second] = co_await std::move(both);
  std::vector<std::string> messages;
  EXPECT_TRUE(first);
  if (first) messages.push_back(*first);
  EXPECT_TRUE(second || is_usage_error(second.status())) << second.status();
  if (second) messages.push_back(*second);
  while (auto message = co_await call.read()) messages.push_back(*message);
  EXPECT_THAT(messages, ElementsAre("one", "two"));
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok()) << status;
  world.sometimes("the second was refused", !second);
  world.sometimes("the second came after the first", bool{second});
}
WEFT_SIM_TEST(MuseumR2_11, SecondReadOfAUnaryStreamCallIsRefusedAndLosesNothing) {
  EXPECT_SCHEDULES(681);
  return read_twice_at_once(world, tell);
}
WEFT_SIM_TEST(MuseumR2_11, SecondReadOfAStreamStreamCallIsRefusedAndLosesNothing) {
  EXPECT_SCHEDULES(681);
  return read_twice_at_once(world, talk);
}

// In the original a loop over a call that had failed was an empty loop, as if all had been well.
template <class Method>
Body iterate_again_after_the_end(World& world, const Method& method) {
  world.server().script(method,
                        Script().message("one").gap().finish(StatusCode::kAborted, "closing"));
  Channel channel(world.transport(), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  bool cancelled = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled = call.cancel(); });

  std::size_t messages = 0;
  const auto count = [&](const std::string&) { ++messages; };
  auto first = call.for_each(count);
  const absl::Status ended = co_await std::move(first);
  if (cancelled) {
    EXPECT_THAT(ended, IsLocalCancel());
  } else {
    EXPECT_THAT(ended, IsError(StatusCode::kAborted, "closing"));
    EXPECT_EQ(messages, 1u);
  }
  const std::size_t messages_of_first = messages;
  for (int i = 0; i < 2; ++i) {
    auto another = call.for_each(count);
    const absl::Status again = co_await std::move(another);
    EXPECT_EQ(again, ended);
  }
  EXPECT_EQ(messages, messages_of_first);
  world.sometimes("the peer's error ended it", !cancelled);
  world.sometimes("the cancel ended it", cancelled);
}
WEFT_SIM_TEST(MuseumR2_13, LoopOverAFailedUnaryStreamCallFailsEveryTime) {
  EXPECT_SCHEDULES(65);
  return iterate_again_after_the_end(world, tell);
}
WEFT_SIM_TEST(MuseumR2_13, LoopOverAFailedStreamStreamCallFailsEveryTime) {
  EXPECT_SCHEDULES(65);
  return iterate_again_after_the_end(world, talk);
}

// In the original a closed iterator could not be replaced: another loop was empty, the messages out
// of reach, and the call went on.
template <class Method>
Body iterate_again_after_leaving(World& world, const Method& method) {
  world.server().script(method, Script().message("one").gap().message("two").finish());
  Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  std::vector<std::string> messages;
  std::size_t left_waiting = 0;
  for (int i = 0; i < 2; ++i) {
    auto responses = call.responses();
    auto step = when_any(responses.next(), world.yield());
    auto first = co_await std::move(step);  // leaves the loop in the middle of its step, or behind
    if (first.index() == 0) {
      messages.push_back(*std::get<0>(std::move(first)));
    } else {
      ++left_waiting;
    }
    co_await world.yield();  // nobody reads for a while
  }
  const std::size_t messages_before = messages.size();
  auto rest = call.for_each([&](std::string message) { messages.push_back(std::move(message)); });
  const absl::Status ended = co_await std::move(rest);
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_THAT(messages, ElementsAre("one", "two"));
  world.sometimes("both loops were left waiting", left_waiting == 2);
  world.sometimes("both loops were left with a message", messages_before == 2);
}
WEFT_SIM_TEST(MuseumR2_14, AnotherLoopOverAUnaryStreamCallGoesOnWhereTheLeftOneWas) {
  EXPECT_SCHEDULES(2308);
  return iterate_again_after_leaving(world, tell);
}
WEFT_SIM_TEST(MuseumR2_14, AnotherLoopOverAStreamStreamCallGoesOnWhereTheLeftOneWas) {
  EXPECT_SCHEDULES(2308);
  return iterate_again_after_leaving(world, talk);
}

}  // namespace
}  // namespace weft::test
