// The smallest whole program: lists the features of a RouteGuide server, given its address.

#include <cstdio>
#include <string>
#include <utility>

#include "route_guide.weft.pb.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

// [list_features]
weft::Task<absl::Status> list_features(routeguide::RouteGuideClient client,
                                       routeguide::Rectangle area) {
  auto call = client.list_features(area, weft::CallOptions().timeout(absl::Seconds(2)));
  while (auto feature = co_await call.read()) {  // a message, the end, or a failure
    std::printf("%s\n", feature->name().c_str());
  }
  co_return co_await call.status();
}
// [/list_features]

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s HOST:PORT\n", argv[0]);
    return 2;
  }
  const std::string target = argv[1];
  routeguide::Rectangle area;
  area.mutable_lo()->set_latitude(-900'000'000);
  area.mutable_lo()->set_longitude(-1'800'000'000);
  area.mutable_hi()->set_latitude(900'000'000);
  area.mutable_hi()->set_longitude(1'800'000'000);
  // [main]
  weft::GrpcEventLoop loop;
  auto transport = weft::GrpcTransport::create(target);
  weft::Channel channel(std::move(transport).value(), loop);
  const absl::Status status =
      weft::block_on(loop, list_features(routeguide::RouteGuideClient(channel), area));
  // [/main]
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
