#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "echo_requests.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_transport_options.h"

namespace weft::sim {
class World;
}

namespace weft {
class TlsSessionCache;
}

namespace weft::test {

// What a further server of a setting is like.
class ServerOptions {
 public:
  ServerOptions() = default;

  // Calls at the same time; more of them wait.
  ServerOptions& concurrency(int calls) {
    most_calls = calls;
    return *this;
  }
  ServerOptions& secure() {
    is_secure = true;
    return *this;
  }
  // It accepts no compressed messages of this kind.
  ServerOptions& refuse(Compression algorithm) {
    refused = algorithm;
    return *this;
  }
  // It is not started yet: nobody listens.
  ServerOptions& stopped() {
    starts_stopped = true;
    return *this;
  }

  int most_calls = 0;  // 0: any number
  bool is_secure = false;
  std::optional<Compression> refused;
  bool starts_stopped = false;
};

// A server of the echo service. Ends with this object.
class TestServer {
 public:
  virtual ~TestServer() = default;
  // Goes away: calls that run have `grace` to end, then they are cut off.
  virtual void stop(absl::Duration grace) = 0;
  // Listens again, where it did before.
  virtual void start() = 0;
};

// What a transport of a setting is like.
class TransportWishes {
 public:
  TransportWishes() = default;
  TransportWishes& receive_bytes_max(std::size_t bytes) {
    most_received_bytes = bytes;
    return *this;
  }
  TransportWishes& compression(Compression algorithm) {
    default_compression = algorithm;
    return *this;
  }
  // Real gRPC only: connections that share it resume TLS sessions.
  TransportWishes& session_cache(std::shared_ptr<TlsSessionCache> cache) {
    tls_session_cache = std::move(cache);
    return *this;
  }
  // Calls that do not say otherwise wait for a connection.
  TransportWishes& wait_for_ready() {
    waits_for_ready = true;
    return *this;
  }
  // What else real gRPC is given; nothing to the simulator.
  TransportWishes& over_grpc(GrpcTransportOptions options) {
    grpc_options = std::move(options);
    return *this;
  }

  std::optional<std::size_t> most_received_bytes;
  std::optional<Compression> default_compression;
  bool waits_for_ready = false;
  GrpcTransportOptions grpc_options;
  std::shared_ptr<TlsSessionCache> tls_session_cache;
};

// Something that happens once, at any time as long as this exists.
class Floating {
 public:
  virtual ~Floating() = default;
};

// Where a behaviour is shown: in the simulator, where every order of events is tried, or over real
// gRPC, to a server in C++ or one in Python. The echo service (echo.proto) is the same in each.
class Setting {
 public:
  virtual ~Setting() = default;

  virtual EventLoop& loop() = 0;
  // "sim", "cpp", "python"
  virtual std::string_view name() const = 0;
  bool simulated() const { return world() != nullptr; }
  // Null over real gRPC.
  virtual sim::World* world() const { return nullptr; }

  // A further transport to the echo server, or to a server of start_server(), not connected yet;
  // held to the rules of the seam.
  virtual std::shared_ptr<Transport> transport(
      const TransportWishes& wishes = TransportWishes()) = 0;
  virtual std::shared_ptr<Transport> transport_to(
      TestServer& server, const TransportWishes& wishes = TransportWishes()) = 0;
  // To a place where nobody listens.
  virtual std::shared_ptr<Transport> unreachable(
      const TransportWishes& wishes = TransportWishes()) = 0;
  virtual std::unique_ptr<TestServer> start_server(ServerOptions options = ServerOptions()) = 0;

  // To the echo server; made when it is first asked for.
  Channel& channel();
  // A name for end_seen_by_server() that no other call has: servers outlive behaviours.
  std::string new_name();

  // Lets `action` happen at any time until the result is destroyed. In the simulator at every one;
  // over real gRPC the body runs several times, with other delays.
  virtual std::unique_ptr<Floating> anytime(std::string_view label,
                                            absl::AnyInvocable<void() &&> action) = 0;
  // Must be true in one execution at least. Says nothing over real gRPC.
  virtual void sometimes(std::string_view what, bool happened) = 0;
  // The simulator must find exactly so many schedules. Says nothing over real gRPC.
  virtual void expect_schedules(std::size_t) {}

 protected:
  std::optional<Channel> channel_;

 private:
  int names_ = 0;
};

// Awaits that the server knows how the call with the request metadata ("watch", name) ended:
// "cancelled" or "finished". For calls that have reached it.
//   const std::string name = setting.new_name();
//   auto call = channel.unary_unary(unary_unary, silent_request(),
//                                   CallOptions().metadata("watch", name));
Task<std::string> end_seen_by_server(Setting& setting, std::string name);
// The same as far as the server knows now: "unknown" and "running" as well.
Task<std::string> state_seen_by_server(Setting& setting, std::string name);
// Awaits that the server has read a silent_request() of that call.
Task<> silence_seen_by_server(Setting& setting, std::string name);

// Of a call whose initial_metadata() comes when the server has it, whatever the server does then.
CallOptions headers_at_once();

// Flow control holds it as long as the server does not read.
EchoRequest request_beyond_any_window(const Setting& setting);

}  // namespace weft::test
