// Samples of schedules, and how many there are.

#include <cmath>

#include "random_bits.h"
#include "sample_chooser.h"
#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim {

std::string SamplingOptions::to_string() const {
  std::string text;
  switch (drawn_by) {
    case Strategy::random_walk:
      text = "random walk";
      break;
    case Strategy::partial_order:
      text = "POS";
      break;
    case Strategy::priorities:
      text = weft::detail::text("PCT of depth ", constraint_count);
      break;
  }
  return weft::detail::text(text, leaves_out_faults ? ", swarm" : "", ", seed ", first_seed, ", ",
                            run_count, " runs");
}

namespace detail {
namespace {

// One descent: any alternative of each decision, and how many there were in all.
class ProbeChooser final : public Chooser {
 public:
  explicit ProbeChooser(std::uint64_t seed) : random_(seed) {}
  std::size_t choose(const Decision& decision) override {
    size_ *= static_cast<double>(decision.labels.size());
    return random_.below(decision.labels.size());
  }
  double size() const { return size_; }

 private:
  RandomBits random_;
  double size_ = 1;
};

}  // namespace

void search_sample(Runner& runner, Report& report) {
  SearchLog log(runner, report);
  const SamplingOptions& options = runner.options().sampling_options;
  report.sampling = options.to_string();
  SampleChooser chooser(options);
  for (std::size_t run = 0; run < options.run_count; ++run) {
    if (!log.within_budget()) {
      report.verdict = Verdict::incomplete;
      report.open_schedules = options.run_count - run;
      return;
    }
    chooser.begin_run(run);
    runner.run(&chooser, nullptr, &chooser);
    ++report.sampled_executions;
    const Schedule schedule = runner.execution().schedule();
    ScheduleChooser again(schedule);
    if (!log.record(again)) break;
  }
  report.verdict = log.stopped() ? Verdict::stopped_at_failure : Verdict::sampled;
}

Estimate estimate_schedules(Runner& runner, std::size_t probes) {
  Estimate estimate;
  estimate.probes = probes;
  double squares = 0;
  for (std::size_t i = 0; i < probes; ++i) {
    ProbeChooser chooser(mix_hash(probes, i));
    runner.run(&chooser);
    estimate.mean += chooser.size();
    squares += chooser.size() * chooser.size();
  }
  const auto count = static_cast<double>(probes);
  estimate.mean /= count;
  const double variance = squares / count - estimate.mean * estimate.mean;
  estimate.standard_error = std::sqrt(variance > 0 ? variance / count : 0);
  return estimate;
}

}  // namespace detail

}  // namespace weft::sim
