// What becomes of a call when its handles go, and of calls when their channel goes.

#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "beside.h"
#include "each_kind.h"
#include "latch.h"
#include "source_calls.h"

namespace weft::test {
namespace {

using testing::AnyOf;

// How the call ended, told when its handles are gone as well.
class Ending {
 public:
  Ending(EventLoop& loop, const Call& call) : over_(loop) {
    call.add_done_callback([this](const Call& done) {
      outcome_ = *done.outcome();
      over_.open();
    });
  }

  Latch& over() { return over_; }
  absl::Status status() const { return outcome_.to_status(); }
  bool locally_cancelled() const { return outcome_.locally_cancelled; }

 private:
  Latch over_;
  CallStatus outcome_;
};

MATCHER(IsDropped, "") {
  return arg.code() == StatusCode::kCancelled && std::string(arg.message()) == dropped_details;
}

// Decided for all kinds alike: a call that nobody holds is wanted by nobody.
BEHAVIOUR_OF_EACH_KIND(Destruction, OfTheLastHandleCancelsTheCallAndTellsTheServer,
                       "B280 B282 B283 R2-24") {
  const std::string name = setting.new_name();
  std::optional call(
      open(setting.channel(), method, silent_request(), headers_at_once().metadata("watch", name)));
  const Ending ending(setting.loop(), *call);
  (void)co_await call->initial_metadata();
  std::optional copy(call);
  call.reset();
  EXPECT_FALSE(copy->done());
  copy.reset();
  EXPECT_THAT(ending.status(), IsDropped());
  EXPECT_TRUE(ending.locally_cancelled());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

BEHAVIOUR_OF_EACH_KIND(Destruction, AtAnyTimeEndsTheCallOnce, "B280 B283") {
  std::optional call(open(setting.channel(), method, request("x")));
  Ending ending(setting.loop(), *call);
  const auto drop = setting.anytime("call1.drop", [&] { call.reset(); });
  co_await ending.over();
  EXPECT_THAT(ending.status(), AnyOf(absl::OkStatus(), IsDropped()));
  setting.sometimes("the call was answered first", ending.status().ok());
  setting.sometimes("the call was dropped", !ending.status().ok());
}

BEHAVIOUR(Destruction, AfterALoopThatWasLeftEarlyEndsAStreamStreamCall, "B281") {
  const std::string name = setting.new_name();
  std::optional call(
      setting.channel().stream_stream(stream_stream, CallOptions().metadata("watch", name)));
  const Ending ending(setting.loop(), *call);
  const EchoRequest two = request("x", 2);
  EXPECT_EQ(co_await call->write(two), absl::OkStatus());
  const auto responses = call->responses();
  EXPECT_TRUE(co_await responses.next());
  const EchoRequest silence = silent_request();
  EXPECT_EQ(co_await call->write(silence), absl::OkStatus());
  auto silent = silence_seen_by_server(setting, name);
  co_await std::move(silent);
  EXPECT_FALSE(call->done());
  call.reset();
  EXPECT_THAT(ending.status(), IsDropped());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

BEHAVIOUR(Destruction, AfterALoopThatWasLeftEarlyEndsAUnaryStreamCall, "B281") {
  const std::string name = setting.new_name();
  EchoRequest many = request("", setting.simulated() ? 2 : 50);
  many.set_response_bytes(setting.simulated() ? 1 : 1 << 20);
  std::optional call(
      setting.channel().unary_stream(unary_stream, many, CallOptions().metadata("watch", name)));
  const Ending ending(setting.loop(), *call);
  const auto responses = call->responses();
  EXPECT_TRUE(co_await responses.next());
  EXPECT_FALSE(call->done());
  call.reset();
  EXPECT_THAT(ending.status(), IsDropped());
  const std::string seen = co_await end_seen_by_server(setting, name);
  // The simulator's echo server does not wait for room, and may have finished.
  EXPECT_TRUE(seen == "cancelled" || (setting.simulated() && seen == "finished")) << seen;
}

Requests silence_and_waiting(std::shared_ptr<void>) {
  co_yield silent_request();
  co_await std::suspend_always();
}

BEHAVIOUR_OF_KINDS(Destruction, EndsTheRequestSource, "B283 R2-24", (stream_unary, stream_stream)) {
  Latch gone(setting.loop());
  const std::string name = setting.new_name();
  std::optional call(open_with(setting, method, silence_and_waiting(opens_when_gone(gone)),
                               headers_at_once().metadata("watch", name)));
  const Ending ending(setting.loop(), *call);
  (void)co_await call->initial_metadata();
  call.reset();
  EXPECT_THAT(ending.status(), IsDropped());
  co_await gone;
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

// There are no helper tasks to be left behind: what waits is told the same as by a cancel.
BEHAVIOUR(Destruction, EndsWhatWaitsForTheCall, "B284") {
  std::optional call(setting.channel().stream_stream(stream_stream));
  Beside reading(setting.loop(), call->read());
  Beside ending(setting.loop(), call->status());
  const auto drop = setting.anytime("call1.drop", [&] { call.reset(); });
  co_await reading.over();
  EXPECT_THAT(reading.result()->status(), IsDropped());
  co_await ending.over();
  EXPECT_THAT(*ending.result(), IsDropped());
}

// --- half-made calls ---

// A range whose move fails when `moves_left` comes down to zero.
class Fragile {
 public:
  explicit Fragile(int& moves_left) : moves_left_(&moves_left), requests_(1, request("x")) {}
  Fragile(Fragile&& other) : moves_left_(other.moves_left_), requests_(other.requests_) {
    if (--*moves_left_ == 0) throw std::runtime_error("it slipped");
  }
  auto begin() const { return requests_.begin(); }
  auto end() const { return requests_.end(); }

 private:
  int* moves_left_;
  std::vector<EchoRequest> requests_;
};

bool cannot_be_made(Channel& channel, int moves_left) {
  try {
    const auto call = channel.stream_unary(stream_unary, Fragile(moves_left));
    EXPECT_FALSE(call.done());
    return false;
  } catch (const std::runtime_error&) {
    return true;
  }
}

BEHAVIOUR(Destruction, OfACallThatCouldNotBeMadeWholeLeavesNothing, "B285") {
  Channel& channel = setting.channel();
  int failures = 0;
  while (failures < 10 && cannot_be_made(channel, failures + 1)) ++failures;
  EXPECT_GT(failures, 1);
  EXPECT_LT(failures, 10);
  const absl::StatusOr<EchoResponse> response =
      co_await channel.unary_unary(unary_unary, request("whole"));
  EXPECT_TRUE(response.ok()) << response.status();
  const Task<> closing = channel.close();
}

BEHAVIOUR_OF_EACH_KIND(Destruction, OfTheChannelClosesIt, "B287") {
  const std::string name = setting.new_name();
  std::optional<Channel> channel(std::in_place, setting.transport(), setting.loop());
  auto call = open(*channel, method, silent_request(), headers_at_once().metadata("watch", name));
  (void)co_await call.initial_metadata();
  channel.reset();
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

}  // namespace
}  // namespace weft::test
