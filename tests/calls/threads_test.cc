// What may come from several threads: loops side by side, posts and cancels from elsewhere.

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "call_test.h"

namespace weft::test {
namespace {

class Threads : public CallTest {};

Task<int> call_many(Channel& channel, int count) {
  int answered = 0;
  for (int i = 0; i < count; ++i) {
    const EchoRequest message = request(std::to_string(i));
    auto call = channel.unary_unary(unary_unary, message);
    const absl::StatusOr<EchoResponse> response = co_await std::move(call);
    if (response.ok() && response->payload() == std::to_string(i)) ++answered;
  }
  co_return answered;
}

TEST_F(Threads, WithALoopEachShareOneTransport) {
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      GrpcEventLoop own_loop;
      Channel own_channel(transport, own_loop);
      answered += block_on(own_loop, call_many(own_channel, 50));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 200);
}

TEST_F(Threads, PostToARunningLoopInOrder) {
  constexpr int count = 1000;
  std::vector<int> seen;
  std::thread poster([&] {
    for (int i = 0; i < count; ++i) loop.post([&seen, i] { seen.push_back(i); });
    loop.post([this] { loop.stop(); });
  });
  loop.run();
  poster.join();
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(count));
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(Threads, MayAllCancelTheSameCallAndItEndsOnce) {
  for (int round = 0; round < 20; ++round) {
    auto call = channel.stream_stream(stream_stream);
    int ended = 0;
    call.add_done_callback([&](const Call&) { ++ended; });
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] { taken += call.cancel() ? 1 : 0; });
    }
    EXPECT_THAT(run(call.status()), HasCode(StatusCode::kCancelled));
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(ended, 1);
  }
}

TEST_F(Threads, MayShutDownATransportThatOthersUse) {
  auto shared = connect();
  std::atomic<bool> running = false;
  std::thread user([&] {
    GrpcEventLoop own_loop;
    Channel own_channel(shared, own_loop);
    auto call = own_channel.stream_stream(stream_stream);
    EXPECT_EQ(block_on(own_loop, call.write(request("x"))), absl::OkStatus());
    running = true;
    running.notify_one();
    EXPECT_THAT(block_on(own_loop, call.status()), HasCode(StatusCode::kUnavailable));
  });
  running.wait(false);
  shared->shutdown(ShutdownMode::immediate, CallStatus(StatusCode::kUnavailable, "over"));
  // The stream's messages have to be read or its status to be forced; the shutdown forces it.
  user.join();
}

}  // namespace
}  // namespace weft::test
