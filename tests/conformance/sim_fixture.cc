#include "sim_fixture.h"

#include <gtest/gtest.h>

#include <coroutine>

#include "sim_peer.h"
#include "weft/conformance/peer_script.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::conformance {
namespace {

// More executions than this is a check that needs a bound.
constexpr std::size_t executions_max = 20'000;

// Awaits a note, and goes on in a turn of its own.
class NoteAwaiter final : public LoopTask {
 public:
  NoteAwaiter(EventLoop& loop, PeerBoard& board, std::string_view note)
      : LoopTask([](LoopTask& task) noexcept { static_cast<NoteAwaiter&>(task).handle_.resume(); }),
        loop_(loop) {
    board.await(note, [this, alive = std::weak_ptr<int>(alive_)] {
      if (alive.expired()) return;
      told_ = true;
      if (handle_) loop_.defer(*this);
    });
  }
  bool await_ready() const { return told_; }
  void await_suspend(std::coroutine_handle<> handle) { handle_ = handle; }
  void await_resume() const {}

 private:
  EventLoop& loop_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::coroutine_handle<> handle_;
  bool told_ = false;
};

sim::SimTransportOptions options_of(const ConnectOptions& options) {
  sim::SimTransportOptions simulated;
  simulated.connected(options.starts_connected).unchecked().secure();
  if (options.receive_bytes_max > 0) simulated.receive_limit(options.receive_bytes_max);
  if (options.send_bytes_max > 0) simulated.send_limit(options.send_bytes_max);
  if (options.streams_max > 0) simulated.stream_limit(options.streams_max);
  return simulated;
}

class SimSite final : public Site {
 public:
  SimSite(sim::World& world, const SimFixture::Wrap& wrap) : world_(world), wrap_(wrap) {
    sim::Server& server = world.server();
    server.serve_program(peer_method, [&server, board = board_](sim::PeerCall&) {
      return make_sim_peer(server, board);
    });
    world.server("nobody").stop();
  }

  EventLoop& loop() override { return world_.loop(); }
  std::shared_ptr<Transport> connect(const ConnectOptions& options) override {
    return to("server", options);
  }
  std::shared_ptr<Transport> connect_to_nobody() override {
    return to("nobody", ConnectOptions().unconnected());
  }
  void stop_peer() override { world_.server().stop(); }
  void start_peer() override { world_.server().start(); }
  Task<> step() override { co_await world_.yield(); }
  Task<> give_note(std::shared_ptr<Transport>, std::string note) override {
    board_->tell(note);
    co_return;
  }
  Task<> await_note(std::shared_ptr<Transport>, std::string note) override {
    NoteAwaiter awaiter(world_.loop(), *board_, note);
    co_await awaiter;
  }

 private:
  std::shared_ptr<Transport> to(std::string_view server, const ConnectOptions& options) {
    std::shared_ptr<Transport> transport = world_.transport(server, options_of(options));
    return wrap_ ? wrap_(std::move(transport)) : transport;
  }

  sim::World& world_;
  const SimFixture::Wrap& wrap_;
  std::shared_ptr<PeerBoard> board_ = std::make_shared<PeerBoard>();
};

sim::Body explore_one(const Check& check, const SimFixture::Wrap& wrap, sim::World& world) {
  SimSite site(world, wrap);
  Task<> run = play(check, site, false);
  co_await std::move(run);
}

}  // namespace

Capabilities SimFixture::capabilities() {
  sim::World world;
  // With a limit of what is sent, because there can be one.
  return SimSite(world, wrap_).connect(ConnectOptions().send_limit(1))->capabilities();
}

std::optional<std::string> SimFixture::lacks(Need need) {
  if (need == Need::real_threads) return "time and threads are simulated";
  return std::nullopt;
}

void SimFixture::run(const Check& check) {
  sim::ExploreOptions options;
  options.executions(executions_max);
  if (check.deviations_max.has_value()) options.deviations(*check.deviations_max);
  const sim::Report report = sim::explore_in_test(
      "Conformance." + check.name(), options,
      [this, &check](sim::World& world) { return explore_one(check, wrap_, world); });
  if (!report.ok()) {
    ADD_FAILURE() << report.to_string();
    return;
  }
  std::puts(report.verdict_line().c_str());
  if (report.verdict == sim::Verdict::complete_within_bound) {
    std::printf("bound: %s\n", check.bound_reason.c_str());
  }
}

}  // namespace weft::conformance
