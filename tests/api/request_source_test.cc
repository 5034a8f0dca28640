// Request sources: pulled one by one, half-closed at the end, destroyed with the call.

#include <cstddef>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "call_fixture.h"
#include "tracked.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class RequestSources : public ScriptedCallTest {};

TEST_F(RequestSources, AVectorIsSentInOrderAndHalfClosed) {  // B260, B263
  const std::vector<std::string> requests = {"a", "b"};
  auto call = channel->stream_stream(stream_stream, requests);
  EXPECT_EQ(stream().count("send"), 0);  // from the loop's next turn on (B261)
  stream().open();
  loop.settle();
  EXPECT_THAT(stream().verbs, ElementsAre("start", "status", "send a"));
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(stream().count("send b"), 1);
  EXPECT_EQ(stream().count("close"), 0);
  stream().accept_message();
  loop.settle();
  EXPECT_THAT(stream().verbs, ElementsAre("start", "status", "send a", "send b", "close"));
  EXPECT_FALSE(call.done());
}

TEST_F(RequestSources, AnEmptySourceHalfClosesAtOnce) {
  auto call = channel->stream_stream(stream_stream, std::vector<std::string>());
  loop.settle();
  EXPECT_THAT(stream().verbs, ElementsAre("start", "status", "close"));
}

AsyncGenerator<std::string> counting(EventLoop& loop, int count, Tracked) {
  for (int i = 0; i < count; ++i) {
    co_await sleep_for(loop, absl::Seconds(1));
    co_yield std::to_string(i);
  }
}

TEST_F(RequestSources, AGeneratorIsPulledWhenTheRequestBeforeWasTaken) {
  auto call = channel->stream_stream(stream_stream, counting(loop, 2, Tracked()));
  stream().open();
  loop.advance(absl::Seconds(5));
  EXPECT_EQ(stream().count("send"), 1);
  stream().accept_message();
  loop.advance(absl::Milliseconds(999));
  EXPECT_EQ(stream().count("send"), 1);
  loop.advance(absl::Milliseconds(1));
  EXPECT_EQ(stream().count("send 1"), 1);
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(stream().count("close"), 1);
}

TEST_F(RequestSources, AreDestroyedWhenTheCallIsCancelled) {  // B268, B269
  auto call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  stream().open();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 1);
  call.cancel();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_FALSE(loop.has_timers());
}

TEST_F(RequestSources, AreDestroyedWhenThePeerEndsTheCall) {
  auto call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  stream().open();
  stream().finish();
  loop.settle();
  EXPECT_TRUE(call.done());
  EXPECT_EQ(Tracked::live(), 0);
}

TEST_F(RequestSources, AreDestroyedWhenTheCallIsDropped) {
  std::optional call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  loop.settle();
  call.reset();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
}

TEST_F(RequestSources, AreDestroyedUnstartedWhenTheCallEndsFirst) {
  auto call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  call.cancel();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
  EXPECT_EQ(stream().count("send"), 0);
}

TEST_F(RequestSources, AreDestroyedWithAWriteUnderWay) {
  auto call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  stream().open();
  loop.advance(absl::Seconds(1));
  EXPECT_EQ(stream().count("send 0"), 1);
  call.cancel();
  loop.settle();
  EXPECT_EQ(Tracked::live(), 0);
}

AsyncGenerator<std::string> throwing_generator(std::string text) {
  co_yield "first";
  throw std::runtime_error(text);
}

TEST_F(RequestSources, AnExceptionCancelsTheCallAndIsInItsDebugString) {  // B264
  auto call = channel->stream_stream(stream_stream, throwing_generator("no more requests"));
  stream().open();
  loop.settle();
  stream().accept_message();
  loop.settle();
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(run(call.status()), IsError(StatusCode::kCancelled, local_cancel_details));
  EXPECT_EQ(run(call.debug_error_string()), "the request source failed: no more requests");
  EXPECT_EQ(stream().count("cancel CANCELLED"), 1);
}

// A range whose second element throws.
class ThrowingRange {
 public:
  class Iterator {
   public:
    using value_type = std::string;
    using difference_type = std::ptrdiff_t;
    const std::string& operator*() const {
      if (index_ > 0) throw 5;
      return text_;
    }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    void operator++(int) { ++index_; }
    bool operator==(std::default_sentinel_t) const { return index_ == 3; }

   private:
    int index_ = 0;
    std::string text_ = "a";
  };
  Iterator begin() { return Iterator(); }
  std::default_sentinel_t end() { return {}; }
};

TEST_F(RequestSources, AnExceptionThatIsNoStdExceptionCancelsTheCallToo) {
  auto call = channel->stream_stream(stream_stream, ThrowingRange());
  stream().open();
  loop.settle();
  stream().accept_message();
  loop.settle();
  EXPECT_EQ(run(call.debug_error_string()),
            "the request source failed: an exception of unknown type");
  EXPECT_EQ(stream().count("send"), 1);
}

absl::StatusOr<Bytes> serialise_some(const std::string& text, BytesAllocator&) {
  if (text == "bad") return absl::InvalidArgumentError("bad request");
  return Bytes::copy_of(text);
}

TEST_F(RequestSources, AnItemThatCannotBeSerialisedEndsTheCallWithInternal) {  // B272
  const StreamStreamMethod<std::string, std::string> method("/test.Echo/Some", &serialise_some);
  auto call = channel->stream_stream(method, std::vector<std::string>{"good", "bad", "unsent"});
  stream().open();
  loop.settle();
  stream().accept_message();
  loop.settle();
  EXPECT_THAT(run(call.status()),
              IsError(StatusCode::kInternal, "cannot serialise the request: bad request"));
  EXPECT_EQ(stream().count("send"), 1);
}

TEST_F(RequestSources, StopQuietlyWhenTheCallEndsDuringAWrite) {
  auto call = channel->stream_unary(stream_unary, std::vector<std::string>{"a", "b", "c"});
  stream().open();
  loop.settle();
  stream().break_off(CallStatus(StatusCode::kUnavailable, "lost"));
  loop.settle();
  EXPECT_THAT(run(call).status(), IsError(StatusCode::kUnavailable, "lost"));
  EXPECT_EQ(stream().count("send"), 1);
  EXPECT_EQ(stream().count("close"), 0);
}

TEST_F(RequestSources, FeedACallWithOneResponse) {
  auto call = channel->stream_unary(stream_unary, std::vector<std::string>{"a"});
  stream().open();
  loop.settle();
  stream().accept_message();
  loop.settle();
  stream().accept_close();
  stream().deliver("sum");
  stream().deliver_end();
  stream().finish();
  EXPECT_EQ(run(call).value(), "sum");
}

TEST_F(RequestSources, ReadsGoOnBesideThem) {
  auto call = channel->stream_stream(stream_stream, counting(loop, 100, Tracked()));
  stream().open();
  stream().deliver("a");
  EXPECT_THAT(run(call.read()), IsMessage("a"));
}

}  // namespace
}  // namespace weft::test
