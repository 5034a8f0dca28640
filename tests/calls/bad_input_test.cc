// Bad input over real gRPC: each piece gets an error that names what was wrong, and the channel
// stays usable.

#include <string>
#include <vector>

#include "call_test.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_all.h"

namespace weft::test {

// A message type that refuses to be serialised.
class Unserialisable {};

}  // namespace weft::test

template <>
struct weft::Codec<weft::test::Unserialisable> {
  static absl::StatusOr<Bytes> serialize(const weft::test::Unserialisable&, BytesAllocator&) {
    return absl::InvalidArgumentError("a knot in the wire");
  }
};

namespace weft::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadInput : public CallTest {
 protected:
  // Whatever went wrong before, the channel goes on.
  void TearDown() override {
    const auto response = run(channel.unary_unary(unary_unary, request("still here")));
    if (channel.closed()) return;
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->payload(), "still here");
  }
};

TEST_F(BadInput, AnIllegalHeaderNameEndsTheCallBeforeItStarts) {
  auto call =
      channel.unary_unary(unary_unary, request("x"), CallOptions().metadata("Upper Case", "value"));
  EXPECT_TRUE(call.done());
  const absl::Status status = run(call.status());
  EXPECT_THAT(status, HasCode(StatusCode::kInternal));
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("Upper Case"), HasSubstr("0x55")));
  EXPECT_EQ(call.outcome()->progress, Progress::never_left);
}

TEST_F(BadInput, AnIllegalHeaderValueEndsEveryKindOfCall) {
  const auto with_newline = [] { return CallOptions().metadata("key", "two\nlines"); };
  auto unary = channel.unary_stream(unary_stream, request("x"), with_newline());
  auto writer = channel.stream_unary(stream_unary, with_newline());
  auto both = channel.stream_stream(stream_stream, with_newline());
  EXPECT_THAT(run(unary.read()).status(), HasCode(StatusCode::kInternal));
  EXPECT_TRUE(is_usage_error(run(writer.write(request("x")))));
  EXPECT_THAT(run(writer).status(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(run(both.wait_for_connection()), HasCode(StatusCode::kInternal));
  EXPECT_THAT(std::string(run(both.status()).message()), HasSubstr("0x0a at position 3"));
}

TEST_F(BadInput, AReservedHeaderIsRefused) {
  auto call =
      channel.unary_unary(unary_unary, request("x"), CallOptions().metadata("grpc-timeout", "1S"));
  EXPECT_THAT(std::string(run(call.status()).message()), HasSubstr("reserved"));
}

TEST_F(BadInput, AnOversizedRequestIsResourceExhausted) {
  Channel small(connect(GrpcTransportOptions().send_bytes_max(100)), loop);
  const auto response = run(small.unary_unary(unary_unary, request(std::string(200, 'x'))));
  EXPECT_THAT(response.status(), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("100"));
  EXPECT_TRUE(run(small.unary_unary(unary_unary, request("ok"))).ok());
}

TEST_F(BadInput, AnOversizedResponseIsResourceExhaustedAfterTheOnesThatFit) {
  Channel small(connect(GrpcTransportOptions().receive_bytes_max(100)), loop);
  auto call = small.stream_stream(stream_stream);
  auto converse = [&]() -> Task<absl::Status> {
    EchoRequest message = request("fits");
    (void)co_await call.write(message);
    EXPECT_TRUE(bool(co_await call.read()));
    message.set_response_bytes(1000);
    (void)co_await call.write(message);
    auto result = co_await call.read();
    co_return result.status();
  };
  const absl::Status status = run(converse());
  EXPECT_THAT(status, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(status.message()), HasSubstr("100"));
}

TEST_F(BadInput, AnUnknownMethodIsUnimplemented) {
  static constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> unknown("/weft.test.Echo/Nothing");
  auto call = channel.unary_unary(unknown, request("x"));
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kUnimplemented));
  EXPECT_EQ(run(call.details()), "Method not found!");
}

TEST_F(BadInput, AClosedChannelRefusesCallsAtOnce) {
  run(channel.close());
  auto call = channel.stream_stream(stream_stream);
  EXPECT_TRUE(call.done());
  const absl::Status status = run(call.status());
  EXPECT_TRUE(is_usage_error(status));
  EXPECT_EQ(status.message(), channel_closed_text);
}

TEST_F(BadInput, ASecondConcurrentReadIsRefusedAndTheFirstGoesOn) {
  auto call = channel.stream_stream(stream_stream);
  std::string first;
  absl::Status second;
  auto reader = [&]() -> Task<> {
    auto message = co_await call.read();
    if (message) first = message->payload();
  };
  auto intruder = [&]() -> Task<> {
    auto message = co_await call.read();
    second = message.status();
    const EchoRequest answer = request("for the first");
    (void)co_await call.write(answer);
  };
  run(when_all(reader(), intruder()));
  EXPECT_TRUE(is_usage_error(second));
  EXPECT_THAT(std::string(second.message()), HasSubstr("read is already in progress"));
  EXPECT_EQ(first, "for the first");
}

TEST_F(BadInput, ASecondConcurrentWriteIsRefusedAndTheFirstGoesOn) {
  auto call = channel.stream_unary(stream_unary);
  const auto [first, second] =
      run(when_all(call.write(request("first")), call.write(request("second"))));
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_TRUE(is_usage_error(second));
  EXPECT_THAT(std::string(second.message()), HasSubstr("write is already in progress"));
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  const auto response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 1);
}

TEST_F(BadInput, AWriteAfterHalfCloseIsRefusedAndTheResponseStillComes) {
  auto call = channel.stream_unary(stream_unary);
  const auto [closed, refused] = run(when_all(call.done_writing(), call.write(request("late"))));
  EXPECT_EQ(closed, absl::OkStatus());
  EXPECT_TRUE(is_usage_error(refused));
  EXPECT_EQ(refused.message(), half_closed_text);
  EXPECT_TRUE(run(call).ok());
  EXPECT_EQ(run(call.write(request("later"))).message(), already_finished_text);
}

TEST_F(BadInput, ARequestThatCannotBeSerialisedIsNeverSent) {
  static constexpr UnaryUnaryMethod<Unserialisable, EchoResponse> method(
      "/weft.test.Echo/UnaryUnary");
  auto call = channel.unary_unary(method, Unserialisable());
  EXPECT_TRUE(call.done());
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(run(call.details()), HasSubstr("a knot in the wire"));
}

TEST_F(BadInput, AMessageThatCannotBeSerialisedIsNotWrittenAndTheCallGoesOn) {
  static constexpr StreamUnaryMethod<Unserialisable, EchoResponse> method(
      "/weft.test.Echo/StreamUnary");
  auto call = channel.stream_unary(method);
  EXPECT_THAT(run(call.write(Unserialisable())), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  const auto response = run(call);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->request_count(), 0);
}

TEST_F(BadInput, AnExpiredDeadlineEndsEveryKindOfCall) {
  const auto expired = [] { return CallOptions().timeout(absl::ZeroDuration()); };
  EXPECT_THAT(run(channel.unary_unary(unary_unary, request("x"), expired())).status(),
              HasCode(StatusCode::kDeadlineExceeded));
  auto stream = channel.unary_stream(unary_stream, request("x"), expired());
  EXPECT_THAT(run(stream.read()).status(), HasCode(StatusCode::kDeadlineExceeded));
  auto writer = channel.stream_unary(stream_unary, CallOptions().timeout(-absl::Seconds(5)));
  EXPECT_THAT(run(writer).status(), HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(run(writer.details()), "Deadline Exceeded");
  EXPECT_EQ(writer.time_remaining(), absl::ZeroDuration());
}

TEST_F(BadInput, CallCredentialsNeedASecureChannel) {
  class Token final : public CallCredentials {
    void fetch(const Request&, Done done) override { std::move(done)(Metadata()); }
  };
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions().credentials(std::make_shared<Token>()));
  const absl::Status status = run(call.status());
  EXPECT_TRUE(is_usage_error(status));
  EXPECT_EQ(status.message(), insecure_credentials_text);
}

TEST(TransportOptions, ThatMakeNoSenseAreNamed) {
  const auto message = [](const GrpcTransportOptions& options) {
    return std::string(GrpcTransport::create("localhost:1", options).status().message());
  };
  EXPECT_THAT(message(GrpcTransportOptions().keepalive(absl::ZeroDuration(), absl::Seconds(1))),
              HasSubstr("keepalive"));
  EXPECT_THAT(message(GrpcTransportOptions().receive_bytes_max(std::size_t{1} << 40)),
              HasSubstr("receive_bytes_max"));
  EXPECT_THAT(message(GrpcTransportOptions().tls(TlsOptions().identity("key only", ""))),
              HasSubstr("certificate chain"));
  EXPECT_THAT(message(GrpcTransportOptions().reconnect_backoff(absl::Seconds(2), absl::Seconds(1))),
              HasSubstr("reconnect_backoff"));
  EXPECT_THAT(std::string(GrpcTransport::create("").status().message()), HasSubstr("target"));
}

}  // namespace
}  // namespace weft::test
