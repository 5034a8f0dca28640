// hello TARGET: calls the echo server there, and says what it answers.

#include <iostream>

#include "echo.weft.pb.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

int main(int, char** argv) {
  weft::GrpcEventLoop loop;
  weft::Channel channel(weft::GrpcTransport::create(argv[1]).value(), loop);
  weft::test::EchoRequest request;
  request.set_payload("hello from outside");
  auto call = weft::test::EchoClient(channel).unary_unary(request);
  const absl::StatusOr<weft::test::EchoResponse> response = weft::block_on(loop, call);
  std::cout << (response.ok() ? response->payload() : response.status().ToString()) << '\n';
  return response.ok() ? 0 : 1;
}
