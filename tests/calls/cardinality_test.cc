// Peers that break the law of one response, over real gRPC.

#include "call_test.h"

namespace weft::test {
namespace {

using Method = UnaryUnaryMethod<EchoRequest, EchoResponse>;
using StreamMethod = StreamUnaryMethod<EchoRequest, EchoResponse>;

class ResponseCardinality : public CallTest {};

TEST_F(ResponseCardinality, TwoResponsesAreUnimplementedAndNoHang) {
  static constexpr Method two("/weft.test.Raw/TwoResponses");
  EXPECT_THAT(run(channel.unary_unary(two, request("x"))).status(),
              HasCode(StatusCode::kUnimplemented));
}

TEST_F(ResponseCardinality, TwoResponsesToAStreamOfRequestsAreUnimplementedAndNoHang) {
  static constexpr StreamMethod two("/weft.test.Raw/TwoResponses");
  auto call = channel.stream_unary(two);
  EXPECT_EQ(run(call.write(request("x"))), absl::OkStatus());
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kUnimplemented));
}

// In one batch with the status a second response cannot be looked for; the deadline ends the call.
TEST_F(ResponseCardinality, TwoResponsesEndAtTheDeadlineIfThereIsOne) {
  static constexpr Method two("/weft.test.Raw/TwoResponses");
  EXPECT_THAT(
      run(channel.unary_unary(two, request("x"), CallOptions().timeout(absl::Milliseconds(100))))
          .status(),
      HasCode(StatusCode::kDeadlineExceeded));
}

TEST_F(ResponseCardinality, NoResponseIsUnimplemented) {
  static constexpr Method none("/weft.test.Raw/NoResponse");
  EXPECT_THAT(run(channel.unary_unary(none, request("x"))).status(),
              HasCode(StatusCode::kUnimplemented));
  EXPECT_THAT(run(channel.unary_unary(none, request("x"), CallOptions().timeout(absl::Seconds(60))))
                  .status(),
              HasCode(StatusCode::kUnimplemented));
}

TEST_F(ResponseCardinality, AResponseThatIsNotOneIsInternal) {
  static constexpr Method garbage("/weft.test.Raw/Garbage");
  auto call = channel.unary_unary(garbage, request("x"));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(run(call.details()), testing::HasSubstr("weft.test.EchoResponse"));
}

TEST_F(ResponseCardinality, AMessageThatIsNotOneEndsTheStreamWithInternal) {
  static constexpr UnaryStreamMethod<EchoRequest, EchoResponse> garbage("/weft.test.Raw/Garbage");
  auto call = channel.unary_stream(garbage, request("x"));
  EXPECT_THAT(run(call.read()).status(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kInternal));
}

TEST_F(ResponseCardinality, EmptyMessagesAreMessages) {
  EXPECT_TRUE(run(channel.unary_unary(unary_unary, EchoRequest())).ok());
  static constexpr StreamStreamMethod<EchoRequest, Bytes> raw("/weft.test.Echo/StreamStream");
  EchoRequest empty;
  empty.set_response_count(1);
  auto call = channel.stream_stream(raw);
  for (int i = 0; i < 5; ++i) {
    auto answer = run(call.exchange(empty));
    EXPECT_TRUE(answer) << answer.status();
  }
}

}  // namespace
}  // namespace weft::test
