#include "report.h"

#include <cstdio>

namespace weft::bench {
namespace {

double counter(const benchmark::BenchmarkReporter::Run& run, const char* name) {
  return run.counters.at(name).value;
}

}  // namespace

bool TableReporter::ReportContext(const Context&) {
  std::printf("%-18s | %-32s | %-13s | %-27s\n", "", "time, Weft / core", "batches", "allocations");
  std::printf("%-18s | %6s  %-11s  %-11s | %5s  %6s | %6s  %6s  %11s\n", "per operation", "median",
              " quartiles", " extremes", "Weft", "core", "Weft", "core", "beyond core");
  return true;
}

void TableReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    const auto value = [&run](const char* name) { return counter(run, name); };
    std::printf("%-18s | %6.2f  %5.2f-%5.2f  %5.2f-%5.2f | %5.2f  %6.2f | %6.2f  %6.2f  %+11.3f\n",
                run.run_name.function_name.c_str(), value("ratio_to_core"), value("ratio_q1"),
                value("ratio_q3"), value("ratio_min"), value("ratio_max"), value("batches_per_op"),
                value("core_batches_per_op"), value("allocs_per_op"), value("core_allocs_per_op"),
                value("allocs_beyond_core"));
    std::fflush(stdout);
  }
}

}  // namespace weft::bench
