// What one writes for each kind of call, and around calls. Every piece runs here in every order.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weft/api/async_generator.h"
#include "weft/api/channel.h"
#include "weft/api/interceptor.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/sim_test.h"

namespace {

// [methods]
constexpr weft::UnaryUnaryMethod<std::string, std::string> get("/demo.Store/Get");
constexpr weft::UnaryStreamMethod<std::string, std::string> list("/demo.Store/List");
constexpr weft::StreamUnaryMethod<std::string, std::string> put("/demo.Store/Put");
constexpr weft::StreamStreamMethod<std::string, std::string> chat("/demo.Store/Chat");
// [/methods]

using ServerCall = weft::sim::ServerCall<std::string, std::string>;

void open_store(weft::sim::World& world) {
  weft::sim::Server& server = world.server();
  server.serve(get, [](const std::string& key) { return key + "!"; });
  server.serve(list, [](const std::string&, ServerCall& call) -> weft::Task<absl::Status> {
    co_await call.write("one");
    co_await call.write("two");
    co_return absl::OkStatus();
  });
  server.serve(put, [](ServerCall& call) -> weft::Task<absl::StatusOr<std::string>> {
    std::string all;
    while (std::optional<std::string> part = co_await call.read()) all += *part;
    co_return all;
  });
  server.serve(chat, [](ServerCall& call) -> weft::Task<absl::Status> {
    while (std::optional<std::string> line = co_await call.read()) co_await call.write(*line);
    co_return absl::OkStatus();
  });
}

// [unary_unary]
weft::Task<std::string> get_one(weft::Channel& channel) {
  auto call = channel.unary_unary(get, "key", weft::CallOptions().timeout(absl::Seconds(2)));
  const absl::StatusOr<std::string> value = co_await call;
  co_return value.ok() ? *value : std::string(value.status().message());
}
// [/unary_unary]

// [unary_stream]
weft::Task<absl::Status> list_all(weft::Channel& channel, std::vector<std::string>& into) {
  auto call = channel.unary_stream(list, "everything");
  while (auto item = co_await call.read()) into.push_back(*std::move(item));
  co_return co_await call.status();  // OK, or why the loop ended early
}
// [/unary_stream]

// [stream_unary]
weft::Task<absl::StatusOr<std::string>> put_parts(weft::Channel& channel) {
  auto call = channel.stream_unary(put);
  for (const char* part : {"a", "b"}) {
    const absl::Status written = co_await call.write(part);
    if (!written.ok()) break;  // the call is over; the response says why
  }
  (void)co_await call.done_writing();
  co_return co_await call;
}
// [/stream_unary]

// [request_source]
weft::AsyncGenerator<std::string> parts() {
  co_yield "a";
  co_yield "b";
}
weft::Task<absl::StatusOr<std::string>> put_generated(weft::Channel& channel) {
  auto call = channel.stream_unary(put, parts());  // written and half-closed by the call
  co_return co_await call;
}
// [/request_source]

// [stream_stream]
weft::Task<absl::Status> echo(weft::Channel& channel) {
  auto call = channel.stream_stream(chat);
  for (const char* line : {"hello", "bye"}) {
    auto answer = co_await call.exchange(line);  // one write, one read, started together
    if (!answer) break;
  }
  (void)co_await call.done_writing();
  call.discard();  // whatever else comes
  co_return co_await call.status();
}
// [/stream_stream]

// Virtual time: the timeout is what is shown, and may pass at any moment.
// [read_with_timeout]
weft::Task<std::string> first_or_none(weft::Channel& channel) {
  auto call = channel.unary_stream(list, "everything");
  auto first =
      co_await weft::when_any(call.read(), weft::sleep_for(channel.loop(), absl::Milliseconds(50)));
  if (first.index() == 1) co_return "none yet";  // the call goes on, and nothing was lost
  auto& read = std::get<0>(first);
  co_return read ? *read : "none at all";
}
// [/read_with_timeout]

// [together]
weft::Task<int> get_three(weft::Channel& channel) {
  auto all = weft::when_all(channel.unary_unary(get, "a"), channel.unary_unary(get, "b"),
                            channel.unary_unary(get, "c"));
  const auto [a, b, c] = co_await std::move(all);
  co_return int(a.ok()) + int(b.ok()) + int(c.ok());
}
// [/together]

// [ends]
weft::Task<std::string> how_it_ended(weft::Channel& channel) {
  auto call = channel.unary_unary(get, "key");
  call.add_done_callback([](const weft::Call& ended) { (void)ended.outcome()->code; });
  call.cancel("not needed any more");  // from any thread
  (void)co_await call;
  const weft::CallStatus& outcome = *call.outcome();  // code, details, trailing metadata, ...
  co_return outcome.locally_cancelled ? outcome.details : "too late";
}
// [/ends]

// [metadata]
weft::Task<std::size_t> with_metadata(weft::Channel& channel) {
  auto call = channel.unary_unary(
      get, "key", weft::CallOptions().metadata("tenant", "blue").early_initial_metadata());
  const weft::Metadata headers = co_await call.initial_metadata();
  (void)co_await call;
  const weft::Metadata trailers = co_await call.trailing_metadata();
  co_return headers.size() + trailers.size();
}
// [/metadata]

// [interceptor]
// Tries again what surely did nothing.
weft::Task<weft::CallStatus> once_more(weft::InterceptedCall& call) {
  weft::CallStatus status = co_await call.proceed();
  const bool harmless = status.progress != weft::Progress::maybe_processed;
  const bool again = status.code == weft::StatusCode::kUnavailable && harmless;
  if (again && call.can_proceed()) status = co_await call.proceed();
  co_return status;
}
weft::Channel patient(std::shared_ptr<weft::Transport> transport, weft::EventLoop& loop) {
  return weft::Channel(std::move(transport), loop,
                       weft::ChannelOptions().interceptors({weft::make_interceptor(once_more)}));
}
// [/interceptor]

WEFT_SIM_TEST(CheatSheet, CallsOfAllKinds) {
  open_store(world);
  weft::Channel channel(world.transport(), world.loop());
  const std::size_t which = world.choose(5, "kind");
  if (which == 0) {
    const std::string value = co_await get_one(channel);
    EXPECT_TRUE(value == "key!" || value == "Deadline Exceeded") << value;
  } else if (which == 1) {
    std::vector<std::string> all;
    const absl::Status status = co_await list_all(channel, all);
    EXPECT_TRUE(status.ok());
    EXPECT_EQ(all.size(), 2u);
  } else if (which < 4) {
    auto result = which == 2 ? put_parts(channel) : put_generated(channel);
    const absl::StatusOr<std::string> whole = co_await std::move(result);
    EXPECT_EQ(whole.value(), "ab");
  } else {
    const absl::Status status = co_await echo(channel);
    EXPECT_TRUE(status.ok());
  }
}

WEFT_SIM_TEST(CheatSheet, CallsBesideOtherThings) {
  open_store(world);
  weft::Channel channel = patient(world.transport(), world.loop());
  const std::size_t which = world.choose(3, "what");
  if (which == 0) {
    const std::string first = co_await first_or_none(channel);
    EXPECT_TRUE(first == "one" || first == "none yet") << first;
  } else if (which == 1) {
    const std::string end = co_await how_it_ended(channel);
    EXPECT_EQ(end, "not needed any more");
  } else {
    const std::size_t entries = co_await with_metadata(channel);
    EXPECT_EQ(entries, 0u);
  }
}

// However a connection is lost or a server refuses: a second attempt finds the first undone.
WEFT_SIM_TEST(CheatSheet, DoesNothingTwice) {
  world.allow(weft::sim::FaultPlan()
                  .may(weft::sim::fault::connection_lost())
                  .may(weft::sim::fault::goaway_unprocessed())
                  .may(weft::sim::fault::reset(weft::Http2Error::refused_stream)));
  const auto times = std::make_shared<int>(0);
  world.server().serve(get,
                       [times](const std::string& key) { return key + std::to_string(++*times); });
  weft::Channel channel = patient(world.transport(), world.loop());
  const absl::StatusOr<std::string> value = co_await channel.unary_unary(get, "key");
  EXPECT_LE(*times, 1);
  world.sometimes("it has run, the answer is lost, and it is left at that",
                  *times == 1 && !value.ok());
  world.outcome(value.ok() ? *value : std::string(value.status().message()));
}

WEFT_SIM_TEST(CheatSheet, CallsTogether, weft::sim::ExploreOptions().deviations(2)) {
  open_store(world);
  weft::Channel channel(world.transport(), world.loop());
  const int good = co_await get_three(channel);
  EXPECT_EQ(good, 3);
}

}  // namespace
