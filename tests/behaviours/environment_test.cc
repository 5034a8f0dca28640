// Loops, threads, and what else is in a process.

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "behaviour.h"
#include "each_kind.h"
#include "weft/api/block_on.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {
namespace {

Task<std::string> echoed(Channel& channel, std::string payload) {
  auto call = channel.unary_unary(unary_unary, request(std::move(payload)));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  co_return response.ok() ? response->payload() : response.status().ToString();
}

BEHAVIOUR(Environment, AChannelIsMadeOutsideOfAnyRunningLoop, "B490") {
  if (setting.simulated()) co_return;  // a world's loop runs from its beginning
  GrpcEventLoop loop;
  std::optional<Channel> channel(std::in_place, setting.transport(), loop);
  // On a thread of its own: nobody runs that loop yet, and this one is busy running another.
  std::thread elsewhere([&] {
    EXPECT_EQ(block_on(loop, echoed(*channel, "x")), "x");
    channel.reset();
  });
  elsewhere.join();
}

BEHAVIOUR(Environment, FiftyLoopsComeAndGo, "B491 R1-32") {
  if (setting.simulated()) co_return;  // a world has one loop
  std::thread elsewhere([&] {
    for (int round = 0; round < 50; ++round) {
      GrpcEventLoop loop;
      Channel channel(setting.transport(), loop);
      EXPECT_EQ(block_on(loop, echoed(channel, "x")), "x");
    }
  });
  elsewhere.join();
}

BEHAVIOUR(Environment, LoopsOfSeveralThreadsShareATransport, "B492 R1-30") {
  if (setting.simulated()) co_return;  // a world has one thread
  const std::shared_ptr<Transport> transport = setting.transport();
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([transport, number] {
      GrpcEventLoop loop;
      Channel channel(transport, loop);
      const std::string payload = std::to_string(number);
      for (int round = 0; round < 10; ++round) {
        EXPECT_EQ(block_on(loop, echoed(channel, payload)), payload);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

BEHAVIOUR(Environment, ACancelComesFromAnyThread, "B494") {
  if (setting.simulated()) co_return;  // a world has one thread
  auto call = setting.channel().unary_unary(unary_unary, silent_request());
  std::thread elsewhere([&call] {
    EXPECT_TRUE(call.cancel());
    EXPECT_FALSE(call.cancel());
  });
  EXPECT_THAT((co_await call).status(), IsLocalCancel());
  elsewhere.join();
}

BEHAVIOUR(Environment, ALoopLetsWhatIsLeftEndBeforeItGoes, "B495 R1-28") {
  if (setting.simulated()) co_return;  // the world's oracles look for what is left in every test
  std::thread elsewhere([&] {
    std::optional<UnaryUnaryCall<EchoRequest, EchoResponse>> call;
    GrpcEventLoop loop;
    Channel channel(setting.transport(), loop);
    call.emplace(channel.unary_unary(unary_unary, silent_request()));
    call.reset();  // cancelled, and still on its way out when the loop goes
  });
  elsewhere.join();
}

}  // namespace
}  // namespace weft::test
