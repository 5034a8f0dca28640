// The conformance suite over gRPC's in-process transport.

#include "in_process_fixture.h"
#include "weft/conformance/suite.h"

int main(int argc, char** argv) {
  weft::conformance::InProcessFixture fixture;
  return weft::conformance::run_suite(argc, argv, fixture);
}
