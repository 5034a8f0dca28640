#include "grpc_setting.h"

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "certificates.h"
#include "delayed_action.h"
#include "echo_peer.h"
#include "peer.h"
#include "reserved_port.h"
#include "weft/transport/assert.h"
#include "weft/transport/checked_transport.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

// The last loop to go would shut gRPC down, which takes ten seconds if a socket did not take all
// that was written to it. This one stays.
void keep_grpc_initialised() {
  static const GrpcEventLoop* const last = new GrpcEventLoop();
  (void)last;
}

// Shared by all behaviours of this process.
Peer& echo_server(std::string_view language) {
  static std::map<std::string, Peer, std::less<>> servers;
  const auto found = servers.find(language);
  if (found != servers.end()) return found->second;
  return servers.emplace(std::string(language), start_echo_server(language)).first->second;
}

const Certificates& certificates() {
  static const Certificates made;
  return made;
}

std::shared_ptr<Transport> connect(const std::string& target, const TransportWishes& wishes,
                                   GrpcTransportOptions options) {
  if (wishes.most_received_bytes) options.receive_bytes_max(*wishes.most_received_bytes);
  if (wishes.default_compression) options.compression(*wishes.default_compression);
  if (wishes.waits_for_ready) {
    options.service_config(R"({"methodConfig": [{"name": [{}], "waitForReady": true}]})");
  }
  // Short pauses between attempts to connect, and all the time that one wants on a busy machine,
  // which reconnect_backoff() cuts to the first pause.
  options.channel_argument("grpc.initial_reconnect_backoff_ms", 100)
      .channel_argument("grpc.max_reconnect_backoff_ms", 200);
  return std::make_shared<CheckedTransport>(GrpcTransport::create(target, options).value());
}

class GrpcServer final : public TestServer {
 public:
  GrpcServer(std::string_view language, ServerOptions options)
      : options_(options), language_(language) {
    if (!options.starts_stopped) start();
  }

  void stop(absl::Duration grace) override {
    if (grace <= absl::ZeroDuration()) return peer_.reset();
    peer_->stop(static_cast<int>(absl::ToInt64Milliseconds(grace)));
  }

  void start() override {
    peer_.reset();
    std::vector<std::string> arguments = {"--port", std::to_string(port_.number())};
    if (options_.most_calls > 0) {
      arguments.insert(arguments.end(), {"--concurrency", std::to_string(options_.most_calls)});
    }
    if (options_.is_secure) {
      arguments.insert(arguments.end(), {"--tls", certificates().directory()});
    }
    if (options_.refused) {
      arguments.insert(arguments.end(),
                       {"--refuse", *options_.refused == Compression::gzip ? "gzip" : "deflate"});
    }
    peer_.emplace(start_echo_server(language_, arguments));
  }

  std::shared_ptr<Transport> connect(const TransportWishes& wishes) const {
    GrpcTransportOptions options = wishes.grpc_options;
    if (options_.is_secure) {
      options.tls(TlsOptions()
                      .root_certificates(certificates().read("ca.pem"))
                      .expected_peer_name("localhost")
                      .session_cache(wishes.tls_session_cache));
    }
    return test::connect(port_.target(), wishes, options);
  }

 private:
  ServerOptions options_;
  std::string_view language_;
  const ReservedPort port_;  // also while it does not run: a test beside this starts servers, too
  std::optional<Peer> peer_;
};

}  // namespace

GrpcSetting::GrpcSetting(std::string_view peer, int repetition)
    : peer_(peer), repetition_(repetition) {
  keep_grpc_initialised();
}
GrpcSetting::~GrpcSetting() {
  channel_.reset();
}

std::shared_ptr<Transport> GrpcSetting::transport(const TransportWishes& wishes) {
  return connect(echo_server(peer_).target(), wishes, wishes.grpc_options);
}

std::shared_ptr<Transport> GrpcSetting::transport_to(TestServer& server,
                                                     const TransportWishes& wishes) {
  return static_cast<GrpcServer&>(server).connect(wishes);
}

std::shared_ptr<Transport> GrpcSetting::unreachable(const TransportWishes& wishes) {
  return connect(unreachable_target(), wishes, wishes.grpc_options);
}

std::unique_ptr<TestServer> GrpcSetting::start_server(ServerOptions options) {
  return std::make_unique<GrpcServer>(peer_, options);
}

std::unique_ptr<Floating> GrpcSetting::anytime(std::string_view,
                                               absl::AnyInvocable<void() &&> action) {
  has_floating_ = true;
  return std::make_unique<DelayedAction>(loop_, repetition_ * absl::Microseconds(200),
                                         std::move(action));
}

}  // namespace weft::test
