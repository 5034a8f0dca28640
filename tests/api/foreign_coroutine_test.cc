// Weft's awaitables in a coroutine type that knows nothing of Weft (D6).

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "tracked.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using StreamCall = StreamStreamCall<std::string, std::string>;
using UnaryCall = UnaryUnaryCall<std::string, std::string>;

// The smallest coroutine type there is: eager, owned, without await_transform.
class Fiber {
 public:
  class promise_type {
   public:
    Fiber get_return_object() {
      return Fiber(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }

    std::exception_ptr error;
  };

  Fiber(Fiber&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Fiber& operator=(Fiber&&) = delete;
  ~Fiber() { destroy(); }

  bool done() const { return handle_.done(); }
  std::exception_ptr error() const { return handle_.promise().error; }
  void destroy() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

 private:
  explicit Fiber(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

class ForeignCoroutine : public ScriptedCallTest {
 protected:
  std::vector<std::string> log;
};

Task<std::string> task(EventLoop& loop) {
  co_await sleep_for(loop, absl::Seconds(1));
  co_return "from a task";
}

Fiber await_task(EventLoop& loop, std::vector<std::string>& log) {
  log.push_back(co_await task(loop));
}

TEST_F(ForeignCoroutine, AwaitsATask) {
  Fiber fiber = await_task(loop, log);
  EXPECT_FALSE(fiber.done());
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("from a task"));
}

Task<std::string> ready_task() {
  co_return "at once";
}
Fiber await_ready_task(std::vector<std::string>& log) {
  log.push_back(co_await ready_task());
}

TEST_F(ForeignCoroutine, AwaitsATaskThatCompletesAtOnce) {
  Fiber fiber = await_ready_task(log);
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("at once"));
}

Task<void> failing_task() {
  throw std::runtime_error("no luck");
  co_return;
}
Fiber await_failing_task() {
  co_await failing_task();
}

TEST_F(ForeignCoroutine, GetsATasksException) {
  Fiber fiber = await_failing_task();
  ASSERT_TRUE(fiber.done());
  EXPECT_THROW(std::rethrow_exception(fiber.error()), std::runtime_error);
}

Fiber await_sleep(EventLoop& loop, Tracked) {
  co_await sleep_for(loop, absl::Seconds(1));
}

TEST_F(ForeignCoroutine, AwaitsASleepAndMayBeDestroyedInIt) {
  Fiber fiber = await_sleep(loop, Tracked());
  EXPECT_TRUE(loop.has_timers());
  fiber.destroy();
  EXPECT_FALSE(loop.has_timers());
  EXPECT_EQ(Tracked::live(), 0);
}

Fiber talk(StreamCall call, std::vector<std::string>& log) {
  const absl::Status connected = co_await call.wait_for_connection();
  log.push_back(connected.ok() ? "connected" : "not connected");
  const Metadata headers = co_await call.initial_metadata();
  log.push_back(headers.to_string());
  const absl::Status written = co_await call.write("ping");
  log.push_back(written.ok() ? "written" : "not written");
  while (auto message = co_await call.read()) log.push_back(*message);
  auto answer = co_await call.exchange("again");
  log.push_back(answer.is_failed() ? "refused" : "answered");
  const absl::Status closed = co_await call.done_writing();
  log.push_back(closed.ok() ? "closed" : "not closed");
  const absl::Status status = co_await call.status();
  log.push_back(std::string(status.message()));
}

TEST_F(ForeignCoroutine, DoesEverythingThatACallOffers) {
  Fiber fiber = talk(channel->stream_stream(stream_stream), log);
  stream().open(Metadata{{"k", "v"}});
  loop.settle();
  stream().accept_message();
  loop.settle();
  stream().deliver("pong");
  loop.settle();
  stream().fail_receive();
  stream().finish(CallStatus(StatusCode::kNotFound, "gone"));
  loop.settle();
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("connected", "Metadata((('k', 'v'),))", "written", "pong", "refused",
                               "closed", "gone"));
}

Fiber ask(UnaryCall call, std::vector<std::string>& log) {
  const absl::StatusOr<std::string>& response = co_await call;
  log.push_back(response.value_or("failed"));
  log.push_back(co_await call.value_or_throw());
}

TEST_F(ForeignCoroutine, AwaitsAUnaryCall) {
  Fiber fiber = ask(channel->unary_unary(unary_unary, "request"), log);
  stream().open();
  stream().accept_message();
  stream().accept_close();
  stream().deliver("reply");
  stream().deliver_end();
  stream().finish();
  loop.settle();
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("reply", "reply"));
}

Fiber read_with_timeout(StreamCall call, EventLoop& loop, std::vector<std::string>& log) {
  auto first = co_await when_any(call.read(), sleep_for(loop, absl::Seconds(1)));
  log.push_back(first.index() == 0 ? *std::get<0>(first) : "timeout");
  auto second = co_await call.read();
  log.push_back(*second);
}

TEST_F(ForeignCoroutine, UsesTheCombinators) {
  Fiber fiber = read_with_timeout(open_stream_stream(), loop, log);
  loop.advance(absl::Seconds(1));
  stream().deliver("late");
  loop.settle();
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("timeout", "late"));
}

Fiber read_one(StreamCall call, Tracked) {
  (void)co_await call.read();
}

TEST_F(ForeignCoroutine, DestroyedInAReadItOnlyStopsWaiting) {  // no task, so no cancellation: T39
  auto call = open_stream_stream();
  Fiber fiber = read_one(call, Tracked());
  fiber.destroy();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(call.done());
  stream().deliver("kept");
  EXPECT_THAT(run(call.read()), IsMessage("kept"));
}

AsyncGenerator<int> numbers(EventLoop& loop) {
  co_yield 1;
  co_await sleep_for(loop, absl::Seconds(1));
  co_yield 2;
}
Fiber drain(EventLoop& loop, std::vector<std::string>& log) {
  auto generator = numbers(loop);
  while (std::optional<int> number = co_await generator.next()) {
    log.push_back(std::to_string(*number));
  }
}

TEST_F(ForeignCoroutine, DrainsAGenerator) {
  Fiber fiber = drain(loop, log);
  loop.advance(absl::Seconds(1));
  EXPECT_TRUE(fiber.done());
  EXPECT_THAT(log, ElementsAre("1", "2"));
}

}  // namespace
}  // namespace weft::test
