// A guest in a simulated room, in every order.

#include <algorithm>
#include <coroutine>
#include <vector>

#include "chat.weft_fake.pb.h"
#include "guest.h"
#include "weft/transport_sim/sim_test.h"

namespace {

using chat::Line;
using chat::RoomFake;

// Answers every line with its echo.
weft::Task<absl::Status> echo(RoomFake::JoinCall& call) {
  while (std::optional<Line> line = co_await call.read()) {
    line->set_from("echo");
    co_await call.write(*line);
  }
  co_return absl::OkStatus();
}

weft::AsyncGenerator<std::string> lines(std::vector<std::string> texts) {
  for (const std::string& text : texts) co_yield text;
}

// What was heard is a beginning of what was said.
bool in_order(const std::vector<std::string>& heard, const std::vector<std::string>& said) {
  return heard.size() <= said.size() && std::equal(heard.begin(), heard.end(), said.begin());
}

// [leaving]
WEFT_SIM_TEST(Guest, MayLeaveAtAnyTime) {
  RoomFake(world.server()).join([](RoomFake::JoinCall& call) { return echo(call); });
  weft::Channel channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                        world.loop());
  const std::vector<std::string> said = {"hello", "anybody there?"};
  std::vector<std::string> heard;
  chat::Guest guest(chat::RoomClient(channel), "you");
  weft::sim::Anytime leave(world, "guest.leaves", [&] { guest.leave(); });
  auto stay = guest.stay(lines(said), [&](const Line& line) { heard.push_back(line.text()); });

  const absl::Status end = co_await std::move(stay);

  EXPECT_TRUE(in_order(heard, said));
  if (end.ok()) {
    EXPECT_EQ(heard, said);
  } else {
    EXPECT_EQ(end, absl::CancelledError("left the room"));
  }
  world.outcome(absl::StatusCodeToString(end.code()) + " after " + std::to_string(heard.size()));
}
// [/leaving]

WEFT_SIM_TEST(Guest, IsToldThatTheConnectionIsLost, weft::sim::ExploreOptions().deviations(3)) {
  RoomFake(world.server()).join([](RoomFake::JoinCall& call) { return echo(call); });
  world.allow(weft::sim::fault::connection_lost());
  weft::Channel channel(world.transport(), world.loop());
  const std::vector<std::string> said = {"hello", "anybody there?"};
  std::vector<std::string> heard;
  chat::Guest guest(chat::RoomClient(channel), "you");
  auto stay = guest.stay(lines(said), [&](const Line& line) { heard.push_back(line.text()); });
  const absl::Status end = co_await std::move(stay);
  EXPECT_TRUE(in_order(heard, said));
  if (end.ok()) {
    EXPECT_EQ(heard, said);
  } else {
    EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable);
  }
}

weft::AsyncGenerator<std::string> lost_in_thought() {
  co_yield "hello";
  co_await std::suspend_always();
}

WEFT_SIM_TEST(Guest, MayLeaveWhileThinkingOfWhatToSay) {
  RoomFake(world.server()).join([](RoomFake::JoinCall& call) { return echo(call); });
  weft::Channel channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                        world.loop());
  chat::Guest guest(chat::RoomClient(channel), "you");
  weft::sim::Anytime leave(world, "guest.leaves", [&] { guest.leave(); });
  auto stay = guest.stay(lost_in_thought(), [](const Line&) {});
  const absl::Status end = co_await std::move(stay);
  EXPECT_EQ(end, absl::CancelledError("left the room"));
}

// A room that does not read while its own words are not taken, and takes one line at a time: who
// speaks to the end before listening waits for ever, which the explorer reports.
WEFT_SIM_TEST(Guest, ListensWhileSpeaking) {
  RoomFake(world.server()).join([](RoomFake::JoinCall& call) { return echo(call); });
  weft::Channel channel(
      world.transport("server", weft::sim::SimTransportOptions().connected().window(1)),
      world.loop());
  const std::vector<std::string> said = {"one", "two", "three", "four"};
  std::vector<std::string> heard;
  chat::Guest guest(chat::RoomClient(channel), "you");
  auto stay = guest.stay(lines(said), [&](const Line& line) { heard.push_back(line.text()); });
  const absl::Status end = co_await std::move(stay);
  EXPECT_TRUE(end.ok()) << end;
  EXPECT_EQ(heard, said);
}

}  // namespace
