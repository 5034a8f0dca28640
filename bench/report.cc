#include "report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <string_view>

namespace weft::bench {
namespace {

// What the whole process allocates besides: gRPC's other threads, and reads that come in other
// portions.
constexpr double allocation_noise = 0.1;

class Promise {
 public:
  constexpr Promise(std::string_view workload_name, double batches, double allocations)
      : workload(workload_name), batches_per_op(batches), allocs_beyond_core(allocations) {}

  std::string_view workload;
  double batches_per_op;
  double allocs_beyond_core;  // at most
};

constexpr std::array promises = {
    Promise("unary", 1, 0),
    Promise("exchange", 1, 0),
    Promise("write_read", 2, 0),
    Promise("server_stream", 1, 0),
};
// The batches of the call itself, shared by all the messages of a stream.
constexpr double batch_tolerance = 0.01;

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
    judge(run);
  }
}

void TableReporter::judge(const Run& run) {
  const std::string& name = run.run_name.function_name;
  const auto promise = std::find_if(promises.begin(), promises.end(),
                                    [&](const Promise& one) { return one.workload == name; });
  if (promise == promises.end()) return;
  const auto expect = [&](bool holds, const char* figure, const char* relation, double bound) {
    if (holds) return;
    std::ostringstream text;
    text << name << ": " << figure << " is " << counter(run, figure) << ", expected " << relation
         << " " << bound;
    violations_.push_back(text.str());
  };
  const double excess_batches = counter(run, "batches_per_op") - promise->batches_per_op;
  expect(std::abs(excess_batches) <= batch_tolerance, "batches_per_op", "exactly",
         promise->batches_per_op);
  const double most = promise->allocs_beyond_core + allocation_noise;
  expect(counter(run, "allocs_beyond_core") <= most, "allocs_beyond_core", "at most", most);
  // Core never does without; nothing counted would be nothing checked.
  expect(counter(run, "core_allocs_per_op") >= 1, "core_allocs_per_op", "at least", 1);
}

}  // namespace weft::bench
