// The recording transport under the conformance suite, over the simulator: every check in every
// order of events, as far as its bound.

#include "recording_transport.h"
#include "sim_fixture.h"
#include "weft/conformance/suite.h"

// [main]
int main(int argc, char** argv) {
  weft::conformance::SimFixture fixture([](std::shared_ptr<weft::Transport> below) {
    return std::make_shared<RecordingTransport>(std::move(below), [](std::string) {});
  });
  return weft::conformance::run_suite(argc, argv, fixture);
}
// [/main]
