#include "behaviour.h"

#include <cstdlib>
#include <string>

#include "grpc_setting.h"
#include "sim_setting.h"
#include "weft/api/block_on.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

// Of a body with something that may happen at any time.
constexpr int repetitions = 12;

sim::Body in_world(sim::World& world, BehaviourBody body) {
  SimSetting setting(world);
  co_await body(setting);
}

void run_for_real(std::string_view peer, BehaviourBody body) {
  int repetition = 0;
  bool again = true;
  while (again && !testing::Test::HasFailure()) {
    GrpcSetting setting(peer, repetition);
    block_on(setting.loop(), body(setting));
    again = setting.has_floating() && ++repetition < repetitions;
  }
}

}  // namespace

void show_behaviour(std::string_view name, std::string_view rows, BehaviourBody body,
                    sim::ExploreOptions options, const char* file, int line) {
  testing::Test::RecordProperty("rows", std::string(rows));
  const char* chosen = std::getenv("WEFT_TEST_PEER");
  const std::string_view peer = chosen == nullptr ? "sim" : chosen;
  if (peer == "sim") {
    sim::run_sim_test(
        name, std::move(options), [body](sim::World& world) { return in_world(world, body); }, file,
        line);
  } else {
    run_for_real(peer, body);
  }
}

}  // namespace weft::test
