// The conformance suite over the simulator with an interceptor in between: to the call layer, an
// intercepted transport is a transport.

#include <memory>
#include <utility>

#include "sim_fixture.h"
#include "weft/api/interceptor.h"
#include "weft/conformance/suite.h"

namespace {

std::shared_ptr<weft::Transport> intercepted(std::shared_ptr<weft::Transport> transport) {
  const auto pass_through =
      weft::make_interceptor([](weft::InterceptedCall& call) -> weft::Task<weft::CallStatus> {
        co_return co_await call.proceed();
      });
  return weft::intercept(std::move(transport), {pass_through});
}

}  // namespace

int main(int argc, char** argv) {
  weft::conformance::SimFixture fixture(&intercepted);
  return weft::conformance::run_suite(argc, argv, fixture);
}
