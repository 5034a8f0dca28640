#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace weft::bench {

enum class WorkloadKind {
  // A call with a deadline.
  unary,
  // A call without, for which Weft guards against a peer that answers twice (D19).
  unary_no_deadline,
  // A round trip on an open stream: write and read started together.
  exchange,
  // The same, the read started when the write is through.
  write_read,
  // A message of a stream of responses, which the server sends 64 at a time.
  server_stream,
  // The same, every message sent as soon as it is written.
  server_stream_unbuffered,
  // A message of a stream of requests.
  client_stream,
  // A stream that is opened, used once, kept open until all are, and half-closed.
  open_streams,
};

// What is measured, and how much of it makes a round.
class Workload {
 public:
  constexpr Workload(WorkloadKind workload_kind, const char* workload_name, int operations)
      : kind(workload_kind), name(workload_name), ops_per_round(operations) {}

  WorkloadKind kind;
  const char* name;
  int ops_per_round;
  int in_flight = 1;  // of unary calls
  // Of a request, and of the response where the server gives it back.
  std::size_t message_bytes = 16;
  std::size_t metadata_bytes = 0;  // of a unary call's one entry
};

// Those that weft_bench_calls measures, and the form of each kind for those that are measured by
// name.
inline constexpr std::array workloads = {
    Workload(WorkloadKind::unary, "unary", 300),
    Workload(WorkloadKind::unary_no_deadline, "unary_no_deadline", 300),
    Workload(WorkloadKind::exchange, "exchange", 500),
    Workload(WorkloadKind::write_read, "write_read", 500),
    Workload(WorkloadKind::server_stream, "server_stream", 2000),
    Workload(WorkloadKind::server_stream_unbuffered, "server_stream_unbuffered", 1000),
    Workload(WorkloadKind::client_stream, "client_stream", 1000),
    Workload(WorkloadKind::open_streams, "open_streams", 100),
};

inline constexpr const char* unary_method_name = "/weft.bench.Echo/Unary";
inline constexpr const char* bidi_method_name = "/weft.bench.Echo/Bidi";
inline constexpr const char* stream_method_name = "/weft.bench.Echo/Stream";
inline constexpr const char* collect_method_name = "/weft.bench.Echo/Collect";
inline constexpr std::string_view payload = "sixteen bytes...";
inline constexpr const char* metadata_key = "weft-bench";
inline constexpr std::size_t stream_message_bytes = 64;
inline constexpr int deadline_seconds = 600;
// Without it, clients of one process would share a connection if they configure it alike.
inline constexpr const char* own_connection_argument = "grpc.use_local_subchannel_pool";

// The request of a stream of so many responses.
inline std::string stream_request(WorkloadKind kind, int messages) {
  std::string text = std::to_string(messages);
  if (kind == WorkloadKind::server_stream_unbuffered) text += " unbuffered";
  return text;
}

// One way to call the server, on the thread that uses it, with a connection of its own. Anything
// that goes wrong ends the program.
class Client {
 public:
  virtual ~Client() = default;

  // Whether this way of calling can do that.
  virtual bool supports(const Workload&) const { return true; }

  // Does `ops` operations, one after the other where `in_flight` does not say otherwise. The stream
  // of exchange and write_read is opened by the first use and stays open. Calls at_full_load() once
  // all of `in_flight` calls, or all streams of open_streams, are under way.
  virtual void run(const Workload& workload, int ops) = 0;
};

}  // namespace weft::bench
