// A program of Asio's coroutines: they run on its io_context, the calls in the background.

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdio>

#include "matterhorn.h"
#include "route_guide.weft.pb.h"
#include "weft/adapters/asio.h"
#include "weft/adapters/future.h"
#include "weft/adapters/loop_thread.h"
#include "weft/adapters/on_loop.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

// [asio]
asio::awaitable<absl::Status> print_feature(weft::LoopContext& weft_loop, weft::Channel& channel,
                                            routeguide::Point point) {
  auto get = [&] {  // on the loop's thread, as all that touches a channel
    return routeguide::RouteGuideClient(channel).get_feature(
        point, weft::CallOptions().timeout(absl::Seconds(5)));
  };
  const absl::StatusOr<routeguide::Feature> feature =
      co_await weft::async_call(weft_loop, get, asio::use_awaitable);
  if (feature.ok()) std::printf("%s\n", feature->name().c_str());  // on the io_context again
  co_return feature.status();
}
// [/asio]

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s HOST:PORT\n", argv[0]);
    return 2;
  }
  auto transport = weft::GrpcTransport::create(argv[1]).value();
  const routeguide::Point matterhorn = where_the_matterhorn_is();
  // [asio_main]
  weft::LoopThread<weft::GrpcEventLoop> background;
  weft::OnLoop<weft::LoopContext> weft_loop(background.port(), background.loop());
  weft::OnLoop<weft::Channel> channel(background.port(), transport, background.loop());

  asio::io_context io;
  absl::Status status;
  asio::co_spawn(io, print_feature(*weft_loop, *channel, matterhorn),
                 [&](std::exception_ptr, absl::Status how) { status = std::move(how); });
  io.run();
  // [/asio_main]
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
