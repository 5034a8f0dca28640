// Cancelling a task that waits for a call.

#include <memory>
#include <string>
#include <utility>

#include "call_fixture.h"
#include "weft/api/sleep.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"
#include "weft/api/when_any.h"

namespace weft::test {
namespace {

using StreamCall = StreamStreamCall<std::string, std::string>;
using UnaryCall = UnaryUnaryCall<std::string, std::string>;

class TaskScopeCalls : public ScriptedCallTest {
 protected:
  TaskScopeCalls() : scope(loop) {}

  void spawn_and_cancel(Task<void> child, std::string reason = "the user went home") {
    scope.spawn(std::move(child));
    loop.settle();
    scope.cancel(std::move(reason));
    loop.settle();
    EXPECT_EQ(scope.running(), 0u);
  }

  TaskScope scope;
};

Task<void> read_one(StreamCall call) {
  (void)co_await call.read();
}
Task<void> write_one(StreamCall call) {
  (void)co_await call.write("m");
}
Task<void> finish_writing(StreamCall call) {
  (void)co_await call.done_writing();
}
Task<void> exchange_one(StreamCall call) {
  (void)co_await call.exchange("m");
}
Task<void> await_response(UnaryCall call) {
  (void)co_await call;
}
Task<void> await_value(UnaryCall call) {
  (void)co_await call.value_or_throw();
}
Task<void> await_status(StreamCall call) {
  (void)co_await call.status();
}
Task<void> await_headers(StreamCall call) {
  (void)co_await call.initial_metadata();
}
Task<void> await_connection(StreamCall call) {
  (void)co_await call.wait_for_connection();
}

TEST_F(TaskScopeCalls, CancellingAReaderEndsItsCallWithTheReason) {  // B191-B194, B204
  auto call = open_stream_stream();
  spawn_and_cancel(read_one(call));
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, "the user went home"));
  EXPECT_TRUE(call.outcome()->locally_cancelled);
}

TEST_F(TaskScopeCalls, WithoutAReasonItIsTheUsualText) {
  auto call = open_stream_stream();
  spawn_and_cancel(read_one(call), "");
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
}

TEST_F(TaskScopeCalls, EveryOperationEndsItsCall) {
  for (auto* operation : {&write_one, &finish_writing, &exchange_one}) {
    auto call = open_stream_stream();
    spawn_and_cancel((*operation)(call));
    EXPECT_TRUE(call.done());
    EXPECT_THAT(run(call.details()), "the user went home");
  }
  for (auto* operation : {&await_response, &await_value}) {
    auto call = channel->unary_unary(unary_unary, "request");
    spawn_and_cancel((*operation)(call));
    EXPECT_TRUE(call.done());
    EXPECT_THAT(run(call.details()), "the user went home");
  }
}

TEST_F(TaskScopeCalls, AccessorsNeverEndTheCall) {  // B008, B196
  for (auto* accessor : {&await_status, &await_headers, &await_connection}) {
    auto call = channel->stream_stream(stream_stream);
    spawn_and_cancel((*accessor)(call));
    EXPECT_FALSE(call.done());
  }
}

Task<void> nested_read(StreamCall call) {
  co_await read_one(std::move(call));
}

TEST_F(TaskScopeCalls, TheReasonReachesACallAwaitedDeepInside) {
  auto call = open_stream_stream();
  spawn_and_cancel(nested_read(call));
  EXPECT_THAT(run(call.details()), "the user went home");
}

Task<void> read_both(StreamCall first, StreamCall second) {
  auto both = when_all(first.read(), second.read());
  co_await std::move(both);
}

TEST_F(TaskScopeCalls, TheReasonReachesCallsInsideWhenAll) {
  auto first = open_stream_stream();
  auto second = open_stream_stream();
  spawn_and_cancel(read_both(first, second));
  EXPECT_EQ(run(first.details()), "the user went home");
  EXPECT_EQ(run(second.details()), "the user went home");
}

Task<void> read_either(StreamCall first, StreamCall second) {
  auto either = when_any(first.read(), second.read());
  co_await std::move(either);
}

TEST_F(TaskScopeCalls, ALoserOfWhenAnyDoesNotEndItsCall) {  // B197
  auto first = open_stream_stream();
  ScriptedStream& stream_of_first = stream();
  auto second = open_stream_stream();
  scope.spawn(read_either(first, second));
  loop.settle();
  stream_of_first.deliver("m");
  loop.settle();
  EXPECT_EQ(scope.running(), 0u);
  EXPECT_FALSE(first.done());
  EXPECT_FALSE(second.done());
}

AsyncGenerator<std::string> messages(StreamCall call) {
  while (auto message = co_await call.read()) co_yield *message;
}
Task<void> drain(AsyncGenerator<std::string> generator) {
  while (auto message = co_await generator.next()) (void)*message;
}

TEST_F(TaskScopeCalls, TheReasonReachesACallInsideAGenerator) {
  auto call = open_stream_stream();
  spawn_and_cancel(drain(messages(call)));
  EXPECT_THAT(run(call.details()), "the user went home");
}

TEST_F(TaskScopeCalls, ACallThatTheTaskOwnsEndsWithTheReasonNotWithItsDrop) {
  spawn_and_cancel(read_one(open_stream_stream()));
  EXPECT_EQ(stream().count("cancel CANCELLED: the user went home"), 1);
  EXPECT_EQ(stream().count("cancel"), 1);
}

TEST_F(TaskScopeCalls, TheDestructorOfTheScopeEndsCallsToo) {
  auto call = open_stream_stream();
  {
    TaskScope inner(loop);
    inner.spawn(read_one(call));
    loop.settle();
  }
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
}

TEST_F(TaskScopeCalls, ATaskThatIsMerelyDestroyedDoesNotEndItsCall) {  // T39
  auto call = open_stream_stream();
  Started reading(read_one(call));
  reading.abandon();
  EXPECT_FALSE(call.done());
}

TEST_F(TaskScopeCalls, TheMessageOfACancelledReaderIsGone) {
  auto call = open_stream_stream();
  scope.spawn(read_one(call));
  loop.settle();
  scope.cancel("stop");
  stream().deliver("too late");
  loop.settle();
  EXPECT_THAT(run(call.read()).status(), IsError(StatusCode::kCancelled, "stop"));
}

// --- generators that outlive the task that asked them ---

using Generator = AsyncGenerator<std::string>;
Task<void> ask(Generator& generator) {
  (void)co_await generator.next();
}
Task<void> ask_impatiently(Generator& generator, EventLoop& loop) {
  auto first = when_any(ask(generator), sleep_for(loop, absl::Seconds(1)));  // gives up
  co_await std::move(first);
}

TEST_F(TaskScopeCalls, ACallInsideAGeneratorOfSomebodyElsesGoesOn) {  // T39
  auto call = open_stream_stream();
  auto generator = std::make_unique<Generator>(messages(call));
  spawn_and_cancel(ask(*generator));
  EXPECT_FALSE(call.done());
  generator.reset();
  EXPECT_FALSE(call.done());
  stream().deliver("m");
  EXPECT_THAT(run(call.read()), IsMessage("m"));
}

TEST_F(TaskScopeCalls, AGeneratorMayGoAfterTheTaskThatGaveItUp) {
  auto call = open_stream_stream();
  auto generator = std::make_unique<Generator>(messages(call));
  scope.spawn(ask_impatiently(*generator, loop));
  loop.advance(absl::Seconds(2));
  EXPECT_EQ(scope.running(), 0u);
  generator.reset();
  EXPECT_FALSE(call.done());
}

Task<void> ask_and_drain(std::unique_ptr<Generator> generator, EventLoop& loop) {
  auto impatient = ask_impatiently(*generator, loop);
  co_await std::move(impatient);
  while (auto message = co_await generator->next()) (void)*message;
}

TEST_F(TaskScopeCalls, TheReasonReachesACallThatAGeneratorOfTheTasksWaitsForSinceLong) {
  auto call = open_stream_stream();
  scope.spawn(ask_and_drain(std::make_unique<Generator>(messages(call)), loop));
  loop.advance(absl::Seconds(2));
  scope.cancel("enough");
  loop.settle();
  EXPECT_EQ(run(call.details()), "enough");
}

TEST_F(TaskScopeCalls, TheReasonIsTheLastAskersNotTheFirsts) {
  auto call = open_stream_stream();
  auto generator = std::make_unique<Generator>(messages(call));
  scope.spawn(ask_impatiently(*generator, loop));
  loop.advance(absl::Seconds(2));
  TaskScope others(loop);
  others.spawn(ask_and_drain(std::move(generator), loop));
  loop.settle();
  others.cancel("enough");
  loop.settle();
  EXPECT_EQ(run(call.details()), "enough");
}

TEST_F(TaskScopeCalls, TheReasonSurvivesAScopeThatGoesInTheSameTurn) {  // B204
  auto call = open_stream_stream();
  {
    TaskScope inner(loop);
    inner.spawn(read_one(call));
    loop.settle();
    inner.cancel("enough");
  }
  EXPECT_EQ(run(call.details()), "enough");
}

Task<void> read_in_a_scope_of_its_own(StreamCall call, EventLoop& loop, int depth) {
  TaskScope inner(loop);
  if (depth == 0) {
    inner.spawn(read_one(call));
  } else {
    inner.spawn(read_in_a_scope_of_its_own(call, loop, depth - 1));
  }
  co_await sleep_for(loop, absl::Hours(1));
}

TEST_F(TaskScopeCalls, TheReasonReachesACallInAScopeThatTheTaskHolds) {  // B204
  for (int depth : {0, 1, 2}) {
    auto call = open_stream_stream();
    spawn_and_cancel(read_in_a_scope_of_its_own(call, loop, depth));
    EXPECT_EQ(run(call.details()), "the user went home") << depth;
  }
}

TEST_F(TaskScopeCalls, AScopeThatGoesByItselfHasNoReasonOfOthers) {
  auto call = open_stream_stream();
  auto inner = std::make_unique<TaskScope>(loop);
  inner->spawn(read_one(call));
  loop.settle();
  inner.reset();
  EXPECT_EQ(run(call.details()), local_cancel_details);
}

}  // namespace
}  // namespace weft::test
