// Calls without coroutines, and calls that a std::stop_token ends, in every order of events.

#include <stop_token>
#include <string>
#include <vector>

#include "weft/adapters/callback.h"
#include "weft/adapters/stop_token.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/transport_sim/sim_test.h"

namespace {

constexpr weft::UnaryUnaryMethod<std::string, std::string> get("/demo.Store/Get");
constexpr weft::UnaryStreamMethod<std::string, std::string> list("/demo.Store/List");
using ServerCall = weft::sim::ServerCall<std::string, std::string>;

void open_store(weft::sim::World& world) {
  world.server().serve(get, [](const std::string& key) { return key + "!"; });
  world.server().serve(list, [](const std::string&, ServerCall& call) -> weft::Task<absl::Status> {
    co_await call.write("one");
    co_await call.write("two");
    co_return absl::OkStatus();
  });
}

// [callbacks]
class Shelf {
 public:
  explicit Shelf(weft::Channel& channel) : channel_(channel), port_(channel.loop()) {}

  void fill() {
    weft::on_messages(
        port_, [this] { return channel_.unary_stream(list, "everything"); },
        [this](std::string item) { items.push_back(std::move(item)); },
        [this](const absl::Status& status) { how_it_ended = status; });
  }
  weft::Running look_up(std::string key) {
    return weft::on_done(
        port_, [this, key] { return channel_.unary_unary(get, key); },
        [this](absl::StatusOr<std::string> value) { found = std::move(value); });
  }

  std::vector<std::string> items;
  absl::Status how_it_ended = absl::UnknownError("not yet");
  absl::StatusOr<std::string> found = absl::UnknownError("not yet");

 private:
  weft::Channel& channel_;
  weft::LoopPort port_;  // goes first, and no callback comes after it
};
// [/callbacks]

WEFT_SIM_TEST(Callbacks, FillAShelf) {
  open_store(world);
  weft::Channel channel(world.transport(), world.loop());
  Shelf shelf(channel);
  shelf.fill();
  // Virtual time, and the timer one event among the others: the shelf is left at any moment.
  co_await weft::sleep_for(world.loop(), absl::Seconds(1));
  const bool full = shelf.items == std::vector<std::string>{"one", "two"};
  EXPECT_TRUE(full || !shelf.how_it_ended.ok());
  world.sometimes("all came", full && shelf.how_it_ended.ok());
}

WEFT_SIM_TEST(Callbacks, LookSomethingUp) {
  open_store(world);
  weft::Channel channel(world.transport(), world.loop());
  Shelf shelf(channel);
  const weft::Running looking = shelf.look_up("key");
  weft::sim::Anytime cancel(world, "user.cancels", [&] { looking.cancel("changed my mind"); });
  // Virtual time again: the shelf goes at any moment, mostly before it has found the key.
  co_await weft::sleep_for(world.loop(), absl::Seconds(1));
  if (!looking.ended()) co_return;
  EXPECT_TRUE(shelf.found.ok() ? *shelf.found == "key!"
                               : shelf.found.status() == absl::CancelledError("changed my mind"))
      << shelf.found.status();
}

// [stop_token]
weft::Task<std::string> get_unless_stopped(weft::Channel& channel, std::stop_token token) {
  auto call = channel.unary_unary(get, "key");
  weft::cancel_on_stop(call, token, "the user left");
  const absl::StatusOr<std::string>& value = co_await call;
  co_return value.ok() ? *value : std::string(value.status().message());
}
// [/stop_token]

WEFT_SIM_TEST(StopToken, EndsACallOrComesTooLate) {
  open_store(world);
  weft::Channel channel(world.transport(), world.loop());
  std::stop_source user;
  weft::sim::Anytime leave(world, "user.leaves", [&] { user.request_stop(); });
  auto getting = get_unless_stopped(channel, user.get_token());
  const std::string text = co_await std::move(getting);
  EXPECT_TRUE(text == "key!" || text == "the user left") << text;
}

}  // namespace
