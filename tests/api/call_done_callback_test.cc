// Done callbacks: once, in order, contained.

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "call_fixture.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DoneCallbacks : public ScriptedCallTest {
 protected:
  std::vector<std::string> log;
};

TEST_F(DoneCallbacks, RunInTheOrderInWhichTheyWereAdded) {  // B240
  auto call = open_stream_stream();
  for (const char* name : {"a", "b", "c"}) {
    call.add_done_callback([this, name](const Call&) { log.push_back(name); });
  }
  EXPECT_THAT(log, IsEmpty());
  stream().finish();
  loop.settle();
  EXPECT_THAT(log, ElementsAre("a", "b", "c"));
}

TEST_F(DoneCallbacks, SeeACallThatIsDone) {
  auto call = open_stream_stream();
  call.add_done_callback([this](const Call& done) {
    log.push_back(done.done() ? "done" : "not done");
    log.push_back(done.outcome()->to_string());
    log.push_back(done.cancel() ? "cancelled it" : "could not cancel it");
  });
  stream().finish(CallStatus(StatusCode::kNotFound, "gone"));
  loop.settle();
  EXPECT_THAT(log, ElementsAre("done", "NOT_FOUND: gone", "could not cancel it"));
}

TEST_F(DoneCallbacks, RunInsideCancel) {
  auto call = open_stream_stream();
  call.add_done_callback([this](const Call& done) { log.push_back(done.outcome()->details); });
  call.cancel("why");
  EXPECT_THAT(log, ElementsAre("why"));
}

TEST_F(DoneCallbacks, RunBeforeWaitersAreResumed) {
  auto call = open_stream_stream();
  auto wait = [&]() -> Task<void> {
    (void)co_await call.status();
    log.push_back("waiter");
  };
  Started waiter(wait());
  call.add_done_callback([this](const Call&) { log.push_back("callback"); });
  stream().finish();
  loop.settle();
  EXPECT_THAT(log, ElementsAre("callback", "waiter"));
}

TEST_F(DoneCallbacks, AddedAfterTheEndRunAtOnce) {  // B245
  auto call = open_stream_stream();
  call.cancel();
  call.add_done_callback([this](const Call&) { log.push_back("late"); });
  EXPECT_THAT(log, ElementsAre("late"));
}

TEST_F(DoneCallbacks, MayAddAnother) {
  auto call = open_stream_stream();
  call.add_done_callback([this](const Call& done) {
    done.add_done_callback([this](const Call&) { log.push_back("inner"); });
    log.push_back("outer");
  });
  call.cancel();
  EXPECT_THAT(log, ElementsAre("inner", "outer"));
}

TEST_F(DoneCallbacks, ExceptionsAreReportedAndChangeNothing) {  // B247
  auto call = open_stream_stream();
  call.add_done_callback([](const Call&) { throw std::runtime_error("oops"); });
  call.add_done_callback([this](const Call&) { log.push_back("still runs"); });
  Started status(call.status());
  stream().finish(CallStatus(StatusCode::kNotFound, "gone"));
  loop.settle();
  EXPECT_THAT(callback_exceptions, ElementsAre("oops"));
  EXPECT_THAT(log, ElementsAre("still runs"));
  EXPECT_THAT(*status, IsError(StatusCode::kNotFound, "gone"));
}

TEST_F(DoneCallbacks, AnExceptionDoesNotLeaveCancel) {
  auto call = open_stream_stream();
  call.add_done_callback([](const Call&) { throw 7; });
  EXPECT_TRUE(call.cancel());
  EXPECT_THAT(callback_exceptions, ElementsAre("?"));
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
}

TEST_F(DoneCallbacks, AnExceptionOfALateOneIsReportedToo) {
  auto call = open_stream_stream();
  call.cancel();
  call.add_done_callback([](const Call&) { throw std::runtime_error("late oops"); });
  EXPECT_THAT(callback_exceptions, ElementsAre("late oops"));
}

TEST_F(DoneCallbacks, AHandlerOfExceptionsThatThrowsChangesNothingEither) {
  Channel careless(transport, loop,
                   ChannelOptions().on_callback_exception(
                       [](std::exception_ptr exception) { std::rethrow_exception(exception); }));
  auto call = careless.stream_stream(stream_stream);
  call.add_done_callback([](const Call&) { throw std::runtime_error("oops"); });
  call.add_done_callback([this](const Call&) { log.push_back("still runs"); });
  EXPECT_NO_THROW(EXPECT_TRUE(call.cancel()));
  EXPECT_THAT(log, ElementsAre("still runs"));
}

TEST_F(DoneCallbacks, RunOnce) {
  auto call = open_stream_stream();
  call.add_done_callback([this](const Call&) { log.push_back("once"); });
  call.cancel();
  call.cancel();
  stream().finish();
  loop.settle();
  EXPECT_THAT(log, ElementsAre("once"));
}

TEST_F(DoneCallbacks, DoNotKeepTheCallAlive) {  // B250
  auto held = std::make_shared<int>(1);
  {
    auto call = open_stream_stream();
    call.add_done_callback(
        [this, held](const Call& done) { log.push_back(done.outcome()->details); });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_THAT(log, ElementsAre("Cancelled upon destruction!"));
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(DoneCallbacks, MayDropTheLastHandleOfTheirCall) {
  auto call = std::make_unique<StreamStreamCall<std::string, std::string>>(open_stream_stream());
  call->add_done_callback([&](const Call& done) {
    call.reset();
    log.push_back(done.outcome()->details);
  });
  stream().finish(CallStatus(StatusCode::kOk, "fine"));
  loop.settle();
  EXPECT_THAT(log, ElementsAre("fine"));
}

TEST_F(DoneCallbacks, MayMakeTheNextCall) {
  auto call = open_stream_stream();
  std::unique_ptr<UnaryUnaryCall<std::string, std::string>> next;
  call.add_done_callback([&](const Call&) {
    next = std::make_unique<UnaryUnaryCall<std::string, std::string>>(
        channel->unary_unary(unary_unary, "next"));
  });
  call.cancel();
  ASSERT_NE(next, nullptr);
  EXPECT_FALSE(next->done());
  EXPECT_EQ(transport->streams.size(), 2u);
}

}  // namespace
}  // namespace weft::test
