// An immediate shutdown from another thread at the worst moment: while a stream is being created,
// when its call is core's already and not the transport's yet.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

// Once, after core has made a call.
std::function<void()> call_made;  // NOLINT: what stands in for a C function has no other place

}  // namespace

// Stands in for core's.
extern "C" grpc_call* grpc_channel_create_registered_call(grpc_channel* channel, grpc_call* parent,
                                                          uint32_t propagation_mask,
                                                          grpc_completion_queue* queue,
                                                          void* method, gpr_timespec deadline,
                                                          void* reserved) {
  static const auto next = reinterpret_cast<decltype(&grpc_channel_create_registered_call)>(
      ::dlsym(RTLD_NEXT, "grpc_channel_create_registered_call"));
  grpc_call* call = next(channel, parent, propagation_mask, queue, method, deadline, reserved);
  if (call_made) std::exchange(call_made, nullptr)();
  return call;
}

namespace weft::test {
namespace {

constexpr UnaryUnaryMethod<std::string, std::string> method("/weft.test.Nobody/Hears");

TEST(ImmediateShutdown, EndsACallThatIsBeingMadeMeanwhile) {
  GrpcEventLoop loop;
  auto transport = GrpcTransport::create("ipv4:127.0.0.1:1", GrpcTransportOptions()).value();
  bool was_shut_down = false;
  call_made = [&] {
    std::thread([&] {
      transport->shutdown(ShutdownMode::immediate,
                          CallStatus(StatusCode::kAborted, "shut down meanwhile"));
      was_shut_down = true;
    }).join();
  };
  Channel channel(transport, loop);
  // Nobody listens there, and the call would wait for somebody until its deadline.
  const absl::StatusOr<std::string> response = block_on(
      loop,
      channel.unary_unary(method, "?", CallOptions().wait_for_ready().timeout(absl::Seconds(20))));
  ASSERT_TRUE(was_shut_down);
  EXPECT_EQ(response.status(), absl::AbortedError("shut down meanwhile"));
}

}  // namespace
}  // namespace weft::test
