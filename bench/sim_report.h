#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace weft::bench {

// Prints a line for every case of the simulator, with its target, if it has one, beside the
// figures; and remembers which of the deterministic figures are off: schedules, and allocations of
// calls. Times are never judged.
class SimReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void judge(const Run& run);

  std::vector<std::string> violations_;
};

}  // namespace weft::bench
