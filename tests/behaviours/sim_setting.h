#pragma once

#include "setting.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// One execution in the simulator.
class SimSetting final : public Setting {
 public:
  explicit SimSetting(sim::World& world);
  ~SimSetting() override;

  EventLoop& loop() override;
  std::string_view name() const override { return "sim"; }
  sim::World* world() const override { return &world_; }
  std::shared_ptr<Transport> transport(const TransportWishes& wishes) override;
  std::shared_ptr<Transport> transport_to(TestServer& server,
                                          const TransportWishes& wishes) override;
  std::shared_ptr<Transport> unreachable(const TransportWishes& wishes) override;
  std::unique_ptr<TestServer> start_server(ServerOptions options) override;
  std::unique_ptr<Floating> anytime(std::string_view label,
                                    absl::AnyInvocable<void() &&> action) override;
  void sometimes(std::string_view what, bool happened) override;
  void expect_schedules(std::size_t count) override { world_.expect_schedules(count); }

 private:
  sim::World& world_;
  std::size_t servers_ = 0;
};

}  // namespace weft::test
