// The four kinds of call, done well, over real gRPC.

#include <string>
#include <vector>

#include "call_test.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class FourKinds : public CallTest {};

TEST_F(FourKinds, UnaryUnaryGivesTheResponse) {
  auto call = channel.unary_unary(unary_unary, request("hello"));
  EXPECT_FALSE(call.done());
  const absl::StatusOr<EchoResponse> response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "hello");
  EXPECT_TRUE(call.done());
  EXPECT_EQ(run(call.code()), StatusCode::kOk);
  EXPECT_EQ(run(call.details()), "");
  EXPECT_EQ(run(call.debug_error_string()), "");
}

TEST_F(FourKinds, UnaryStreamGivesEveryMessageInOrderAndThenTheEnd) {
  auto call = channel.unary_stream(unary_stream, request("m", 5));
  std::vector<int> indices;
  auto read_all = [&]() -> Task<absl::Status> {
    while (auto message = co_await call.read()) indices.push_back(message->index());
    co_return co_await call.status();
  };
  EXPECT_EQ(run(read_all()), absl::OkStatus());
  EXPECT_THAT(indices, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(run(call.read()).is_end());
}

TEST_F(FourKinds, StreamUnaryAnswersOnceForAllRequests) {
  auto call = channel.stream_unary(stream_unary);
  auto write_all = [&]() -> Task<absl::StatusOr<EchoResponse>> {
    for (int i = 0; i < 4; ++i) {
      const EchoRequest message = request("four");
      EXPECT_EQ(co_await call.write(message), absl::OkStatus());
    }
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    co_return co_await call;
  };
  const absl::StatusOr<EchoResponse> response = run(write_all());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 4);
  EXPECT_EQ(response->request_bytes(), 16);
}

TEST_F(FourKinds, StreamStreamPingPongs) {
  auto call = channel.stream_stream(stream_stream);
  auto ping_pong = [&]() -> Task<absl::Status> {
    for (int i = 0; i < 10; ++i) {
      const EchoRequest message = request(std::to_string(i));
      EXPECT_EQ(co_await call.write(message), absl::OkStatus());
      auto answer = co_await call.read();
      if (!answer) co_return answer.status();
      EXPECT_EQ(answer->payload(), std::to_string(i));
    }
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    EXPECT_TRUE((co_await call.read()).is_end());
    co_return co_await call.status();
  };
  EXPECT_EQ(run(ping_pong()), absl::OkStatus());
}

}  // namespace
}  // namespace weft::test
