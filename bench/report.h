#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace weft::bench {

// Prints a line for every workload, and remembers which of the deterministic figures are off: the
// batches and allocations that Weft promises. Times are never judged.
class TableReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  const std::vector<std::string>& violations() const { return violations_; }

 private:
  void judge(const Run& run);

  std::vector<std::string> violations_;
};

}  // namespace weft::bench
