#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certificates.h"
#include "grpc_site.h"
#include "peer.h"
#include "reserved_port.h"

namespace weft::conformance {

enum class Wire { tcp, unix_socket, tls };

// gRPC over HTTP/2, to a peer in a process of its own.
class Http2Fixture final : public Fixture {
 public:
  explicit Http2Fixture(Wire wire);
  ~Http2Fixture() override;

  std::string name() const override;
  Capabilities capabilities() override;
  std::optional<std::string> lacks(Need) override { return std::nullopt; }
  void run(const Check& check) override;

  // --- for its sites ---
  const std::string& target();
  GrpcTransportOptions transport_options(const ConnectOptions& options) const;
  void stop_peer();
  void start_peer();
  test::Peer start_limited_peer(std::size_t streams);

 private:
  test::Peer start(const std::string& address, const std::vector<std::string>& more = {});

  CoreInUse core_;
  Wire wire_;
  std::optional<test::Certificates> certificates_;
  const test::ReservedPort port_;  // also while no peer runs: other tests start servers, too
  std::string folder_;             // of the socket
  std::string target_;
  std::optional<test::Peer> peer_;
  bool stopped_ = false;
};

}  // namespace weft::conformance
