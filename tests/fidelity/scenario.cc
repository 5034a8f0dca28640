#include "scenario.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <utility>

#include "proxied_setting.h"
#include "sim_setting.h"
#include "weft/api/block_on.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/explore.h"

namespace weft::test {
namespace {

constexpr absl::Duration longest_run = absl::Seconds(20);

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string_view peer() {
  const char* chosen = std::getenv("WEFT_TEST_PEER");
  return chosen == nullptr ? "cpp" : chosen;
}

sim::Body play_in_world(sim::World& world, Scenario scenario) {
  SimSetting setting(world);
  Run run(setting, nullptr);
  co_await scenario(run);
  world.outcome(run.outcome());
}

sim::Report simulate(std::string_view name, Scenario scenario) {
  const sim::ExploreOptions options = sim::ExploreOptions().name(name);
  return sim::explore(options,
                      [scenario](sim::World& world) { return play_in_world(world, scenario); });
}

std::string play(std::uint64_t seed, Scenario scenario) {
  ProxiedSetting setting(peer(), seed);
  Run run(setting, &setting);
  // A watchdog: a run that hangs is an outcome, and none that the simulator has.
  auto ended = when_any(scenario(run), sleep_for(setting.loop(), longest_run));
  if (block_on(setting.loop(), std::move(ended)).index() == 1) run.saw("<never ends>");
  return run.outcome();
}

// One line of the table.
void tell(std::string_view name, std::uint64_t runs, std::size_t real, std::size_t seen,
          const sim::Report& simulated) {
  const std::size_t possible = simulated.outcomes.size();
  std::cout << "fidelity " << std::left << std::setw(64) << name << std::right << " runs "
            << std::setw(5) << runs << "  real outcomes " << std::setw(3) << real << "  simulated "
            << std::setw(4) << possible << "  seen " << std::setw(3)
            << (possible == 0 ? 0 : 100 * seen / possible) << "%  executions "
            << simulated.executions << std::endl;
}

}  // namespace

void check_fidelity(std::string_view name, Scenario scenario) {
  const sim::Report simulated = simulate(name, scenario);
  ASSERT_TRUE(simulated.ok()) << simulated.to_string();

  const std::uint64_t runs = number_from("WEFT_FIDELITY_RUNS", 20);
  const std::uint64_t first_seed = number_from("WEFT_FIDELITY_SEED", 1);
  std::map<std::string, std::uint64_t> first_seen;
  for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
    first_seen.try_emplace(play(seed, scenario), seed);
  }

  std::size_t foreseen = 0;
  for (const auto& [outcome, seed] : first_seen) {
    if (simulated.outcomes.contains(outcome)) {
      ++foreseen;
      continue;
    }
    ADD_FAILURE() << name << ": the simulator cannot produce this outcome:\n  " << outcome
                  << "\nIt was seen with WEFT_TEST_PEER=" << peer() << " WEFT_FIDELITY_RUNS=1"
                  << " WEFT_FIDELITY_SEED=" << seed;
  }
  tell(name, runs, first_seen.size(), foreseen, simulated);
  if (std::getenv("WEFT_FIDELITY_LIST") == nullptr) return;
  for (const auto& [outcome, ways] : simulated.outcomes) {
    std::cout << (first_seen.contains(outcome) ? "  both: " : "  simulated: ") << outcome << '\n';
  }
}

}  // namespace weft::test
