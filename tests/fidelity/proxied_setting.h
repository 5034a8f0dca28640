#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "disturbance.h"
#include "setting.h"
#include "tcp_proxy.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {

// Real gRPC to a real server, through a bad network; all that is random in it comes from `seed`.
// Its servers are proxies to the one echo server, and stop and start as such.
class ProxiedSetting final : public Setting {
 public:
  // `peer` is "cpp" or "python".
  ProxiedSetting(std::string_view peer, std::uint64_t seed);
  ~ProxiedSetting() override;

  EventLoop& loop() override { return loop_; }
  std::string_view name() const override { return peer_; }
  std::shared_ptr<Transport> transport(const TransportWishes& wishes) override;
  std::shared_ptr<Transport> transport_to(TestServer& server,
                                          const TransportWishes& wishes) override;
  std::shared_ptr<Transport> unreachable(const TransportWishes& wishes) override;
  std::unique_ptr<TestServer> start_server(ServerOptions options) override;
  std::unique_ptr<Floating> anytime(std::string_view label,
                                    absl::AnyInvocable<void() &&> action) override;
  void sometimes(std::string_view, bool) override {}

  // The first connection of transport() ends after a random number of bytes. Before it is made.
  void cut_connection() { bytes_until_cut_ = random_.below(most_bytes_until_cut); }
  // Some turns of the loop, or some time; or nothing.
  Task<> pause();
  std::size_t choose(std::size_t alternatives) { return random_.below(alternatives); }

 private:
  // A whole call of a few messages, with its handshake, has about so many.
  static constexpr std::uint64_t most_bytes_until_cut = 1200;

  ProxyOptions proxy_options() { return ProxyOptions().seed(random_.below(UINT64_MAX)); }

  std::string_view peer_;
  Disturbance random_;
  std::optional<std::size_t> bytes_until_cut_;
  std::optional<TcpProxy> proxy_;
  GrpcEventLoop loop_;
};

}  // namespace weft::test
