// A generated client, over real gRPC.

#include <string>
#include <vector>

#include "call_test.h"
#include "echo.weft.pb.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class EchoClientCalls : public CallTest {
 protected:
  const EchoClient client{channel};
};

TEST_F(EchoClientCalls, UnaryUnaryGivesTheResponse) {
  auto call = client.unary_unary(request("hello"));
  const absl::StatusOr<EchoResponse> response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "hello");
}

TEST_F(EchoClientCalls, OptionsGoWithTheCall) {
  auto call = client.unary_unary(silent_request(), CallOptions().timeout(absl::Milliseconds(50)));
  EXPECT_EQ(run(call.code()), StatusCode::kDeadlineExceeded);
}

TEST_F(EchoClientCalls, UnaryStreamGivesEveryMessage) {
  auto call = client.unary_stream(request("m", 3));
  std::vector<int> indices;
  auto read_all = [&]() -> Task<absl::Status> {
    while (auto message = co_await call.read()) indices.push_back(message->index());
    co_return co_await call.status();
  };
  EXPECT_EQ(run(read_all()), absl::OkStatus());
  EXPECT_THAT(indices, ElementsAre(0, 1, 2));
}

TEST_F(EchoClientCalls, StreamUnaryTakesWrites) {
  auto call = client.stream_unary();
  auto write_all = [&]() -> Task<absl::StatusOr<EchoResponse>> {
    const EchoRequest message = request("four");
    EXPECT_EQ(co_await call.write(message), absl::OkStatus());
    EXPECT_EQ(co_await call.write(message), absl::OkStatus());
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    co_return co_await call;
  };
  const absl::StatusOr<EchoResponse> response = run(write_all());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 2);
}

TEST_F(EchoClientCalls, StreamUnaryTakesARequestSource) {
  auto call = client.stream_unary(std::vector<EchoRequest>(3, request("abc")));
  const absl::StatusOr<EchoResponse> response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 3);
  EXPECT_EQ(response->request_bytes(), 9);
}

TEST_F(EchoClientCalls, StreamStreamPingPongs) {
  auto call = client.stream_stream();
  std::vector<std::string> came;
  auto ping_pong = [&]() -> Task<absl::Status> {
    for (int i = 0; i < 3; ++i) {
      const EchoRequest message = request(std::to_string(i));
      EXPECT_EQ(co_await call.write(message), absl::OkStatus());
      auto answer = co_await call.read();
      if (answer) came.push_back(answer->payload());
    }
    EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
    co_return co_await call.status();
  };
  EXPECT_EQ(run(ping_pong()), absl::OkStatus());
  EXPECT_THAT(came, ElementsAre("0", "1", "2"));
}

TEST_F(EchoClientCalls, AStreamOfASourceTakesOptionsAsWell) {
  auto call = client.stream_stream(std::vector<EchoRequest>{silent_request()},
                                   CallOptions().timeout(absl::Milliseconds(50)));
  EXPECT_EQ(run(call.code()), StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace weft::test
