// The conformance suite over gRPC and HTTP/2: --wire=tcp, unix or tls.

#include <cstdio>
#include <string_view>

#include "http2_fixture.h"
#include "weft/conformance/suite.h"

int main(int argc, char** argv) {
  using weft::conformance::Wire;
  Wire wire = Wire::tcp;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--wire=unix") wire = Wire::unix_socket;
    if (argument == "--wire=tls") wire = Wire::tls;
  }
  weft::conformance::Http2Fixture fixture(wire);
  return weft::conformance::run_suite(argc, argv, fixture);
}
