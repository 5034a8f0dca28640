#include "proxied_setting.h"

#include <map>
#include <string>
#include <utility>

#include "delayed_action.h"
#include "echo_peer.h"
#include "peer.h"
#include "weft/api/sleep.h"
#include "weft/transport/assert.h"
#include "weft/transport/checked_transport.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

constexpr std::chrono::microseconds few_turns(40);
constexpr std::chrono::microseconds longest_pause(3000);
constexpr std::chrono::microseconds longest_wait_for_action(10'000);
// Long enough for a loaded machine, and far below the watchdog's time.
constexpr absl::Duration keepalive = absl::Seconds(5);

// What all runs of this process share. The loop keeps gRPC from starting and ending with each run.
class Surroundings {
 public:
  explicit Surroundings(std::string_view peer) : server(start_echo_server(peer)) {}

  Peer server;
  ProxyThread proxy_thread;
  GrpcEventLoop loop;
};
Surroundings& surroundings(std::string_view peer) {
  static Surroundings shared(peer);
  return shared;
}

std::shared_ptr<Transport> connect(const std::string& target, const TransportWishes& wishes) {
  GrpcTransportOptions options;
  if (wishes.most_received_bytes) options.receive_bytes_max(*wishes.most_received_bytes);
  options.reconnect_backoff(absl::Milliseconds(100), absl::Milliseconds(200));
  // A reset that core overlooks (GrpcTransportOptions::keepalive) would never end its calls.
  options.keepalive(keepalive, keepalive, true);
  return std::make_shared<CheckedTransport>(GrpcTransport::create(target, options).value());
}

std::shared_ptr<Transport> connect(const TcpProxy& proxy, const TransportWishes& wishes) {
  return connect("127.0.0.1:" + std::to_string(proxy.port()), wishes);
}

class ProxiedServer final : public TestServer {
 public:
  ProxiedServer(std::string_view peer, const ProxyOptions& options)
      : proxy(surroundings(peer).proxy_thread, surroundings(peer).server.port(), options) {}

  void stop(absl::Duration grace) override {
    WEFT_ASSERT(grace <= absl::ZeroDuration(), "a proxy knows no GOAWAY");
    proxy.stop();
  }
  void start() override { proxy.start(); }

  TcpProxy proxy;
};

}  // namespace

ProxiedSetting::ProxiedSetting(std::string_view peer, std::uint64_t seed)
    : peer_(peer), random_(seed) {}
ProxiedSetting::~ProxiedSetting() {
  channel_.reset();
}

std::shared_ptr<Transport> ProxiedSetting::transport(const TransportWishes& wishes) {
  if (!proxy_) {
    ProxyOptions options = proxy_options();
    if (bytes_until_cut_) options.cut_after(*bytes_until_cut_);
    Surroundings& shared = surroundings(peer_);
    proxy_.emplace(shared.proxy_thread, shared.server.port(), options);
  }
  return connect(*proxy_, wishes);
}

std::shared_ptr<Transport> ProxiedSetting::transport_to(TestServer& server,
                                                        const TransportWishes& wishes) {
  return connect(static_cast<ProxiedServer&>(server).proxy, wishes);
}

std::shared_ptr<Transport> ProxiedSetting::unreachable(const TransportWishes& wishes) {
  return connect(unreachable_target(), wishes);
}

std::unique_ptr<TestServer> ProxiedSetting::start_server(ServerOptions options) {
  ProxyOptions how = proxy_options();
  if (options.starts_stopped) how.stopped();
  return std::make_unique<ProxiedServer>(peer_, how);
}

std::unique_ptr<Floating> ProxiedSetting::anytime(std::string_view,
                                                  absl::AnyInvocable<void() &&> action) {
  const absl::Duration delay = absl::FromChrono(random_.delay(longest_wait_for_action));
  return std::make_unique<DelayedAction>(loop_, delay, std::move(action));
}

Task<> ProxiedSetting::pause() {
  // Disturbs the timing, which is what this setting is for; a turn of the loop takes microseconds.
  const std::chrono::microseconds longest = random_.once_in(2) ? few_turns : longest_pause;
  if (!random_.once_in(3)) co_await sleep_for(loop_, absl::FromChrono(random_.delay(longest)));
}

}  // namespace weft::test
