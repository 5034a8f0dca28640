#include "sim_workloads.h"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport/assert.h"
#include "weft/transport_sim/explore.h"

namespace weft::bench {
namespace {

using sim::Anytime;
using sim::Body;
using sim::SimTransportOptions;
using sim::World;

constexpr UnaryUnaryMethod<std::string, std::string> echo("/weft.bench.Echo/Unary");
constexpr UnaryStreamMethod<std::string, Bytes> repeat("/weft.bench.Echo/Stream");
// Short enough for a std::string to hold it itself: the user's own copies are not measured.
constexpr std::string_view payload = "fifteen bytes..";
constexpr std::string_view stream_message =
    "sixty-four bytes of a message that is as long as the others are.";
// Small against a stream, so that its two sides take turns.
constexpr std::size_t stream_window = 16 * stream_message.size();

std::string answer(const std::string& request) {
  return request;
}

// --- explorations: everything is made anew in each execution ---

void set_outcome(World& world, const absl::StatusOr<std::string>& reply) {
  if (reply.ok() && *reply != payload) world.fail("the reply is not the request");
  world.outcome(reply.ok() ? "OK" : std::string(reply.status().message()));
}

Body unary_against_cancel(World& world) {
  world.server().serve(echo, answer);
  Channel channel(world.transport(), world.loop());
  const auto call = channel.unary_unary(echo, std::string(payload));
  const Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  const absl::StatusOr<std::string> reply = co_await call;
  set_outcome(world, reply);
}

Body unary_against_deadline(World& world) {
  world.server().serve(echo, answer);
  Channel channel(world.transport(), world.loop());
  CallOptions options = CallOptions().timeout(absl::Seconds(1));
  const auto call = channel.unary_unary(echo, std::string(payload), std::move(options));
  const absl::StatusOr<std::string> reply = co_await call;
  set_outcome(world, reply);
}

Body two_calls(World& world) {
  world.server().serve(echo, answer);
  Channel channel(world.transport(), world.loop());
  const auto first = channel.unary_unary(echo, std::string(payload));
  const auto second = channel.unary_unary(echo, std::string(payload));
  const Anytime cancel(world, "call1.cancel", [&] { first.cancel(); });
  const absl::StatusOr<std::string> reply = co_await first;
  const absl::StatusOr<std::string> other_reply = co_await second;
  if (!other_reply.ok()) world.fail("the call that nobody cancelled did not end well");
  set_outcome(world, reply);
}

Round explore_times(const std::string& name, Body (*body)(World&), int times) {
  Round round(0);
  for (int i = 0; i < times; ++i) {
    const sim::Report report = sim::explore(sim::ExploreOptions().name("Bench." + name), body);
    WEFT_ASSERT(report.ok(), report.to_string());
    WEFT_ASSERT(report.verdict == sim::Verdict::complete, report.verdict_line());
    round.ops += report.executions;
    round.schedules = report.executions;
  }
  return round;
}

SimCase exploration(const std::string& name, Body (*body)(World&), std::size_t schedules,
                    int times) {
  return SimCase("explore/" + name, schedules * static_cast<std::size_t>(times),
                 [=] { return explore_times(name, body, times); });
}

// --- straight on: one world in which every call takes the default order ---

class StraightWorld {
 public:
  explicit StraightWorld(const SimTransportOptions& options)
      : channel_(world_.transport("server", options), world_.loop()) {
    world_.server().serve(echo, answer);
    world_.server().serve(repeat, &StraightWorld::repeat_message);
  }

  void unary_calls(bool with_deadline, int calls) {
    const std::string request(payload);
    for (int i = 0; i < calls; ++i) {
      CallOptions options = with_deadline ? CallOptions().timeout(absl::Minutes(1)) : CallOptions();
      const absl::StatusOr<std::string> reply =
          block_on(world_.loop(), channel_.unary_unary(echo, request, std::move(options)));
      WEFT_ASSERT(reply.ok(), reply.status().message());
      WEFT_ASSERT(*reply == request, *reply);
    }
  }

  void stream_of(int messages) { block_on(world_.loop(), read_stream(channel_, messages)); }

 private:
  using RepeatCall = sim::ServerCall<std::string, Bytes>;

  static Task<absl::Status> repeat_message(const std::string& times, RepeatCall& call) {
    const Bytes message = Bytes::copy_of(stream_message);
    const int messages = std::stoi(times);
    for (int i = 0; i < messages; ++i) co_await call.write(message);
    co_return absl::OkStatus();
  }

  static Task<void> read_stream(Channel& channel, int messages) {
    const auto call = channel.unary_stream(repeat, std::to_string(messages));
    int received = 0;
    while (const ReadResult<Bytes> message = co_await call.read()) {
      WEFT_ASSERT(message->size() == stream_message.size(), message->size());
      ++received;
    }
    const absl::Status status = co_await call.status();
    WEFT_ASSERT(status.ok(), status.message());
    WEFT_ASSERT(received == messages, received);
  }

  World world_;
  Channel channel_;
};

// The world is made by the first round and kept.
SimCase straight(const std::string& name, const SimTransportOptions& options, int ops,
                 void (*run)(StraightWorld&, int)) {
  auto world = std::make_shared<std::unique_ptr<StraightWorld>>();
  return SimCase("straight/" + name, static_cast<std::size_t>(ops), [=] {
    if (*world == nullptr) *world = std::make_unique<StraightWorld>(options);
    run(**world, ops);
    return Round(static_cast<std::size_t>(ops));
  });
}

std::vector<SimCase> make_cases() {
  constexpr int calls = 2000;
  constexpr int messages = 5000;
  const SimTransportOptions checked;
  const SimTransportOptions unchecked = SimTransportOptions().unchecked();
  const auto unary = [](StraightWorld& world, int ops) { world.unary_calls(false, ops); };
  const auto unary_deadline = [](StraightWorld& world, int ops) { world.unary_calls(true, ops); };
  const auto stream = [](StraightWorld& world, int ops) { world.stream_of(ops); };
  return {
      exploration("unary_against_cancel", unary_against_cancel, 20, 100),
      exploration("unary_against_deadline", unary_against_deadline, 20, 100),
      exploration("two_calls", two_calls, 17207, 1),
      straight("unary", checked, calls, unary),
      straight("unary_deadline", checked, calls, unary_deadline),
      straight("unary_unchecked", unchecked, calls, unary),
      straight("unary_unchecked_deadline", unchecked, calls, unary_deadline),
      straight("stream_message", SimTransportOptions(checked).window(stream_window), messages,
               stream),
      straight("stream_message_unchecked", SimTransportOptions(unchecked).window(stream_window),
               messages, stream),
  };
}

}  // namespace

std::span<const SimCase> sim_cases() {
  static const std::vector<SimCase> cases = make_cases();
  return cases;
}

}  // namespace weft::bench
