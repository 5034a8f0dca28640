// C130-C138: threads and re-entrancy.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

void begin_everything(ObservedStream& stream) {
  EXPECT_TRUE(stream.begin_send("m").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.ask_status().ok());
}

// ObservedStream and CheckedTransport look out for it in every check; here much is going on.
Task<> no_overlap(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  begin_everything(stream);
  const Received received = co_await stream.received();
  EXPECT_EQ(told(received), "m:m");
  const Received end = co_await stream.receive();
  EXPECT_EQ(told(end), "end");
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "OK");
  EXPECT_EQ(stream.log().size(), 7u) << stream.story();
}

Task<> not_on_the_starting_stack(Bench& bench) {
  bench.use(bench.connect_bare());
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  begin_everything(stream);
  EXPECT_EQ(stream.log().size(), 0u) << stream.story();
  co_await stream.received();
  co_await stream.receive();
  co_await stream.ended();
  const std::size_t events = stream.log().size();
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_EQ(stream.log().size(), events) << stream.story();
  co_await stream.received();
}

[[gnu::noinline]] std::uintptr_t stack_position() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

Task<> bounded_stack(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish());
  co_await stream.status();
  std::uintptr_t lowest = UINTPTR_MAX;
  std::uintptr_t highest = 0;
  for (std::size_t i = 0; i < bench.many(10'000, 1'000); ++i) {
    co_await stream.receive();
    lowest = std::min(lowest, stack_position());
    highest = std::max(highest, stack_position());
  }
  EXPECT_LT(highest - lowest, std::uintptr_t{16} * 1024);
}

Task<> another_from_a_callback(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  co_await stream.receive();
  Task<> another = echo_once(bench, *bench.transport(), "another");
  co_await std::move(another);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

enum class Callback { started, headers, message, status };

Task<> dropped_in(Bench& bench, Callback callback) {
  ObservedStream stream = bench.start(PeerScript().headers().messages(2, 10).finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.begin_send("m").ok());
  if (callback == Callback::started) co_await stream.started();
  if (callback == Callback::headers) co_await stream.headers();
  if (callback == Callback::message) co_await stream.received();
  if (callback == Callback::status) {
    co_await stream.received();
    co_await drain(stream);
    co_await stream.status();
  }
  stream.drop();
}

Task<> transport_dropped(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().echo_all().finish());
  co_await stream.headers();
  bench.forget_transport();
  Task<> exchange = echo(stream, "m");
  co_await std::move(exchange);
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> once_each(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  begin_everything(stream);
  Task<> step = bench.step();
  co_await std::move(step);
  stream.cancel();
  const CallStatus status = co_await stream.ended();
  EXPECT_TRUE(status.ok() || status.code == StatusCode::kCancelled);
  for (const char* event : {"start", "headers", "send", "close", "receive", "status"}) {
    std::size_t completions = 0;
    for (const std::string& each : stream.log()) completions += each.starts_with(event) ? 1 : 0;
    EXPECT_EQ(completions, 1u) << event << ": " << stream.story();
  }
}

// Another thread cancels with a lock that completions take: a transport that held one of its own
// while it calls out would deadlock one day.
Task<> no_locks_held(Bench& bench) {
  std::mutex mutex;
  for (int i = 0; i < 100; ++i) {
    ObservedStream stream = bench.start(PeerScript().echo_all().finish());
    begin_everything(stream);
    std::thread canceller([&] {
      const std::lock_guard lock(mutex);
      stream.bare().cancel(StatusCode::kCancelled, "from elsewhere");
    });
    co_await stream.started();
    { const std::lock_guard lock(mutex); }
    co_await stream.received();
    { const std::lock_guard lock(mutex); }
    co_await stream.ended();
    { const std::lock_guard lock(mutex); }
    canceller.join();
  }
}

Task<> cancelled_from_elsewhere(Bench& bench) {
  for (std::size_t round = 0; round < 50; ++round) {
    ObservedStream stream = bench.start(PeerScript().echo_all().finish());
    EXPECT_TRUE(stream.ask_status().ok());
    std::atomic<std::size_t> echoes = 0;
    std::thread canceller([&stream, &echoes, after = round % 5] {
      while (echoes.load() < after) std::this_thread::yield();
      stream.bare().cancel(StatusCode::kCancelled, "from elsewhere");
    });
    for (Received::Kind kind = Received::Kind::message; kind == Received::Kind::message;) {
      EXPECT_TRUE(stream.begin_receive().ok());
      EXPECT_TRUE(stream.begin_send("m").ok());
      const Received received = co_await stream.received();
      kind = received.kind;
      if (kind == Received::Kind::message) {
        EXPECT_EQ(told(received), "m:m");
      }
      co_await stream.sent();
      ++echoes;
    }
    const CallStatus status = co_await stream.ended();
    EXPECT_EQ(told(status), "CANCELLED: from elsewhere");
    echoes = 100;
    canceller.join();
  }
}

}  // namespace

std::vector<Check> thread_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C130", "T60 T66", "CompletionsDoNotOverlap", &no_overlap);
  checks.emplace_back("C131", "T61", "NothingCompletesOnTheStartingStack",
                      &not_on_the_starting_stack);  // R1-41
  checks.emplace_back("C132", "T63", "ReadyReceivesDoNotGrowTheStack", &bounded_stack);
  checks.push_back(Check("C133", "T63", "StreamsStartFromCallbacks", &another_from_a_callback));
  const auto drop = [&](const char* claim, Callback callback) {
    checks.push_back(Check("C134", "T63 T06", claim,
                           [callback](Bench& bench) { return dropped_in(bench, callback); }));
  };
  drop("StreamIsDroppedWhenItHasStarted", Callback::started);
  drop("StreamIsDroppedInItsHeaders", Callback::headers);
  drop("StreamIsDroppedInItsMessage", Callback::message);
  drop("StreamIsDroppedInItsStatus", Callback::status);
  checks.emplace_back("C135", "T07", "TransportIsDroppedInACallback",
                      &transport_dropped);  // R1-47 R1-56
  checks.push_back(
      Check("C136", "T62", "NoLockIsHeldWhileCallingOut", &no_locks_held).need(Need::real_threads));
  checks.push_back(
      Check("C137", "T23 T30 T66", "CancelsComeFromAnotherThread", &cancelled_from_elsewhere)
          .need(Need::real_threads));
  checks.emplace_back("C138", "T05", "EveryOperationCompletesOnce", &once_each);  // R1-42 R1-43
  return checks;
}

}  // namespace weft::conformance
