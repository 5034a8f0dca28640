// Many calls and large messages over real gRPC: right answers, bounded memory.

#include <malloc.h>

#include <string>
#include <vector>

#include "call_test.h"

namespace weft::test {
namespace {

class Load : public CallTest {
 protected:
  // Bytes in use on the heap; 0 where the allocator does not tell (sanitizers).
  static std::size_t heap_bytes() { return ::mallinfo2().uordblks; }
};

TEST_F(Load, AThousandConcurrentCallsGetTheirOwnAnswers) {
  std::vector<UnaryUnaryCall<EchoRequest, EchoResponse>> calls;
  for (int i = 0; i < 1000; ++i) {
    calls.push_back(channel.unary_unary(unary_unary, request(std::to_string(i))));
  }
  for (int i = 0; i < 1000; ++i) {
    const absl::StatusOr<EchoResponse> response = run(calls[i]);
    ASSERT_TRUE(response.ok()) << i << ": " << response.status();
    EXPECT_EQ(response->payload(), std::to_string(i));
  }
}

TEST_F(Load, SixtyFourMebibytesGoEachWay) {
  constexpr std::size_t size = 64 << 20;
  Channel wide(connect(GrpcTransportOptions().receive_bytes_max(size + 1024)), loop);
  std::string payload(size, 'x');
  for (std::size_t i = 0; i < size; i += 4096) payload[i] = static_cast<char>(i >> 12);
  const auto response = run(wide.unary_unary(unary_unary, request(payload)));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(response->payload() == payload);
}

TEST_F(Load, AHundredThousandMessagesComeOnOneStreamInOrder) {
  constexpr int count = 100'000;
  auto call = channel.unary_stream(unary_stream, request("message", count));
  int next = 0;
  bool in_order = true;
  std::size_t early = 0;
  std::size_t late = 0;
  const absl::Status status = run(call.for_each([&](const EchoResponse& message) {
    in_order = in_order && message.index() == next++;
    if (next == 10'000) early = heap_bytes();
    if (next == count - 1) late = heap_bytes();
  }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(next, count);
  EXPECT_TRUE(in_order);
  EXPECT_LT(late, early + (8u << 20));
}

TEST_F(Load, TenThousandCallsInSequenceLeaveNothingBehind) {
  auto call_one = [&](int i) -> Task<bool> {
    const EchoRequest message = request(std::to_string(i));
    auto call = channel.unary_unary(unary_unary, message, CallOptions().timeout(absl::Minutes(5)));
    const absl::StatusOr<EchoResponse> response = co_await std::move(call);
    co_return response.ok() && response->payload() == std::to_string(i);
  };
  std::size_t early = 0;
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(run(call_one(i))) << i;
    if (i == 1000) early = heap_bytes();
  }
  EXPECT_LT(heap_bytes(), early + (1u << 20));
}

}  // namespace
}  // namespace weft::test
