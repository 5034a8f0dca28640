#pragma once

#include <array>
#include <string_view>

namespace weft::bench {

// What is measured, and how much of it makes a round.
enum class WorkloadKind { unary, unary_no_deadline, exchange, write_read, server_stream };

class Workload {
 public:
  constexpr Workload(WorkloadKind workload_kind, const char* workload_name, int operations)
      : kind(workload_kind), name(workload_name), ops_per_round(operations) {}

  WorkloadKind kind;
  const char* name;
  int ops_per_round;
};

inline constexpr std::array workloads = {
    // A call with a deadline.
    Workload(WorkloadKind::unary, "unary", 300),
    // A call without, for which Weft guards against a peer that answers twice (D19).
    Workload(WorkloadKind::unary_no_deadline, "unary_no_deadline", 300),
    // A round trip on an open stream: write and read started together.
    Workload(WorkloadKind::exchange, "exchange", 500),
    // The same, the read started when the write is through.
    Workload(WorkloadKind::write_read, "write_read", 500),
    // A message of a stream of responses.
    Workload(WorkloadKind::server_stream, "server_stream", 2000),
};

inline constexpr const char* unary_method_name = "/weft.bench.Echo/Unary";
inline constexpr const char* bidi_method_name = "/weft.bench.Echo/Bidi";
inline constexpr const char* stream_method_name = "/weft.bench.Echo/Stream";
inline constexpr std::string_view payload = "sixteen bytes...";
inline constexpr std::size_t stream_message_bytes = 64;
inline constexpr int deadline_seconds = 60;

// One way to call the server, on the thread that made it. Anything that goes wrong ends the
// program.
class Client {
 public:
  virtual ~Client() = default;

  // Does `ops` operations one after the other. Streams that are reused are opened by the first use.
  virtual void run(WorkloadKind workload, int ops) = 0;
};

}  // namespace weft::bench
