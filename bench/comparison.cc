#include "comparison.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "allocation_count.h"
#include "batch_count.h"

namespace weft::bench {
namespace {

// Rises linearly between the sorted values: 0 is the least, 1 the greatest.
double quantile(const std::vector<double>& sorted, double fraction) {
  const double position = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

void set_counters(benchmark::State& state, std::vector<double> ratios, const Tally& core,
                  const Tally& weft) {
  std::sort(ratios.begin(), ratios.end());
  state.counters["ratio_to_core"] = quantile(ratios, 0.5);
  state.counters["ratio_min"] = ratios.front();
  state.counters["ratio_q1"] = quantile(ratios, 0.25);
  state.counters["ratio_q3"] = quantile(ratios, 0.75);
  state.counters["ratio_max"] = ratios.back();
  state.counters["batches_per_op"] = weft.batches_per_op();
  state.counters["core_batches_per_op"] = core.batches_per_op();
  state.counters["allocs_per_op"] = weft.allocations_per_op();
  state.counters["core_allocs_per_op"] = core.allocations_per_op();
  state.counters["allocs_beyond_core"] = weft.allocations_per_op() - core.allocations_per_op();
}

}  // namespace

double Tally::run(Client& client, const Workload& workload, int ops) {
  const std::uint64_t batches_before = batch_count();
  const std::uint64_t allocations_before = allocation_count();
  const auto begin = std::chrono::steady_clock::now();
  client.run(workload, ops);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  allocations_ += allocation_count() - allocations_before;
  batches_ += batch_count() - batches_before;
  ops_ += ops;
  return elapsed.count();
}

void compare(benchmark::State& state, const Workload& workload, Client& core, Client& weft) {
  const int ops = workload.ops_per_round;
  core.run(workload, ops);
  weft.run(workload, ops);
  Tally core_tally;
  Tally weft_tally;
  std::vector<double> ratios;
  bool core_first = true;
  while (state.KeepRunningBatch(ops)) {
    double core_seconds = 0;
    const auto run_core = [&] {
      // Core's share is not in the processor time that is reported.
      state.PauseTiming();
      core_seconds = core_tally.run(core, workload, ops);
      state.ResumeTiming();
    };
    if (core_first) run_core();
    const double weft_seconds = weft_tally.run(weft, workload, ops);
    if (!core_first) run_core();
    core_first = !core_first;
    state.SetIterationTime(weft_seconds);
    ratios.push_back(weft_seconds / core_seconds);
  }
  set_counters(state, std::move(ratios), core_tally, weft_tally);
}

}  // namespace weft::bench
