// What calls cost in batches of gRPC core (D19, D20).

#include "call_test.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

class Batches : public CallTest {
 protected:
  template <class Body>
  std::uint64_t started_by(Body body) {
    const std::uint64_t before = loop.batches_started();
    body();
    return loop.batches_started() - before;
  }
};

TEST_F(Batches, OfAUnaryCallWithADeadlineAreOne) {
  EXPECT_EQ(started_by([&] {
              EXPECT_TRUE(run(channel.unary_unary(unary_unary, request("x"),
                                                  CallOptions().timeout(absl::Minutes(1))))
                              .ok());
            }),
            1u);
}

TEST_F(Batches, OfAUnaryCallWithoutADeadlineAreTwoUnlessTheStatusIsLate) {
  EXPECT_LE(
      started_by([&] { EXPECT_TRUE(run(channel.unary_unary(unary_unary, request("x"))).ok()); }),
      3u);
}

TEST_F(Batches, OfAnExchangeAreOne) {
  auto call = channel.stream_stream(stream_stream);
  EXPECT_TRUE(run(call.exchange(request("first"))));
  EXPECT_EQ(started_by([&] {
              for (int i = 0; i < 10; ++i) EXPECT_TRUE(run(call.exchange(request("x"))));
            }),
            10u);
}

TEST_F(Batches, OfAWriteAndThenAReadAreTwo) {
  auto call = channel.stream_stream(stream_stream);
  EXPECT_TRUE(run(call.exchange(request("first"))));
  EXPECT_EQ(started_by([&] {
              EXPECT_EQ(run(call.write(request("x"))), absl::OkStatus());
              EXPECT_TRUE(run(call.read()));
            }),
            2u);
}

// A reader and a writer that know nothing of each other must not be tied together, or a server that
// wants two requests for an answer would never get the second.
TEST_F(Batches, OfAReaderAndAWriterApartDoNotWaitForEachOther) {
  auto call = channel.stream_unary(stream_unary);
  auto both = channel.stream_stream(stream_stream);
  auto reader = [&]() -> Task<bool> { co_return bool(co_await both.read()); };
  auto writer = [&]() -> Task<absl::Status> {
    const EchoRequest unanswered = request("no answer to this", 0);
    const EchoRequest answered = request("one to this", 1);
    const absl::Status first = co_await both.write(unanswered);
    if (!first.ok()) co_return first;
    co_return co_await both.write(answered);
  };
  const auto [got, written] = run(when_all(reader(), writer()));
  EXPECT_TRUE(got);
  EXPECT_EQ(written, absl::OkStatus());
}

TEST_F(Batches, OfAStreamedMessageAreOne) {
  auto call = channel.unary_stream(unary_stream, request("x", 50));
  EXPECT_TRUE(run(call.read()));
  EXPECT_EQ(started_by([&] {
              for (int i = 0; i < 40; ++i) EXPECT_TRUE(run(call.read()));
            }),
            40u);
}

}  // namespace
}  // namespace weft::test
