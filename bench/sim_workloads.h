#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace weft::bench {

// What one round of a case did.
class Round {
 public:
  explicit Round(std::size_t operations, std::size_t found_schedules = 0)
      : ops(operations), schedules(found_schedules) {}

  std::size_t ops;
  std::size_t schedules;  // of one exploration; 0: nothing was explored
};

// One thing that is measured. Its operation is an execution, a call or a message.
class SimCase {
 public:
  SimCase(std::string case_name, std::size_t operations, std::function<Round()> run_round)
      : name(std::move(case_name)), ops_per_round(operations), run(std::move(run_round)) {}

  std::string name;
  std::size_t ops_per_round;  // as planned; what a round says is what it did
  std::function<Round()> run;
};

// Every case. What a case needs from one round to the next (a world in steady state) is made by its
// first round and lives until the program ends. Anything that goes wrong ends the program.
std::span<const SimCase> sim_cases();

}  // namespace weft::bench
