// Weft against gRPC core's C API: the same calls, to the same server, from the same thread, in
// turn.
//
//   weft_bench_calls [--rounds N] [--json FILE] [any option of Google Benchmark]
//   weft_bench_calls --callgrind weft|core [--workload NAME] [--ops N]
//
// The second form is for `valgrind --tool=callgrind --instr-atstart=no`: one client does N
// operations of one workload, and only those are recorded. See README.md.
//
// Both take --lean (Weft's channel with GrpcTransportOptions::lean(); core's stays as it is) and
// --deadlock-detection off (Abseil's, for the whole process: both clients).

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "callgrind_recording.h"
#include "client.h"
#include "command_line.h"
#include "comparison.h"
#include "peer.h"
#include "raw_core_client.h"
#include "report.h"
#include "weft/transport_grpc/deadlock_detection.h"
#include "weft_client.h"

namespace weft::bench {
namespace {

class Options {
 public:
  int rounds = 15;
  bool lean = false;
  bool deadlock_detection = true;
  std::string callgrind_client;  // empty: compare
  std::string workload = "unary";
  int ops = 1000;
  std::vector<std::string> others;  // Google Benchmark's
};

Options parse_options(int argc, char** argv) {
  Options options;
  options.others = parse(argc, argv, [&options](const std::string& option, Value value) {
    if (option == "--rounds") {
      options.rounds = positive_number(option, value());
    } else if (option == "--ops") {
      options.ops = positive_number(option, value());
    } else if (option == "--lean") {
      options.lean = true;
    } else if (option == "--deadlock-detection") {
      const std::string setting = value();
      if (setting != "on" && setting != "off") usage_failure(option + " is on or off");
      options.deadlock_detection = setting == "on";
    } else if (option == "--callgrind") {
      options.callgrind_client = value();
    } else if (option == "--workload") {
      options.workload = value();
    } else {
      return false;
    }
    return true;
  });
  return options;
}

const Workload& workload_named(const std::string& name) {
  std::string known;
  for (const Workload& workload : workloads) {
    if (workload.name == name) return workload;
    known.append(" ").append(workload.name);
  }
  usage_failure("no workload is called \"" + name + "\", but:" + known);
}

int run_for_callgrind(const Options& options, Client& core, Client& weft) {
  if (!has_callgrind) usage_failure("built without valgrind/callgrind.h");
  if (options.callgrind_client != "weft" && options.callgrind_client != "core") {
    usage_failure("--callgrind is for weft or core, not \"" + options.callgrind_client + "\"");
  }
  Client& client = options.callgrind_client == "weft" ? weft : core;
  const Workload& workload = workload_named(options.workload);
  record("warm-up", [&] { client.run(workload, options.ops); });
  record(workload.name, [&] { client.run(workload, options.ops); });
  std::printf("%s, %s: %d operations\n", options.callgrind_client.c_str(), options.workload.c_str(),
              options.ops);
  return EXIT_SUCCESS;
}

int run_comparison(const Options& options, Client& core, Client& weft) {
  for (const Workload& workload : workloads) {
    if (workload.kind == WorkloadKind::open_streams) continue;
    benchmark::RegisterBenchmark(
        workload.name, [&](benchmark::State& state) { compare(state, workload, core, weft); })
        ->Iterations(benchmark::IterationCount{options.rounds} * workload.ops_per_round)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
  TableReporter table;
  run_benchmarks(options.others, table);
  return EXIT_SUCCESS;
}

int run(const Options& options) {
  if (!options.deadlock_detection) turn_off_mutex_deadlock_detection();
  const test::Peer server = test::Peer::start({WEFT_BENCH_SERVER});
  RawCoreClient core(server.target());
  WeftClient weft(server.target(), options.lean);
  return options.callgrind_client.empty() ? run_comparison(options, core, weft)
                                          : run_for_callgrind(options, core, weft);
}

}  // namespace
}  // namespace weft::bench

int main(int argc, char** argv) {
  return weft::bench::run(weft::bench::parse_options(argc, argv));
}
