// Code that blocks: a call on a loop that runs in the background, and its response by a future.

#include <cstdio>

#include "matterhorn.h"
#include "route_guide.weft.pb.h"
#include "weft/adapters/future.h"
#include "weft/adapters/loop_thread.h"
#include "weft/adapters/on_loop.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s HOST:PORT\n", argv[0]);
    return 2;
  }
  auto transport = weft::GrpcTransport::create(argv[1]).value();
  const routeguide::Point matterhorn = where_the_matterhorn_is();
  // [blocking]
  weft::LoopThread<weft::GrpcEventLoop> background;
  // Made, used and destroyed on the loop's thread.
  weft::OnLoop<weft::Channel> channel(background.port(), transport, background.loop());

  auto reply = weft::start_future(background.port(), [&] {
    return routeguide::RouteGuideClient(*channel).get_feature(
        matterhorn, weft::CallOptions().timeout(absl::Seconds(5)));
  });
  const absl::StatusOr<routeguide::Feature> feature = reply.get();  // blocks this thread alone
  // [/blocking]
  if (!feature.ok()) {
    std::fprintf(stderr, "%s\n", feature.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", feature->name().c_str());
  return 0;
}
