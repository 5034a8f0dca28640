// Messages between Weft and gRPC: nothing that is worth sharing is copied.

#include <string>

#include "call_test.h"

namespace weft::test {
namespace {

inline constexpr StreamStreamMethod<Bytes, Bytes> raw("/weft.test.Echo/StreamStream");

class GrpcBytes : public CallTest {
 protected:
  Bytes echo(const Bytes& bytes) {
    auto call = channel.stream_stream(raw);
    auto answer = run(call.exchange(bytes));
    EXPECT_TRUE(answer) << answer.status();
    return answer ? *answer : Bytes();
  }
  // The answer to a request that was cut into slices.
  std::string payload_of(const Bytes& bytes) {
    EchoResponse response;
    EXPECT_EQ(Codec<EchoResponse>::parse(bytes, response), absl::OkStatus());
    return response.payload();
  }
};

TEST_F(GrpcBytes, AllocatedByTheTransportAreOneWritableSlice) {
  for (const std::size_t size : {1, 23, 24, 100'000}) {
    Bytes bytes = transport->allocate(size);
    EXPECT_EQ(bytes.size(), size);
    EXPECT_EQ(bytes.slice_count(), 1u);
    std::fill_n(bytes.mutable_data(), size, 'x');
    const Bytes copy = bytes;
    EXPECT_EQ(copy, std::string(size, 'x'));
  }
}

TEST_F(GrpcBytes, OfManySlicesArriveWhole) {
  const std::string payload(5000, 'p');
  const std::string coded = request(payload).SerializeAsString();
  const Bytes parts[] = {Bytes::copy_of(coded.substr(0, 10)),
                         Bytes::copy_of(coded.substr(10, 2000)), Bytes(),
                         Bytes::from_string(coded.substr(2010))};
  EXPECT_EQ(payload_of(echo(Bytes::concat(parts))), payload);
}

TEST_F(GrpcBytes, ReceivedCanBeSentOnAndOutliveTheirCall) {
  const std::string payload(300'000, 'q');
  const Bytes received = echo(Bytes::from_string(request(payload).SerializeAsString()));
  EXPECT_EQ(payload_of(received), payload);
  // A response is no request, but its first field is the payload in both.
  const Bytes shared = received;
  EXPECT_EQ(payload_of(shared), payload);
}

}  // namespace
}  // namespace weft::test
