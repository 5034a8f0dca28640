#include "call_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "weft/transport/checked_transport.h"

namespace weft::test {

EchoRequest request(std::string payload, int response_count) {
  EchoRequest message;
  message.set_payload(std::move(payload));
  message.set_response_count(response_count);
  return message;
}

EchoRequest failing_request(StatusCode code, std::string details, int response_count) {
  EchoRequest message = request("", response_count);
  message.set_status_code(static_cast<int>(code));
  message.set_status_details(std::move(details));
  return message;
}

EchoRequest silent_request() {
  EchoRequest message;
  message.set_never_answer(true);
  return message;
}

std::string CallTest::peer_language() {
  const char* language = std::getenv("WEFT_TEST_PEER");
  return language == nullptr ? "cpp" : language;
}

Peer& CallTest::peer() {
  static std::optional<Peer> shared;
  if (!shared) shared.emplace(start_echo_server(peer_language()));
  return *shared;
}

CallTest::CallTest() : transport(connect()), channel(transport, loop) {}
CallTest::~CallTest() = default;

std::shared_ptr<Transport> CallTest::connect(const GrpcTransportOptions& options) const {
  return std::make_shared<CheckedTransport>(
      GrpcTransport::create(peer().target(), options).value());
}

std::string unreachable_target() {
  // Bound, so that nobody else gets it, and not listening.
  static const int port = [] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }();
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace weft::test
