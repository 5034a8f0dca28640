// Coroutine patterns that Weft and its users rely on, pinned for each compiler: g++ 12 destroys
// aggregate temporaries of a co_await expression twice, and these are the forms that it gets right.

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "manual_loop.h"
#include "started.h"
#include "tracked.h"
#include "weft/api/call_options.h"
#include "weft/api/read_result.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"

namespace weft::test {
namespace {

class CompilerPins : public testing::Test {
 protected:
  ~CompilerPins() override { EXPECT_EQ(Tracked::live(), 0) << "leaked or destroyed twice"; }

  // What every pattern is tried with: completing at once, later, and being torn down.
  template <class Make>
  void try_out(Make make) {
    EXPECT_EQ(block_on(loop, make(absl::ZeroDuration())), expected);
    EXPECT_EQ(Tracked::live(), 0);
    EXPECT_EQ(block_on(loop, make(absl::Seconds(1))), expected);
    EXPECT_EQ(Tracked::live(), 0);
    Started torn_down(make(absl::Seconds(1)));
    EXPECT_FALSE(torn_down.done());
    EXPECT_GT(Tracked::live(), 0);
    torn_down.abandon();
  }

  ManualLoop loop;
  int expected = 0;
};

// An options type as Weft's: a class with constructors and a chain of setters.
class Options {
 public:
  Options() = default;
  Options&& number(int value) && {
    number_ = Tracked(value);
    return std::move(*this);
  }
  Options&& text(std::string value) && {
    text_ = std::move(value);
    return std::move(*this);
  }
  int total() const { return number_.value() + static_cast<int>(text_.size()); }

 private:
  Tracked number_;
  std::string text_;
};

Task<int> value_of(EventLoop& loop, absl::Duration delay, Tracked tracked) {
  co_await sleep_for(loop, delay);
  co_return tracked.value();
}
Task<int> total_of(EventLoop& loop, absl::Duration delay, Options options = Options()) {
  co_await sleep_for(loop, delay);
  co_return options.total();
}
Task<int> length_of(EventLoop& loop, absl::Duration delay, const std::string& text,
                    const Tracked& tracked = Tracked(1)) {
  co_await sleep_for(loop, delay);
  co_return static_cast<int>(text.size()) * tracked.value();
}

Task<int> temporary_argument(EventLoop& loop, absl::Duration delay) {
  co_return co_await value_of(loop, delay, Tracked(3));
}
TEST_F(CompilerPins, ATemporaryWithAConstructorAsAnArgument) {
  expected = 3;
  try_out([&](absl::Duration delay) { return temporary_argument(loop, delay); });
}

Task<int> options_chain(EventLoop& loop, absl::Duration delay) {
  co_return co_await total_of(loop, delay, Options().number(3).text("a text that is on the heap"));
}
TEST_F(CompilerPins, AChainOfOptionSettersPassedByValue) {
  expected = 29;
  try_out([&](absl::Duration delay) { return options_chain(loop, delay); });
}

Task<int> braced_options(EventLoop& loop, absl::Duration delay) {
  co_return co_await total_of(loop, delay, Options{});
}
TEST_F(CompilerPins, OptionsMadeWithBraces) {
  try_out([&](absl::Duration delay) { return braced_options(loop, delay); });
}

Task<int> default_options(EventLoop& loop, absl::Duration delay) {
  co_return co_await total_of(loop, delay);
}
TEST_F(CompilerPins, ADefaultArgumentWithAConstructor) {
  try_out([&](absl::Duration delay) { return default_options(loop, delay); });
}

Task<int> reference_arguments(EventLoop& loop, absl::Duration delay) {
  const std::string start = "a text that is on the ";
  co_return co_await length_of(loop, delay, start + "heap", Tracked(2));
}
TEST_F(CompilerPins, TemporariesBoundToReferencesLiveUntilTheAwaitIsOver) {
  expected = 52;
  try_out([&](absl::Duration delay) { return reference_arguments(loop, delay); });
}

int add(int a, int b, const Tracked& c) {
  return a + b + c.value();
}

Task<int> await_in_arguments(EventLoop& loop, absl::Duration delay) {
  co_return add(co_await value_of(loop, delay, Tracked(1)),
                co_await value_of(loop, delay, Tracked(2)), Tracked(4));
}
TEST_F(CompilerPins, AwaitsInCallArguments) {
  expected = 7;
  try_out([&](absl::Duration delay) { return await_in_arguments(loop, delay); });
}

// Gives 1, 2, ... and then the end, like a call's read().
class Countdown {
 public:
  explicit Countdown(EventLoop& loop, absl::Duration delay) : loop_(loop), delay_(delay) {}
  Task<ReadResult<Tracked>> read() {
    co_await sleep_for(loop_, delay_);
    if (++count_ > 3) co_return ReadResult<Tracked>::end();
    co_return ReadResult<Tracked>(Tracked(count_));
  }

 private:
  EventLoop& loop_;
  absl::Duration delay_;
  int count_ = 0;
};

Task<int> while_reading(EventLoop& loop, absl::Duration delay) {
  const Tracked held;
  Countdown countdown(loop, delay);
  int sum = 0;
  while (auto message = co_await countdown.read()) sum += message->value();
  co_return sum;
}
TEST_F(CompilerPins, WhileAutoMessageAwaitsARead) {
  expected = 6;
  try_out([&](absl::Duration delay) { return while_reading(loop, delay); });
}

Task<int> if_with_initialiser(EventLoop& loop, absl::Duration delay) {
  Countdown countdown(loop, delay);
  const Tracked held;
  if (auto message = co_await countdown.read(); message && message->value() == 1) co_return 10;
  co_return 20;
}
TEST_F(CompilerPins, IfWithAnInitialiserThatAwaits) {
  expected = 10;
  try_out([&](absl::Duration delay) { return if_with_initialiser(loop, delay); });
}

Task<int> failing(EventLoop& loop, absl::Duration delay, Tracked tracked) {
  co_await sleep_for(loop, delay);
  throw std::runtime_error(std::to_string(tracked.value()));
}
Task<int> passing_through(EventLoop& loop, absl::Duration delay, Tracked) {
  co_return 100 + co_await failing(loop, delay, Tracked(6));
}
Task<int> exception_through_children(EventLoop& loop, absl::Duration delay) {
  std::string caught;
  try {
    co_return co_await passing_through(loop, delay, Tracked(1));
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  co_return std::stoi(caught);
}
TEST_F(CompilerPins, ExceptionsPassThroughChildrenWithTemporariesAlive) {
  expected = 6;
  try_out([&](absl::Duration delay) { return exception_through_children(loop, delay); });
}

Task<int> several_temporaries(EventLoop& loop, absl::Duration delay) {
  const int sum = Tracked(1).value() + co_await value_of(loop, delay, Tracked(2)) +
                  Tracked(4).value() + co_await total_of(loop, delay, Options().number(8));
  co_return sum;
}
TEST_F(CompilerPins, DestroyingAFrameSuspendedWithLiveTemporaries) {
  expected = 15;
  try_out([&](absl::Duration delay) { return several_temporaries(loop, delay); });
  Started in_the_second(several_temporaries(loop, absl::Seconds(1)));
  loop.advance(absl::Seconds(1));
  EXPECT_FALSE(in_the_second.done());
  in_the_second.abandon();
}

Task<std::unique_ptr<Tracked>> boxed(EventLoop& loop, absl::Duration delay) {
  auto box = std::make_unique<Tracked>(9);
  co_await sleep_for(loop, delay);
  co_return box;
}
Task<int> member_of_awaited(EventLoop& loop, absl::Duration delay) {
  co_return (co_await boxed(loop, delay))->value();
}
TEST_F(CompilerPins, AMemberOfWhatWasAwaited) {
  expected = 9;
  try_out([&](absl::Duration delay) { return member_of_awaited(loop, delay); });
}

Task<int> named_lambda(EventLoop& loop, absl::Duration delay) {
  const Tracked captured(5);
  auto add_later = [&loop, delay, captured](int number) -> Task<int> {
    co_await sleep_for(loop, delay);
    co_return captured.value() + number;
  };
  co_return co_await add_later(2);
}
TEST_F(CompilerPins, ANamedLambdaWithCapturesThatOutlivesItsCoroutine) {
  expected = 7;
  try_out([&](absl::Duration delay) { return named_lambda(loop, delay); });
}

Task<int> short_circuits(EventLoop& loop, absl::Duration delay) {
  const bool both = co_await value_of(loop, delay, Tracked(1)) == 1 &&
                    co_await value_of(loop, delay, Tracked(0)) == 1;
  const bool either = both || co_await value_of(loop, delay, Tracked(2)) == 2;
  co_return either ? 1 : 2;
}
TEST_F(CompilerPins, AwaitsBehindAndAndOr) {
  expected = 1;
  try_out([&](absl::Duration delay) { return short_circuits(loop, delay); });
}

Task<std::pair<Tracked, Tracked>> pair_of(EventLoop& loop, absl::Duration delay) {
  co_await sleep_for(loop, delay);
  co_return std::pair<Tracked, Tracked>(Tracked(1), Tracked(2));
}
Task<int> structured_binding(EventLoop& loop, absl::Duration delay) {
  const Tracked held;
  const auto [a, b] = co_await pair_of(loop, delay);
  co_return a.value() + b.value();
}
TEST_F(CompilerPins, AStructuredBindingOfWhatWasAwaited) {
  expected = 3;
  try_out([&](absl::Duration delay) { return structured_binding(loop, delay); });
}

Task<std::vector<int>> numbers(EventLoop& loop, absl::Duration delay) {
  co_await sleep_for(loop, delay);
  co_return std::vector<int>{1, 2, 3};
}
Task<int> range_for(EventLoop& loop, absl::Duration delay) {
  const Tracked held;
  int sum = 0;
  for (const int number : co_await numbers(loop, delay)) {
    sum += number * co_await value_of(loop, delay, Tracked(2));
  }
  co_return sum;
}
TEST_F(CompilerPins, ARangeForOverWhatWasAwaitedThatAwaitsInItsBody) {
  expected = 12;
  try_out([&](absl::Duration delay) { return range_for(loop, delay); });
}

Task<int> real_options(EventLoop& loop, absl::Duration delay, CallOptions options) {
  const Tracked held;
  co_await sleep_for(loop, delay);
  const StreamOptions stream = options.to_stream_options("/a/b", CallKind::unary_unary, loop.now());
  co_return static_cast<int>(stream.metadata.size() + stream.authority.size());
}
Task<int> call_options_chain(EventLoop& loop, absl::Duration delay) {
  co_return co_await real_options(loop, delay,
                                  CallOptions()
                                      .timeout(absl::Seconds(2))
                                      .metadata("tenant", "a value that is on the heap, surely")
                                      .authority("an authority that is on the heap"));
}
TEST_F(CompilerPins, CallOptionsAsAChainInAnAwaitExpression) {
  expected = 33;
  try_out([&](absl::Duration delay) { return call_options_chain(loop, delay); });
}

}  // namespace
}  // namespace weft::test
