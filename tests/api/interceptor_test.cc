// Interceptors over a scripted transport: ends that meet what the caller has not read, and attempts
// that were given up.

#include "weft/api/interceptor.h"

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

class InterceptorTest : public ScriptedCallTest {
 protected:
  // Both sides of the interceptor are checked.
  void intercept_with(std::shared_ptr<Interceptor> interceptor) {
    auto intercepted =
        intercept(std::make_shared<CheckedTransport>(transport), {std::move(interceptor)});
    seam = intercepted;
    channel =
        std::make_unique<Channel>(std::make_shared<CheckedTransport>(std::move(intercepted)), loop);
  }

  std::weak_ptr<Transport> seam;  // kept alive by every stream that has not gone
};

std::shared_ptr<Interceptor> answering(std::vector<std::string> responses) {
  return make_interceptor([responses](InterceptedCall& call) -> Task<CallStatus> {
    for (const std::string& response : responses) call.respond(Bytes::copy_of(response));
    co_return CallStatus();
  });
}

TEST_F(InterceptorTest, ACancelEndsACallWhoseAnswersAreUnread) {  // T05, T18, T33
  intercept_with(answering({"a", "b"}));
  {
    auto call = channel->unary_stream(unary_stream, "request");
    EXPECT_THAT(run(call.read()), IsMessage("a"));
    EXPECT_TRUE(call.cancel("enough"));
    loop.settle();
    EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, "enough"));
  }
  channel.reset();
  loop.settle();
  EXPECT_TRUE(seam.expired());
}

TEST_F(InterceptorTest, DroppingACallWhoseAnswersAreUnreadFreesIt) {  // T06
  intercept_with(answering({"a", "b"}));
  {
    auto call = channel->unary_stream(unary_stream, "request");
    EXPECT_THAT(run(call.read()), IsMessage("a"));
  }
  channel.reset();
  loop.settle();
  EXPECT_TRUE(seam.expired());
}

TEST_F(InterceptorTest, TheDeadlineEndsACallWhoseAnswersAreUnread) {  // T41
  intercept_with(answering({"a", "b"}));
  auto call =
      channel->unary_stream(unary_stream, "request", CallOptions().timeout(absl::Seconds(1)));
  EXPECT_THAT(run(call.read()), IsMessage("a"));
  loop.advance(absl::Seconds(2));
  ASSERT_TRUE(call.done());
  EXPECT_EQ(call.outcome()->code, StatusCode::kDeadlineExceeded);
}

TEST_F(InterceptorTest, TheDeadlineEndsAUnaryCallThatIsAnsweredTwice) {  // D19
  intercept_with(answering({"a", "b"}));
  auto call = channel->unary_unary(unary_unary, "request", CallOptions().timeout(absl::Seconds(1)));
  loop.advance(absl::Seconds(2));
  ASSERT_TRUE(call.done());
  EXPECT_EQ(call.outcome()->code, StatusCode::kDeadlineExceeded);
}

TEST_F(InterceptorTest, AnswersThatAreReadInTimeComeWithTheStatus) {
  intercept_with(answering({"a", "b"}));
  auto call =
      channel->unary_stream(unary_stream, "request", CallOptions().timeout(absl::Seconds(1)));
  EXPECT_THAT(run(call.read()), IsMessage("a"));
  EXPECT_THAT(run(call.read()), IsMessage("b"));
  EXPECT_EQ(run(call.status()), absl::OkStatus());
  EXPECT_FALSE(loop.has_timers());
}

// Resumes whoever waits on the stack that sets it.
class Signal {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { *waiter_ = handle; }
  void await_resume() const {}
  void set() { std::exchange(*waiter_, nullptr).resume(); }

 private:
  std::shared_ptr<std::coroutine_handle<>> waiter_ = std::make_shared<std::coroutine_handle<>>();
};

TEST_F(InterceptorTest, ARefusedAttemptIsNotToldOfTheEndOfTheOneBefore) {
  Signal impatient;
  intercept_with(make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    auto first = when_any(call.proceed(), impatient);
    (void)co_await std::move(first);
    co_return co_await call.proceed();  // the caller has seen a response
  }));
  auto call = channel->unary_stream(unary_stream, "request");
  stream().open();
  Started read(call.read());
  stream().deliver("a");
  loop.settle();
  EXPECT_THAT(*read, IsMessage("a"));
  loop.post([&] { impatient.set(); });
  stream().break_off(CallStatus(StatusCode::kUnavailable, "gone"));
  EXPECT_EQ(run(call.code()), StatusCode::kInternal);
}

TEST_F(InterceptorTest, AHookMayPutAnotherInItsPlace) {
  std::vector<std::string> seen;
  intercept_with(make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    call.on_response([&call, &seen, name = std::string("the first response")](Bytes&) {
      call.on_response([&seen](Bytes&) { seen.push_back("another"); });
      seen.push_back(name);
    });
    co_return co_await call.proceed();
  }));
  auto call = open_unary_stream();
  for (int i = 0; i < 3; ++i) {
    stream().deliver("m");
    EXPECT_THAT(run(call.read()), IsMessage("m"));
  }
  EXPECT_THAT(seen, testing::ElementsAre("the first response", "another", "another"));
}

TEST_F(InterceptorTest, MayCloseTheChannelWhileTheCallIsMade) {  // B402
  intercept_with(make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    (void)channel->close();
    co_return co_await call.proceed();
  }));
  auto call = channel->unary_unary(unary_unary, "request");
  EXPECT_TRUE(call.done());
  loop.settle();
  EXPECT_EQ(run(call.code()), StatusCode::kCancelled);
}

// What its frame holds may be the call's only handle, or the last thing that uses the stream.
TEST_F(InterceptorTest, ItsFrameMayHoldTheCall) {
  auto held = std::make_shared<std::optional<UnaryUnaryCall<std::string, std::string>>>();
  intercept_with(make_interceptor([held](InterceptedCall& call) -> Task<CallStatus> {
    struct Dropping {
      std::optional<UnaryUnaryCall<std::string, std::string>>& call;
      ~Dropping() { call.reset(); }
    } const dropping{*held};
    co_return co_await call.proceed();
  }));
  held->emplace(channel->unary_unary(unary_unary, "request"));
  stream().break_off(CallStatus(StatusCode::kUnavailable, "gone"));
  loop.settle();
  EXPECT_FALSE(held->has_value());
  channel.reset();
  loop.settle();
  EXPECT_TRUE(seam.expired());
}

}  // namespace
}  // namespace weft::test
