// Asio on its own threads, Weft on another, over real gRPC.

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "call_test.h"
#include "weft/adapters/asio.h"
#include "weft/adapters/future.h"
#include "weft/adapters/loop_thread.h"
#include "weft/adapters/on_loop.h"

namespace weft::test {
namespace {

using asio::use_awaitable;
using Response = absl::StatusOr<EchoResponse>;
using Chat = StreamStreamCall<EchoRequest, EchoResponse>;

class AsioThreads : public CallTest {
 protected:
  template <class Function>
  void on_loop(Function function) {
    EXPECT_EQ(start_future(background.port(), std::move(function)).get(), absl::OkStatus());
  }

  // Runs a coroutine to its end on an io_context of this thread, and rethrows what left it.
  void run_here(asio::awaitable<void> coroutine) {
    asio::io_context io;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(coroutine), [&](std::exception_ptr left) { error = left; });
    io.run();
    if (error) std::rethrow_exception(error);
  }

  LoopThread<GrpcEventLoop> background;
  OnLoop<LoopContext> context{background.port(), background.loop()};
  OnLoop<Channel> own_channel{background.port(), transport, background.loop()};
};

asio::awaitable<void> get(LoopContext& context, Channel& channel, std::string text) {
  const std::thread::id here = std::this_thread::get_id();
  const EchoRequest message = request(text);
  auto make = [&] {
    EXPECT_NE(std::this_thread::get_id(), here);
    return channel.unary_unary(unary_unary, message);
  };
  const Response response = co_await async_call(context, make, use_awaitable);
  EXPECT_EQ(std::this_thread::get_id(), here);
  EXPECT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response.ok() ? response->payload() : "", text);
}

TEST_F(AsioThreads, ACoroutineGoesOnWhereItWas) {
  run_here(get(*context, *own_channel, "x"));
}

TEST_F(AsioThreads, AFutureWaitsOnAThreadWithoutAnyLoop) {
  auto future = async_call(
      *context, [this] { return own_channel->unary_unary(unary_unary, request("x")); },
      asio::use_future);
  const Response response = future.get();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "x");
}

TEST_F(AsioThreads, ManyCoroutinesOfAPoolCallAtOnce) {
  std::atomic<int> ended = 0;
  asio::thread_pool pool(3);
  for (int i = 0; i < 60; ++i) {
    auto one = [](LoopContext& its, Channel& calls, int number,
                  std::atomic<int>& count) -> asio::awaitable<void> {
      const EchoRequest message = request(std::to_string(number));
      auto make = [&] { return calls.unary_unary(unary_unary, message); };
      const Response response = co_await async_call(its, make, use_awaitable);
      EXPECT_TRUE(response.ok() && response->payload() == message.payload()) << response.status();
      ++count;
    };
    asio::co_spawn(asio::make_strand(pool), one(*context, *own_channel, i, ended),
                   [](std::exception_ptr error) { EXPECT_EQ(error, nullptr); });
  }
  pool.join();
  EXPECT_EQ(ended, 60);
}

// Every copy of a handler's executor is counted as work, or gone, when the handler is called.
TEST_F(AsioThreads, APoolMayGoAsSoonAsItHasJoined) {
  for (int round = 0; round < 500; ++round) {
    bool told = false;
    {
      asio::thread_pool pool(1);
      async_call(
          *context, [] {},
          asio::bind_executor(asio::any_io_executor(asio::make_strand(pool)),
                              [&](std::exception_ptr, absl::Status) { told = true; }));
      pool.join();
    }
    EXPECT_TRUE(told);
  }
}

// Cancels from the handler's own thread meet completions from the loop's.
TEST_F(AsioThreads, ASignalMayMeetTheResponse) {
  for (int round = 0; round < 50; ++round) {
    asio::io_context io;
    asio::cancellation_signal user;
    std::optional<Response> told;
    async_call(
        *context, [this] { return own_channel->unary_unary(unary_unary, request("x")); },
        asio::bind_cancellation_slot(
            user.slot(), asio::bind_executor(io, [&](std::exception_ptr, Response response) {
              EXPECT_FALSE(told.has_value());
              told = std::move(response);
            })));
    asio::steady_timer when(io, std::chrono::microseconds(20 * round));
    when.async_wait([&](std::error_code) { user.emit(asio::cancellation_type::terminal); });
    io.run();
    ASSERT_TRUE(told.has_value());
    EXPECT_TRUE(told->ok() || told->status().code() == StatusCode::kCancelled) << told->status();
  }
}

// [read_that_can_be_left]
template <class Read>
asio::awaitable<void> read_that_can_be_left(LoopContext& context, Read read,
                                            ReadResult<EchoResponse>& told) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  told = co_await async_call(context, read, use_awaitable);
}
// [/read_that_can_be_left]

// The server says nothing until it is written to, which is after the first timeout.
asio::awaitable<void> read_with_timeouts(LoopContext& context, Channel& channel) {
  using asio::experimental::awaitable_operators::operator||;
  auto make = [&] { return std::make_unique<Chat>(channel.stream_stream(stream_stream)); };
  auto made = co_await async_call(context, make, use_awaitable);
  std::unique_ptr<Chat> call = std::move(made).value();
  const EchoRequest message = request("m", 2);
  int messages = 0;
  int timeouts = 0;
  while (messages < 2) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(20));
    // [read_or_timeout]
    ReadResult<EchoResponse> told;
    auto reading = read_that_can_be_left(
        context, [&] { return call->read(); }, told);
    auto first = co_await (std::move(reading) || timer.async_wait(use_awaitable));
    const bool timed_out = first.index() == 1 && !told;
    // [/read_or_timeout]
    if (timed_out && timeouts++ > 0) continue;
    if (timed_out) {
      auto write = [&] { return call->write(message); };
      EXPECT_EQ(co_await async_call(context, write, use_awaitable), absl::OkStatus());
      continue;
    }
    EXPECT_TRUE(told && told->index() == messages++) << told.status();
  }
  EXPECT_GT(timeouts, 0);
  auto drop = [&] { call.reset(); };
  (void)co_await async_call(context, drop, use_awaitable);
}

TEST_F(AsioThreads, AReadThatATimerOvertakesLosesNothing) {
  run_here(read_with_timeouts(*context, *own_channel));
}

Task<ReadResult<EchoResponse>> read_and_say(const Chat& call, std::latch& come) {
  ReadResult<EchoResponse> message = co_await call.read();
  come.count_down();
  co_return message;
}

// Asio's operator tells of the first alone, and the message that was second has left the call.
TEST_F(AsioThreads, AReadThatIsOvertakenWhenItsMessageHasComeLosesNothing) {
  using asio::experimental::awaitable_operators::operator||;
  std::optional<Chat> call;
  on_loop([&] { call.emplace(own_channel->stream_stream(stream_stream)); });
  const EchoRequest message = request("m");
  std::latch come(1);
  // Its end is on its way first; the thread is busy until the message is, too.
  auto overtake = [&]() -> asio::awaitable<void> {
    asio::post(co_await asio::this_coro::executor, [&] {
      auto write = start_future(background.port(), [&] { return call->write(message); });
      EXPECT_EQ(write.get(), absl::OkStatus());
      come.wait();
      on_loop([] {});
    });
  };
  auto race = [&]() -> asio::awaitable<void> {
    ReadResult<EchoResponse> told;
    auto reading = read_that_can_be_left(
        *context, [&] { return read_and_say(*call, come); }, told);
    auto first = co_await (std::move(reading) || overtake());
    EXPECT_EQ(first.index(), 1U);
    EXPECT_TRUE(told && told->index() == 0) << told.status();
  };
  run_here(race());
  on_loop([&] { call.reset(); });
}

// What nobody runs any more is destroyed with its context, and the call ends with the port.
TEST_F(AsioThreads, AnIoContextThatGoesTakesItsHandlersAlong) {
  auto kept = std::make_shared<int>(1);
  {
    asio::io_context io;
    async_call(
        *context, [this] { return own_channel->unary_unary(unary_unary, request("x")); },
        asio::bind_executor(io, [kept](std::exception_ptr, Response) { ADD_FAILURE(); }));
    // Until the handler is on its way.
    auto waiting = start_future(
        background.port(), [this] { return own_channel->unary_unary(unary_unary, request("y")); });
    EXPECT_TRUE(waiting.get().ok());
    on_loop([this] { context->port().close(); });
  }
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace weft::test
