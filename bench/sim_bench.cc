// What the simulator costs: executions of an exploration, with all that it checks, and calls in a
// world that takes the default order.
//
//   weft_bench_sim [--rounds N] [--json FILE] [--check] [any option of Google Benchmark]
//   weft_bench_sim --callgrind CASE [--rounds N]
//
// The second form is for `valgrind --tool=callgrind --instr-atstart=no`: N rounds of one case, and
// only those are recorded. See README.md.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "allocation_count.h"
#include "callgrind_recording.h"
#include "command_line.h"
#include "sim_report.h"
#include "sim_workloads.h"

namespace weft::bench {
namespace {

class Options {
 public:
  int rounds = 15;
  bool check = false;
  std::string callgrind_case;       // empty: measure
  std::vector<std::string> others;  // Google Benchmark's
};

Options parse_options(int argc, char** argv) {
  Options options;
  options.others = parse(argc, argv, [&options](const std::string& option, Value value) {
    if (option == "--rounds") {
      options.rounds = positive_number(option, value());
    } else if (option == "--check") {
      options.check = true;
    } else if (option == "--callgrind") {
      options.callgrind_case = value();
    } else {
      return false;
    }
    return true;
  });
  return options;
}

const SimCase& case_named(const std::string& name) {
  std::string known;
  for (const SimCase& one : sim_cases()) {
    if (one.name == name) return one;
    known.append(" ").append(one.name);
  }
  usage_failure("no case is called \"" + name + "\", but:" + known);
}

int run_for_callgrind(const Options& options) {
  if (!has_callgrind) usage_failure("built without valgrind/callgrind.h");
  const SimCase& one = case_named(options.callgrind_case);
  one.run();
  std::size_t ops = 0;
  record(one.name.c_str(), [&] {
    for (int i = 0; i < options.rounds; ++i) ops += one.run().ops;
  });
  std::printf("%s: %zu operations\n", one.name.c_str(), ops);
  return EXIT_SUCCESS;
}

// Two rounds to warm up: the first one makes what is kept.
void measure(benchmark::State& state, const SimCase& one) {
  std::size_t schedules = one.run().schedules;
  one.run();
  std::vector<double> microseconds;  // of an operation, by round
  std::size_t ops = 0;
  std::uint64_t allocations = 0;
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(one.ops_per_round))) {
    const std::uint64_t allocations_before = allocation_count();
    const auto begin = std::chrono::steady_clock::now();
    const Round round = one.run();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    allocations += allocation_count() - allocations_before;
    ops += round.ops;
    schedules = round.schedules;
    state.SetIterationTime(elapsed.count());
    microseconds.push_back(elapsed.count() * 1e6 / static_cast<double>(round.ops));
  }
  std::sort(microseconds.begin(), microseconds.end());
  const double median = microseconds[microseconds.size() / 2];
  state.counters["us_median"] = median;
  state.counters["us_min"] = microseconds.front();
  state.counters["us_max"] = microseconds.back();
  state.counters["allocs_per_op"] = static_cast<double>(allocations) / static_cast<double>(ops);
  if (schedules == 0) return;
  state.counters["schedules"] = static_cast<double>(schedules);
  state.counters["executions_per_second"] = 1e6 / median;
}

int run_measurements(const Options& options) {
  for (const SimCase& one : sim_cases()) {
    const auto ops = static_cast<benchmark::IterationCount>(one.ops_per_round);
    benchmark::RegisterBenchmark(one.name.c_str(),
                                 [&one](benchmark::State& state) { measure(state, one); })
        ->Iterations(options.rounds * ops)
        ->UseManualTime()
        ->MeasureProcessCPUTime()
        ->Unit(benchmark::kMicrosecond);
  }
  SimReporter table;
  run_benchmarks(options.others, table);
  if (!options.check) return EXIT_SUCCESS;
  for (const std::string& violation : table.violations()) {
    std::fprintf(stderr, "weft_bench_sim: %s\n", violation.c_str());
  }
  return table.violations().empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Options& options) {
  return options.callgrind_case.empty() ? run_measurements(options) : run_for_callgrind(options);
}

}  // namespace
}  // namespace weft::bench

int main(int argc, char** argv) {
  return weft::bench::run(weft::bench::parse_options(argc, argv));
}
