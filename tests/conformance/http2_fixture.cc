#include "http2_fixture.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace weft::conformance {
namespace {

class Http2Site final : public GrpcSite {
 public:
  explicit Http2Site(Http2Fixture& fixture) : fixture_(fixture) {}
  ~Http2Site() override { fixture_.start_peer(); }

  std::shared_ptr<Transport> connect(const ConnectOptions& options) override {
    std::string target = fixture_.target();
    if (options.streams_max > 0) {
      limited_.push_back(fixture_.start_limited_peer(options.streams_max));
      target = limited_.back().target();
    }
    return GrpcTransport::create(target, fixture_.transport_options(options)).value();
  }
  std::shared_ptr<Transport> connect_to_nobody() override {
    return GrpcTransport::create(test::unreachable_target(),
                                 fixture_.transport_options(ConnectOptions()))
        .value();
  }
  void stop_peer() override { fixture_.stop_peer(); }
  void start_peer() override { fixture_.start_peer(); }

 private:
  Http2Fixture& fixture_;
  std::vector<test::Peer> limited_;
};

}  // namespace

Http2Fixture::Http2Fixture(Wire wire) : wire_(wire), target_(port_.target()) {
  if (wire_ != Wire::unix_socket) return;
  std::string pattern = (std::filesystem::temp_directory_path() / "weft-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  target_ = "unix:" + folder_ + "/peer";
}

Http2Fixture::~Http2Fixture() {
  peer_.reset();
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

std::string Http2Fixture::name() const {
  switch (wire_) {
    case Wire::tcp:
      return "gRPC over HTTP/2, TCP";
    case Wire::unix_socket:
      return "gRPC over HTTP/2, a Unix socket";
    case Wire::tls:
      return "gRPC over HTTP/2, TLS";
  }
  return "";
}

Capabilities Http2Fixture::capabilities() {
  const GrpcTransportOptions options = transport_options(ConnectOptions());
  Capabilities capabilities = GrpcTransport::create("unused", options).value()->capabilities();
  // A send limit can be set; by default there is none.
  capabilities.send_bytes_max =
      GrpcTransport::create("unused", GrpcTransportOptions(options).send_bytes_max(1))
          .value()
          ->capabilities()
          .send_bytes_max;
  return capabilities;
}

void Http2Fixture::run(const Check& check) {
  Http2Site site(*this);
  // No check needs a second; the rest is for a busy machine.
  run_in_real_time(check, site, absl::Seconds(20));
}

test::Peer Http2Fixture::start(const std::string& address, const std::vector<std::string>& more) {
  std::vector<std::string> command = {WEFT_CONFORMANCE_PEER, "--listen", address};
  if (wire_ == Wire::tls) {
    if (!certificates_.has_value()) certificates_.emplace();
    command.insert(command.end(), {"--tls", certificates_->directory()});
  }
  command.insert(command.end(), more.begin(), more.end());
  return test::Peer::start(command);
}

test::Peer Http2Fixture::start_limited_peer(std::size_t streams) {
  return start("127.0.0.1:0", {"--streams-max", std::to_string(streams)});
}

const std::string& Http2Fixture::target() {
  if (!stopped_) start_peer();
  return target_;
}

void Http2Fixture::stop_peer() {
  start_peer();  // so that there are certificates
  peer_.reset();
  stopped_ = true;
}

void Http2Fixture::start_peer() {
  stopped_ = false;
  if (!peer_.has_value()) peer_.emplace(start(target_));
}

// A connection of its own for every transport, which tries again soon.
GrpcTransportOptions Http2Fixture::transport_options(const ConnectOptions& options) const {
  GrpcTransportOptions chosen;
  chosen.channel_argument("grpc.use_local_subchannel_pool", 1)
      .reconnect_backoff(absl::Milliseconds(100), absl::Milliseconds(200));
  if (options.receive_bytes_max > 0) {
    chosen.receive_bytes_max(options.receive_bytes_max);
  } else {
    chosen.receive_bytes_max(std::size_t{64} << 20);
  }
  if (options.send_bytes_max > 0) chosen.send_bytes_max(options.send_bytes_max);
  if (options.metadata_bytes_max > 0) chosen.metadata_bytes_max(options.metadata_bytes_max);
  if (wire_ == Wire::tls && certificates_.has_value()) {
    chosen.tls(TlsOptions()
                   .root_certificates(certificates_->read("ca.pem"))
                   .expected_peer_name("localhost"));
  } else if (wire_ == Wire::tls) {
    chosen.tls(TlsOptions());
  }
  return chosen;
}

}  // namespace weft::conformance
