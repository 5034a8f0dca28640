#include "echo_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace weft::test {

Peer start_echo_server(std::string_view language, std::vector<std::string> arguments) {
  std::vector<std::string> command = {WEFT_ECHO_SERVER};
  if (language == "python") command = {WEFT_PYTHON, WEFT_ECHO_SERVER_PY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Peer::start(std::move(command), {"PYTHONPATH=" WEFT_ECHO_PB2_DIR});
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
