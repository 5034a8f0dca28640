#pragma once

#include <benchmark/benchmark.h>

#include <vector>

namespace weft::bench {

// Prints a line for every workload.
class TableReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
};

}  // namespace weft::bench
