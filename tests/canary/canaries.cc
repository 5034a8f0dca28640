#include "canaries.h"

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "flag.h"
#include "weft/transport/assert.h"
#include "weft/transport/recycled.h"
#include "weft/transport_sim/token.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::World;

constexpr std::string_view talk = "/test.Canary/Talk";

// What a peer has noticed. It outlives the body, as the peer does.
class Witness {
 public:
  std::size_t messages = 0;
  Flag cancelled;
};

class WitnessedScript final : public sim::PeerProgram, public Recycled {
 public:
  WitnessedScript(const Script& script, std::shared_ptr<Witness> witness)
      : player_(script.play()), witness_(std::move(witness)) {}

  void opened(sim::PeerCall& call) override { player_->opened(call); }
  void message(sim::PeerCall& call, Bytes message) override {
    ++witness_->messages;
    player_->message(call, std::move(message));
  }
  void half_closed(sim::PeerCall& call) override { player_->half_closed(call); }
  void cancelled(sim::PeerCall& call) override {
    // First: who waits for it may drop the call, which lives as long as the script waits as well.
    witness_->cancelled.raise();
    player_->cancelled(call);
  }
  bool cares_for_cancel() const override { return player_->cares_for_cancel(); }

 private:
  std::unique_ptr<sim::PeerProgram> player_;
  std::shared_ptr<Witness> witness_;
};

// The world's server plays `script` from now on.
std::shared_ptr<Witness> serve(World& world, Script script) {
  auto witness = std::make_shared<Witness>();
  world.server().serve_program(talk, [script = std::move(script), witness](sim::PeerCall&) {
    return std::make_unique<WitnessedScript>(script, witness);
  });
  return witness;
}

Body write_one(BrokenClient& call, std::string message) {
  co_await call.write(message);
}

// --- the bodies: right for a client that is, whatever the order ---

Body cancel_while_a_write_waits(World& world, Defect defect) {
  serve(world, Script().read_all().finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  co_await call.write("hello");
  call.done_writing();
  co_await call.status();
}

Body cancel_while_the_window_is_full(World& world, Defect defect) {
  serve(world, Script().gap().read_all().finish());
  const auto transport = world.transport("server", sim::SimTransportOptions().window(4));
  BrokenClient call(world.loop(), *transport, StreamOptions(talk, CallKind::stream_stream), defect);
  const auto told = std::make_shared<int>(0);
  call.on_done([told](const CallStatus&) { ++*told; });
  world.invariant("a call is done once", [told] { return *told <= 1; });
  call.start();
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  co_await call.write("more than the window takes");
  call.done_writing();
  co_await call.status();
  cancel.withdraw();
  co_await world.yield();  // the invariant is asked as long as the body is not over
}

Body write_when_a_message_comes(World& world, Defect defect) {
  const auto witness =
      serve(world, Script().headers().gap().gap().message("go on").wait_for_cancel());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  Body first = write_one(call, "one");
  first.start();
  co_await call.read();
  co_await call.write("two");
  call.cancel();
  co_await witness->cancelled;
}

Body cancel_with_a_callback_that_throws(World& world, Defect defect) {
  serve(world, Script().headers().message("hello").finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.on_done([](const CallStatus&) { throw std::runtime_error("the callback threw"); });
  call.start();
  co_await call.read();
  co_await world.yield();
  call.cancel();
  co_await call.status();
}

Body half_close_while_a_write_waits(World& world, Defect defect) {
  const auto witness = serve(world, Script().read_all().finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  Body writer = write_one(call, "hello");
  writer.start();
  Anytime done(world, "call1.done_writing", [&] { call.done_writing(); });
  const CallStatus status = co_await call.status();
  if (status.ok() && witness->messages != 1) world.fail("the call is OK without its message");
}

Body read_at_leisure(World& world, Defect defect) {
  serve(world, Script().headers().message("one").gap().gap().message("two").finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  std::size_t messages = 0;
  for (;;) {
    const std::optional<std::string> message = co_await call.read();
    if (!message.has_value()) break;
    ++messages;
    co_await world.yield();
  }
  const CallStatus status = co_await call.status();
  if (status.ok() && messages != 2) world.fail("the call is OK without one of its messages");
}

Body await_the_one_response(World& world, Defect defect) {
  world.allow(sim::fault::doubled_response());
  serve(world, Script().read_all().message("the only one").finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_unary),
                    defect);
  call.start();
  call.done_writing();
  co_await call.read();
  co_await call.status();
}

Body cancel_before_the_deadline(World& world, Defect defect) {
  serve(world, Script().headers().finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start(absl::Seconds(1));
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  co_await call.status();
}

Body cancel_while_a_read_waits(World& world, Defect defect) {
  serve(world, Script().headers().gap().message("hello").finish());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  co_await call.read();
  Flag paused;
  Anytime pause(world, "body.pause", [&] { paused.raise(); });
  co_await paused;
  if (!paused.is_raised()) world.fail("resumed by nothing that it waited for");
  co_await call.status();
}

Body cancel_from_a_continuation(World& world, Defect defect) {
  serve(world, Script().headers().message("hello").wait_for_cancel());
  BrokenClient call(world.loop(), *world.transport(), StreamOptions(talk, CallKind::stream_stream),
                    defect);
  call.start();
  co_await call.write("hello");
  co_await world.yield();
  co_await call.read();
  call.cancel();
  co_await call.status();
  co_await world.yield();  // so that no completion is on the stack of the call's end
}

}  // namespace

sim::Report Canary::explore(Defect with, sim::ExploreOptions options) const {
  options.name("Canary." + name);
  const auto with_defect = [this, with](World& world) { return body(world, with); };
  return sim::explore(options, with_defect);
}

sim::Report Canary::replay(std::string_view token) const {
  return explore(defect, sim::ExploreOptions().replay(token));
}

std::string Canary::token_of(const sim::Schedule& schedule) const {
  const std::uint32_t test = sim::test_hash("Canary." + name, sim::WorldOptions().to_string());
  return sim::make_token(test, schedule, std::nullopt).to_string();
}

const std::array<Canary, 10>& canaries() {
  static const std::array<Canary, 10> all = {
      Canary(Defect::write_left_waiting, "WriteLeftWaiting", &cancel_while_a_write_waits),
      Canary(Defect::status_overwritten, "StatusOverwritten", &cancel_while_the_window_is_full),
      Canary(Defect::local_end_keeps_transport, "LocalEndKeepsTransport",
             &write_when_a_message_comes),
      Canary(Defect::callback_before_transport, "CallbackBeforeTransport",
             &cancel_with_a_callback_that_throws),
      Canary(Defect::half_close_overtakes_write, "HalfCloseOvertakesWrite",
             &half_close_while_a_write_waits),
      Canary(Defect::status_before_messages, "StatusBeforeMessages", &read_at_leisure),
      Canary(Defect::second_response_unread, "SecondResponseUnread", &await_the_one_response),
      Canary(Defect::timer_left_armed, "TimerLeftArmed", &cancel_before_the_deadline),
      Canary(Defect::reader_resumed_twice, "ReaderResumedTwice", &cancel_while_a_read_waits),
      Canary(Defect::cancel_waits_in_continuation, "CancelWaitsInContinuation",
             &cancel_from_a_continuation),
  };
  return all;
}

const Canary& canary(Defect defect) {
  WEFT_ASSERT(defect != Defect::none);
  const Canary& found = canaries()[static_cast<std::size_t>(defect) - 1];
  WEFT_ASSERT(found.defect == defect, found.name);
  return found;
}

}  // namespace weft::test
