// Requests from a range or a generator, over real gRPC.

#include <stdexcept>
#include <string>
#include <vector>

#include "call_test.h"
#include "weft/api/async_generator.h"
#include "weft/api/sleep.h"
#include "weft/api/usage_error.h"

namespace weft::test {
namespace {

using testing::HasSubstr;

class RequestSource : public CallTest {};

AsyncGenerator<EchoRequest> generate(EventLoop& loop, int count) {
  for (int i = 0; i < count; ++i) {
    co_yield request("ab");
    co_await sleep_for(loop, absl::Milliseconds(1));
  }
}

TEST_F(RequestSource, OfAVectorIsSentWholeAndHalfClosed) {
  const std::vector<EchoRequest> requests(7, request("abc"));
  const auto response = run(channel.stream_unary(stream_unary, requests));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 7);
  EXPECT_EQ(response->request_bytes(), 21);
}

TEST_F(RequestSource, OfAnEmptyRangeHalfClosesAtOnce) {
  const auto response = run(channel.stream_unary(stream_unary, std::vector<EchoRequest>()));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 0);
}

TEST_F(RequestSource, OfAGeneratorMayAwaitBetweenItems) {
  auto call = channel.stream_stream(stream_stream, generate(loop, 5));
  int seen = 0;
  EXPECT_EQ(run(call.for_each([&](const EchoResponse&) { ++seen; })), absl::OkStatus());
  EXPECT_EQ(seen, 5);
}

TEST_F(RequestSource, LeavesNoRoomForWrites) {
  auto call = channel.stream_unary(stream_unary, generate(loop, 1));
  const absl::Status refused = run(call.write(request("x")));
  EXPECT_TRUE(is_usage_error(refused)) << refused;
  EXPECT_EQ(refused.message(), mixed_styles_text);
  EXPECT_TRUE(run(std::move(call)).ok());
}

AsyncGenerator<EchoRequest> generate_and_throw() {
  co_yield request("x");
  throw std::runtime_error("the tape is torn");
}

TEST_F(RequestSource, ThatThrowsCancelsTheCallAndIsToldInTheDebugString) {
  auto call = channel.stream_unary(stream_unary, generate_and_throw());
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kCancelled));
  EXPECT_EQ(run(call.details()), local_cancel_details);
  EXPECT_THAT(run(call.debug_error_string()).value(), HasSubstr("the tape is torn"));
}

class SetOnDestruction {
 public:
  explicit SetOnDestruction(bool& flag) : flag_(&flag) {}
  SetOnDestruction(SetOnDestruction&& other) noexcept
      : flag_(std::exchange(other.flag_, nullptr)) {}
  ~SetOnDestruction() {
    if (flag_ != nullptr) *flag_ = true;
  }

 private:
  bool* flag_;
};

AsyncGenerator<EchoRequest> wait_for_ever(EventLoop& loop, SetOnDestruction) {
  co_yield failing_request(StatusCode::kNotFound, "stop");
  co_await sleep_for(loop, absl::Hours(1));
}

TEST_F(RequestSource, IsDestroyedWhenThePeerEndsTheCall) {
  bool destroyed = false;
  auto call =
      channel.stream_stream(stream_stream, wait_for_ever(loop, SetOnDestruction(destroyed)));
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kNotFound));
  while (!destroyed) loop.run_one();
}

TEST_F(RequestSource, IsLeftAloneByAnEarlyAnswer) {
  EchoRequest first = request("early");
  first.set_answer_now(true);
  const auto response = run(channel.stream_unary(stream_unary, std::vector<EchoRequest>(3, first)));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "early");
}

}  // namespace
}  // namespace weft::test
