#include "reserved_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "weft/transport/assert.h"

namespace weft::test {

ReservedPort::ReservedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  int failed = ::bind(socket_, generic, size);
  WEFT_ASSERT(failed == 0, errno);
  failed = ::getsockname(socket_, generic, &size);
  WEFT_ASSERT(failed == 0, errno);
  number_ = ntohs(address.sin_port);
  // Bound and not listening, with this and a server that sets it as well, as gRPC's do.
  const int on = 1;
  failed = ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  WEFT_ASSERT(failed == 0, errno);
}

ReservedPort::~ReservedPort() {
  ::close(socket_);
}

}  // namespace weft::test
