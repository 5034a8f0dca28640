#include "call_test.h"

#include <cstdlib>
#include <optional>

#include "weft/transport/checked_transport.h"

namespace weft::test {

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

}  // namespace weft::test
