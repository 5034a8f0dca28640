// One client, told by another process what to do: bench/compare.py, which runs several of these
// side by side and takes the figures.
//
//   weft_bench_client core|weft|sync|queue|callback TARGET
//
// With WEFT_BENCH_NO_DEADLOCK_DETECTION in its environment abseil's mutexes look for no deadlocks.
//
// Reads lines "WORKLOAD OPERATIONS IN_FLIGHT MESSAGE_BYTES METADATA_BYTES THREADS" and answers each
// with "SECONDS CPU_SECONDS ALLOCATIONS BATCHES HEAP_BYTES", or with "unsupported". The processor
// time, the allocations and the batches are the whole process's. The heap's bytes are what it held
// more while everything was under way, and 0 unless "heap" stands before the rest of the line. With
// several threads each has a client, a loop and a connection of its own, and a part of the
// operations. Ends with its standard input.

#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "allocation_count.h"
#include "batch_count.h"
#include "callgrind_recording.h"
#include "client.h"
#include "full_load.h"
#include "grpcpp_client.h"
#include "raw_core_client.h"
#include "weft_client.h"

namespace weft::bench {
namespace {

[[noreturn]] void usage_failure(const std::string& problem) {
  std::fprintf(stderr, "weft_bench_client: %s\n", problem.c_str());
  std::exit(2);
}

std::unique_ptr<Client> make_client(const std::string& name, const std::string& target) {
  if (name == "core") return std::make_unique<RawCoreClient>(target);
  if (name == "weft") return std::make_unique<WeftClient>(target, false);
  if (name == "weft_lean") return std::make_unique<WeftClient>(target, true);
  if (name == "sync") return make_grpcpp_sync_client(target);
  if (name == "queue") return make_grpcpp_queue_client(target);
  if (name == "callback") return make_grpcpp_callback_client(target);
  usage_failure("no client is called \"" + name + "\"");
}

double processor_seconds() {
  timespec spent = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

class Order {
 public:
  explicit Order(const std::string& line) {
    std::istringstream text(line);
    std::string name;
    text >> name;
    wants_heap = name == "heap";
    if (wants_heap) text >> name;
    text >> ops >> workload.in_flight >> workload.message_bytes >> workload.metadata_bytes >>
        threads;
    if (!text || ops < threads || threads < 1) usage_failure("cannot read \"" + line + "\"");
    for (const Workload& one : workloads) {
      if (name != one.name) continue;
      workload.kind = one.kind;
      workload.name = one.name;
    }
    if (workload.name == nullptr) usage_failure("no workload is called \"" + name + "\"");
  }

  Workload workload = Workload(WorkloadKind::unary, nullptr, 0);
  int ops = 0;
  int threads = 0;
  bool wants_heap = false;
};

// The clients of this process: as many as threads were asked for.
class Clients {
 public:
  Clients(std::string name, std::string target)
      : name_(std::move(name)), target_(std::move(target)) {}

  Client& at(std::size_t index) {
    while (clients_.size() <= index) clients_.push_back(make_client(name_, target_));
    return *clients_[index];
  }

  void run(const Order& order) {
    std::vector<std::thread> others;
    const int share = order.ops / order.threads;
    for (int i = 1; i < order.threads; ++i) {
      Client& client = at(static_cast<std::size_t>(i));
      others.emplace_back([&] { client.run(order.workload, share); });
    }
    at(0).run(order.workload, order.ops - share * (order.threads - 1));
    for (std::thread& other : others) other.join();
  }

 private:
  std::string name_;
  std::string target_;
  std::vector<std::unique_ptr<Client>> clients_;
};

std::string carry_out(const Order& order, Clients& clients) {
  if (!clients.at(0).supports(order.workload)) return "unsupported";
  for (int i = 1; i < order.threads; ++i) clients.at(static_cast<std::size_t>(i));
  watch_full_load(order.wants_heap);
  const std::uint64_t heap = order.wants_heap ? heap_in_use() : 0;
  const std::uint64_t allocations = allocation_count();
  const std::uint64_t batches = batch_count();
  const double processor = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  record(order.workload.name, [&] { clients.run(order); });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  const double spent = processor_seconds() - processor;
  std::ostringstream answer;
  answer.precision(12);
  answer << elapsed.count() << ' ' << spent << ' ' << allocation_count() - allocations << ' '
         << batch_count() - batches << ' ' << (order.wants_heap ? heap_at_full_load() - heap : 0);
  return answer.str();
}

int run(int argc, char** argv) {
  if (argc != 3) usage_failure("needs a client's name and a target");
  if (std::getenv("WEFT_BENCH_NO_DEADLOCK_DETECTION") != nullptr) {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  }
  Clients clients(argv[1], argv[2]);
  clients.at(0);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%s\n", carry_out(Order(line), clients).c_str());
    std::fflush(stdout);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace weft::bench

int main(int argc, char** argv) {
  return weft::bench::run(argc, argv);
}
