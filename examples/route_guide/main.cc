// RouteGuide over real gRPC: the four kinds of call, then three ways not to end well. Every answer
// is checked. Then the same client code in the simulator, under every order of events, and a client
// with a bug, which is found there.
//
//   route_guide_demo [--target HOST:PORT]
//
// Without a target it starts a route_guide_server in a process of its own. Ends with "demo: OK" and
// exit code 0, or with "demo: FAILED" and 1.

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "demo.h"
#include "places.h"
#include "server_process.h"
#include "simulated.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport/deadline.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace routeguide {
namespace {

template <class Value>
Value value_or_throw(absl::StatusOr<Value> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

weft::Task<void> run_all(const weft::Channel& channel, const Demo& demo) {
  const auto deadline = weft::Deadline::after(demo.loop.now(), absl::Seconds(10));
  const absl::Status connected = co_await channel.ready(deadline);
  if (!demo.console.expect_ok("the connection", connected)) co_return;
  co_await show_get_feature(demo);
  co_await show_list_features(demo);
  co_await show_record_route(demo);
  co_await show_route_chat(demo);
  co_await show_cancel(demo);
  co_await show_deadline(demo);
  co_await show_unreachable(demo);
}

// An empty target: a server of its own.
void run_for_real(std::string target, Console& console) {
  console.title("RouteGuide with Weft: over real gRPC, then in every order");
  const std::vector<Feature> places = value_or_throw(load_places(ROUTE_GUIDE_PLACES));
  std::unique_ptr<ServerProcess> server;
  if (target.empty()) {
    server = value_or_throw(ServerProcess::start({ROUTE_GUIDE_SERVER}));
    target = server->target();
  }
  console.faint_line("server " + target + (server ? ", a process of its own" : ""));

  weft::GrpcEventLoop loop;
  weft::Channel channel(value_or_throw(weft::GrpcTransport::create(target)), loop);
  const Demo demo(RouteGuideClient(channel), loop, places, console);
  weft::block_on(loop, run_all(channel, demo));
}

}  // namespace
}  // namespace routeguide

int main(int argc, char** argv) {
  std::string target;
  if (argc == 3 && std::string(argv[1]) == "--target") {
    target = argv[2];
  } else if (argc != 1) {
    std::cerr << "usage: route_guide_demo [--target HOST:PORT]\n";
    return 2;
  }
  routeguide::Console console;
  try {
    routeguide::run_for_real(std::move(target), console);
    routeguide::show_every_order(console);
    routeguide::show_broken_chat(console);
  } catch (const std::exception& error) {
    console.differs(error.what());
  }
  return console.finish();
}
