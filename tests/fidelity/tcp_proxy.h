#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace weft::test {

class ProxyState;

// The thread on which proxies forward. Outlives them.
class ProxyThread {
 public:
  ProxyThread();
  ~ProxyThread();

 private:
  friend class TcpProxy;
  class Context;
  std::unique_ptr<Context> context_;
};

class ProxyOptions {
 public:
  ProxyOptions() = default;
  // Of all delays and sizes.
  ProxyOptions& seed(std::uint64_t value) {
    random_seed = value;
    return *this;
  }
  // The first connection that has forwarded so many bytes, both ways together, ends: half of the
  // time in order (FIN), half of the time abruptly (RST). Those after it live on.
  ProxyOptions& cut_after(std::size_t bytes) {
    bytes_until_cut = bytes;
    return *this;
  }
  // Nobody listens until start().
  ProxyOptions& stopped() {
    starts_stopped = true;
    return *this;
  }

  std::uint64_t random_seed = 0;
  std::optional<std::size_t> bytes_until_cut;
  bool starts_stopped = false;
};

// A bad network between a client and a server of this machine: forwards bytes in pieces of random
// sizes after random delays, so that whatever is in flight meets in any order.
//
// Ends with its connections, which are reset. Threads: any, one at a time; each member has taken
// effect when it returns.
class TcpProxy {
 public:
  TcpProxy(ProxyThread& thread, int server_port, const ProxyOptions& options);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  // Where clients connect; the same for good.
  int port() const { return port_; }
  // Resets all connections, and refuses more.
  void stop();
  void start();

 private:
  ProxyThread::Context& context_;
  std::shared_ptr<ProxyState> state_;
  int port_;
};

}  // namespace weft::test
