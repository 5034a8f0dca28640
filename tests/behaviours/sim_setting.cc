#include "sim_setting.h"

#include "sim_echo.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/fault_plan.h"

namespace weft::test {
namespace {

class SimServer final : public TestServer, private Timer {
 public:
  SimServer(sim::World& world, sim::Server& server, const ServerOptions& server_options)
      : Timer([](Timer& timer) noexcept { static_cast<SimServer&>(timer).server_.stop(); }),
        options(server_options),
        world_(world),
        server_(server) {}

  void stop(absl::Duration grace) override {
    if (grace <= absl::ZeroDuration()) return server_.stop();
    server_.go_away();
    world_.arm(*this, world_.loop().now() + grace);
  }
  void start() override { server_.start(); }
  const std::string& name() const { return server_.name(); }

  const ServerOptions options;

 private:
  sim::World& world_;
  sim::Server& server_;
};

class SimFloating final : public Floating {
 public:
  SimFloating(sim::World& world, std::string_view label, absl::AnyInvocable<void() &&> action)
      : action_(world, label, std::move(action)) {}

 private:
  sim::Anytime action_;
};

sim::SimTransportOptions to_options(const TransportWishes& wishes) {
  sim::SimTransportOptions options;
  options.wait_for_ready(wishes.waits_for_ready);
  if (wishes.most_received_bytes) options.receive_limit(*wishes.most_received_bytes);
  if (wishes.default_compression) options.compression(*wishes.default_compression);
  return options;
}

}  // namespace

SimSetting::SimSetting(sim::World& world) : world_(world) {
  serve_echo(world_, world_.server());
}
SimSetting::~SimSetting() = default;

EventLoop& SimSetting::loop() {
  return world_.loop();
}

std::shared_ptr<Transport> SimSetting::transport(const TransportWishes& wishes) {
  return world_.transport("server", to_options(wishes));
}

std::shared_ptr<Transport> SimSetting::transport_to(TestServer& server,
                                                    const TransportWishes& wishes) {
  const auto& its = static_cast<SimServer&>(server);
  sim::SimTransportOptions options = to_options(wishes);
  if (its.options.most_calls > 0) options.stream_limit(its.options.most_calls);
  if (its.options.is_secure) options.secure();
  return world_.transport(its.name(), options);
}

std::shared_ptr<Transport> SimSetting::unreachable(const TransportWishes& wishes) {
  world_.server("nobody").stop();
  return world_.transport("nobody", to_options(wishes));
}

std::unique_ptr<TestServer> SimSetting::start_server(ServerOptions options) {
  sim::Server& server = world_.server(weft::detail::text("server", ++servers_ + 1));
  serve_echo(world_, server);
  if (options.refused) server.refuse(*options.refused);
  if (options.starts_stopped) server.stop();
  return std::make_unique<SimServer>(world_, server, options);
}

std::unique_ptr<Floating> SimSetting::anytime(std::string_view label,
                                              absl::AnyInvocable<void() &&> action) {
  return std::make_unique<SimFloating>(world_, label, std::move(action));
}

void SimSetting::sometimes(std::string_view what, bool happened) {
  world_.sometimes(what, happened);
}

}  // namespace weft::test
