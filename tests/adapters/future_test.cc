// Code that blocks, on threads of its own, over real gRPC; and a future made in the simulator.

#include "weft/adapters/future.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "call_test.h"
#include "weft/adapters/callback.h"
#include "weft/adapters/loop_thread.h"
#include "weft/adapters/on_loop.h"
#include "weft/adapters/stop_token.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {
namespace {

using UnaryCall = UnaryUnaryCall<EchoRequest, EchoResponse>;

// Its posts take their time after what they posted has run.
class LoopWithSlowPosts {
 public:
  ~LoopWithSlowPosts() { EXPECT_FALSE(is_posting_) << "the loop goes under a post"; }

  operator EventLoop&() { return loop_; }  // NOLINT: as a loop
  template <class Function>
  void post(Function function) {
    is_posting_ = true;
    loop_.post(std::move(function));
    while (!has_run_) std::this_thread::yield();
    // The time in which a loop goes that does not wait for this; counted by the clock, as a turn of
    // a busy machine may be long.
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
    is_posting_ = false;
  }
  void run() {
    loop_.run();
    has_run_ = true;
  }
  void stop() { loop_.stop(); }

 private:
  GrpcEventLoop loop_;
  std::atomic<bool> is_posting_ = false;
  std::atomic<bool> has_run_ = false;
};

TEST(LoopThreads, KeepTheirLoopUntilTheirLastPostHasReturned) {
  LoopThread<LoopWithSlowPosts> background;
}

// A loop on its own thread, and a channel there.
class Futures : public CallTest {
 protected:
  auto call_with(EchoRequest message) {
    return [this, message = std::move(message)] {
      return own_channel->unary_unary(unary_unary, message);
    };
  }

  LoopThread<GrpcEventLoop> background;
  OnLoop<Channel> own_channel{background.port(), transport, background.loop()};
};

TEST_F(Futures, GiveTheResponse) {
  auto reply = start_future(background.port(), call_with(request("x")));
  const absl::StatusOr<EchoResponse> response = reply.get();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "x");
}

TEST_F(Futures, GiveAFailureAsAValue) {
  auto reply =
      start_future(background.port(), call_with(failing_request(StatusCode::kNotFound, "gone")));
  EXPECT_EQ(reply.get().status(), absl::NotFoundError("gone"));
}

TEST_F(Futures, RethrowWhatLeftATask) {
  auto failed = start_future(background.port(), []() -> Task<int> {
    throw std::runtime_error("no luck");
    co_return 1;
  });
  EXPECT_THROW(
      {
        try {
          (void)failed.get();
        } catch (const std::runtime_error& error) {
          EXPECT_STREQ(error.what(), "no luck");
          throw;
        }
      },
      std::runtime_error);
}

TEST_F(Futures, CanBeCancelledByAnyThread) {
  auto reply = start_future(background.port(), call_with(silent_request()));
  EXPECT_FALSE(reply.ready());
  std::thread([&] { EXPECT_TRUE(reply.cancel("no patience")); }).join();
  EXPECT_EQ(reply.get().status(), absl::CancelledError("no patience"));
  EXPECT_FALSE(reply.cancel());
}

TEST_F(Futures, WaitAsLongAsTheyAreToldHoweverLongThatIs) {
  auto reply = start_future(background.port(), call_with(request("x")));
  EXPECT_TRUE(reply.wait_for(absl::Hours(24) * 365 * 1'000));
  EXPECT_TRUE(reply.get().ok());
}

TEST_F(Futures, WaitedForOnTheLoopsOwnThreadSaySoInsteadOfHanging) {
  auto refused = start_future(background.port(), [this] {
    auto reply = start_future(background.port(), call_with(request("x")));
    std::error_code code;
    try {
      (void)reply.get();
    } catch (const std::system_error& error) {
      code = error.code();
    }
    return code;
  });
  const absl::StatusOr<std::error_code> code = refused.get();
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(*code, std::errc::resource_deadlock_would_occur);
}

// Both of them block, one on the loop, for what is ready.
TEST_F(Futures, ThatAreReadyMayBeTakenOnTheLoopsOwnThread) {
  auto reply = start_future(background.port(), call_with(request("x")));
  reply.wait();
  auto taken = start_future(background.port(), [&] { return reply.get().ok(); });
  EXPECT_TRUE(taken.get().value());
}

TEST_F(Futures, BecomeReadyWhenThePortCloses) {
  LoopPort* port = nullptr;
  start_future(background.port(), [&] { port = new LoopPort(background.loop()); }).wait();
  auto reply = start_future(*port, call_with(silent_request()));
  auto std_reply = start_future(*port, call_with(silent_request())).to_std();
  start_future(background.port(), [&] { port->close(); }).wait();
  EXPECT_EQ(reply.get().status().code(), StatusCode::kCancelled);
  EXPECT_EQ(std_reply.get().status().code(), StatusCode::kCancelled);
  auto late = start_future(*port, call_with(request("x")));
  EXPECT_TRUE(late.ready());
  EXPECT_EQ(late.get().status().code(), StatusCode::kCancelled);
  start_future(background.port(), [&] { delete port; }).wait();
}

TEST_F(Futures, OfManyThreadsAreAllAnswered) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const std::string text = std::to_string(100 * i + round);
        auto reply = start_future(background.port(), call_with(request(text)));
        if (round % 5 == 4) reply.cancel("no patience");
        const absl::StatusOr<EchoResponse> response = reply.get();
        if (response.ok()) {
          EXPECT_EQ(response->payload(), text);
        } else {
          EXPECT_EQ(response.status(), absl::CancelledError("no patience"));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// A call that may end by itself while other threads ask for its end, some of them twice.
TEST_F(Futures, AndStopTokensMayRace) {
  for (int round = 0; round < 50; ++round) {
    std::stop_source user;
    auto reply = start_future(background.port(), [&] {
      auto call = own_channel->unary_unary(unary_unary, request("x"));
      cancel_on_stop(call, user.get_token(), "the user left");
      return call;
    });
    std::thread stopper([&] { user.request_stop(); });
    std::thread canceller([&] { reply.cancel("no patience"); });
    const absl::StatusOr<EchoResponse> response = reply.get();
    EXPECT_TRUE(response.ok() || response.status().code() == StatusCode::kCancelled)
        << response.status();
    stopper.join();
    canceller.join();
  }
}

TEST_F(Futures, MessagesComeToACallbackWhileAnotherThreadCancels) {
  std::promise<absl::Status> ended;
  int messages = 0;
  std::promise<Running> promised;
  promised.set_value(on_messages(
      background.port(),
      [&] { return own_channel->unary_stream(unary_stream, request("m", 1000)); },
      [&](const EchoResponse& message) {
        EXPECT_EQ(message.index(), messages++);
        if (messages == 10) {
          std::thread([&] { promised.get_future().get().cancel("enough"); }).join();
        }
      },
      [&](absl::Status status) { ended.set_value(std::move(status)); }));
  const absl::Status status = ended.get_future().get();
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_GE(messages, 10);
}

}  // namespace
}  // namespace weft::test
