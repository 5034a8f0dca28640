// The conformance suite over the simulator.

#include "sim_fixture.h"
#include "weft/conformance/suite.h"

// [main]
int main(int argc, char** argv) {
  weft::conformance::SimFixture fixture;
  return weft::conformance::run_suite(argc, argv, fixture);
}
// [/main]
