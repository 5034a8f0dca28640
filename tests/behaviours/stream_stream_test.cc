// A stream of requests, a stream of responses.

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "behaviour.h"
#include "rest_of_stream.h"
#include "weft/api/async_generator.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using EchoTalk = StreamStreamMethod<EchoRequest, EchoResponse>;
using TalkCall = StreamStreamCall<EchoRequest, EchoResponse>;
using EchoResult = ReadResult<EchoResponse>;

constexpr EchoTalk throws("/weft.test.Raw/Throws");
constexpr EchoTalk ends_early("/weft.test.Raw/NoResponse");
constexpr EchoTalk nowhere_served("/weft.test.Echo/Nothing");
constexpr StreamStreamMethod<Bytes, Bytes> empty("/weft.test.Raw/Empty");

const std::vector<std::string> a_and_b = {"a", "b"};

// "failed", or what one read gave.
Task<std::string> read_one(TalkCall call) {
  const EchoResult result = co_await call.read();
  co_return result ? result->payload() : std::string("failed");
}

Task<absl::Status> write(TalkCall call, EchoRequest message) {
  co_return co_await call.write(message);
}

AsyncGenerator<EchoRequest> generate(std::vector<std::string> payloads) {
  for (const std::string& payload : payloads) co_yield request(payload);
}

// --- every style of request with every style of response ---

BEHAVIOUR(StreamStream, WritesAndReadsTakeTurns, "B140") {
  auto call = setting.channel().stream_stream(stream_stream);
  for (const std::string& payload : a_and_b) {
    EXPECT_EQ(co_await call.write(request(payload)), absl::OkStatus());
    EXPECT_EQ(co_await read_one(call), payload);
  }
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR(StreamStream, AGeneratorIsAnsweredByIteration, "B141") {
  auto call = setting.channel().stream_stream(stream_stream, generate(a_and_b));
  const Rest all = co_await iterate(call);
  EXPECT_EQ(all.payloads, a_and_b);
  EXPECT_EQ(all.status, absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR(StreamStream, AVectorIsAnsweredByIteration, "B142") {
  const std::vector<EchoRequest> requests = {request("a"), request("b")};
  auto call = setting.channel().stream_stream(stream_stream, requests);
  const Rest all = co_await iterate(call);
  EXPECT_EQ(all.payloads, a_and_b);
  EXPECT_EQ(all.status, absl::OkStatus());
}

BEHAVIOUR(StreamStream, AGeneratorIsAnsweredByReadsAndThenTheEndForEver, "B143 B149") {
  auto call = setting.channel().stream_stream(stream_stream, generate(a_and_b));
  const Rest all = co_await read_all(call);
  EXPECT_EQ(all.payloads, a_and_b);
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE((co_await call.read()).is_end());
}

BEHAVIOUR(StreamStream, WrittenRequestsAreAnsweredByIteration, "B144 B149") {
  auto call = setting.channel().stream_stream(stream_stream);
  for (const std::string& payload : a_and_b) {
    EXPECT_EQ(co_await call.write(request(payload)), absl::OkStatus());
  }
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const Rest all = co_await iterate(call);
  EXPECT_EQ(all.payloads, a_and_b);
  EXPECT_EQ(all.status, absl::OkStatus());
}

BEHAVIOUR(StreamStream, ReadsMayComeWhenAllIsWritten, "B144") {
  auto call = setting.channel().stream_stream(stream_stream);
  for (const std::string& payload : a_and_b) {
    EXPECT_EQ(co_await call.write(request(payload)), absl::OkStatus());
  }
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const Rest all = co_await read_all(call);
  EXPECT_EQ(all.payloads, a_and_b);
  EXPECT_EQ(all.status, absl::OkStatus());
}

BEHAVIOUR(StreamStream, EmptyMessagesGoBothWays, "B145") {
  auto call = setting.channel().stream_stream(empty);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(co_await call.write(Bytes()), absl::OkStatus());
    const ReadResult<Bytes> answer = co_await call.read();
    EXPECT_TRUE(answer) << answer.status();
    if (answer) {
      EXPECT_TRUE(answer->empty());
    }
  }
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR(StreamStream, AHalfCloseWithoutARequestEndsWithOkAndWithoutARead, "B146") {
  auto call = setting.channel().stream_stream(stream_stream);
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_TRUE((co_await call.read()).is_end());
}

BEHAVIOUR(StreamStream, AHalfCloseEndsTheWritesAndNotTheReads, "B147") {
  auto call = setting.channel().stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("a", 2)), absl::OkStatus());
  EXPECT_EQ(co_await read_one(call), "a");
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_THAT(co_await call.write(request("b")), IsUsageError(half_closed_text));
  EXPECT_EQ(co_await read_one(call), "a");
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

// --- both ways at once ---

BEHAVIOUR(StreamStream, AReadAndAWriteMayBeUnderWayTogether, "B148 R1-49") {
  auto call = setting.channel().stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  auto both = when_all(read_one(call), write(call, request("b")));
  const auto [read, written] = co_await std::move(both);
  EXPECT_EQ(read, "a");
  EXPECT_EQ(written, absl::OkStatus());
  EXPECT_EQ(co_await read_one(call), "b");
}

BEHAVIOUR(StreamStream, AReadMayComeBeforeAnythingIsWritten, "B156") {
  auto call = setting.channel().stream_stream(stream_stream);
  auto both = when_all(read_one(call), write(call, request("a")));
  const auto [read, written] = co_await std::move(both);
  EXPECT_EQ(read, "a");
  EXPECT_EQ(written, absl::OkStatus());
}

BEHAVIOUR(StreamStream, AnExchangeIsAWriteAndARead, "B140 B148") {
  auto call = setting.channel().stream_stream(stream_stream);
  for (const std::string& payload : a_and_b) {
    const EchoResult answer = co_await call.exchange(request(payload));
    EXPECT_EQ(answer ? answer->payload() : "failed", payload);
  }
}

BEHAVIOUR(StreamStream, AHalfCloseDoesNotOvertakeTheWriteBeforeIt, "B125 R1-50 R2-31") {
  auto call = setting.channel().stream_stream(stream_stream);
  auto both = when_all(write(call, request("a")), call.done_writing());
  const auto [written, closed] = co_await std::move(both);
  EXPECT_EQ(written, absl::OkStatus());
  EXPECT_EQ(closed, absl::OkStatus());
  const Rest all = co_await read_all(call);
  EXPECT_THAT(all.payloads, ElementsAre("a"));
  EXPECT_EQ(all.status, absl::OkStatus());
}

// --- ends that the server makes ---

BEHAVIOUR(StreamStream, AHandlerThatThrowsShowsWithoutARead, "B150") {
  auto call = setting.channel().stream_stream(throws);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kUnknown);
  EXPECT_THAT(co_await call.details(), HasSubstr("the handler threw"));
}

BEHAVIOUR(StreamStream, TheCodeThatTheServerSetIsTheOutcome, "B151") {
  auto call = setting.channel().stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(failing_request(StatusCode::kDataLoss, "ink")), absl::OkStatus());
  const Rest all = co_await read_all(call);
  EXPECT_THAT(all.payloads, IsEmpty());
  EXPECT_THAT(all.status, IsError(StatusCode::kDataLoss, "ink"));
  EXPECT_EQ(co_await call.code(), StatusCode::kDataLoss);
}

BEHAVIOUR(StreamStream, EveryAnswerBeforeTheServersErrorIsDelivered, "B152 R1-36") {
  auto call = setting.channel().stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  EXPECT_EQ(co_await call.write(failing_request(StatusCode::kUnknown, "torn", 1)),
            absl::OkStatus());
  const Rest all = co_await read_all(call);
  EXPECT_THAT(all.payloads, ElementsAre("a", ""));
  EXPECT_THAT(all.status, IsError(StatusCode::kUnknown, "torn"));
}

BEHAVIOUR(StreamStream, AServerThatStopsEndsAnOpenStreamAsUnavailable, "B153") {
  const auto server = setting.start_server();
  Channel channel(setting.transport_to(*server), setting.loop());
  auto call = channel.stream_stream(stream_stream);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  EXPECT_EQ(co_await read_one(call), "a");
  server->stop(absl::ZeroDuration());
  EXPECT_EQ(co_await call.code(), StatusCode::kUnavailable);
}

BEHAVIOUR(StreamStream, AnEarlyOkIsTheEndForReadsAndForWrites, "B154") {
  auto call = setting.channel().stream_stream(ends_early);
  EXPECT_EQ(co_await call.write(request("a")), absl::OkStatus());
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_THAT(co_await call.write(request("b")), IsUsageError(already_finished_text));
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
}

// Whichever operation the end meets, it says how the call ended, or that it is over.
Task<> write_to_nobody(Setting& setting, TalkCall call) {
  for (int i = 0; i < 2; ++i) {
    const bool done = call.done();
    const absl::Status written = co_await call.write(request("a"));
    if (done) {
      EXPECT_THAT(written, IsUsageError(already_finished_text));
    } else if (!written.ok()) {
      EXPECT_THAT(written, HasCode(StatusCode::kUnimplemented));
    }
    setting.sometimes("a write was taken", written.ok());
    setting.sometimes("a write met the end", !done && !written.ok());
    setting.sometimes("the end was first", done);
  }
  const EchoResult read = co_await call.read();
  EXPECT_THAT(read.status(), HasCode(StatusCode::kUnimplemented));
}

BEHAVIOUR(StreamStream, TheServersErrorIsNeverReplacedByAFailedWrite,
          "B155 R1-01 R2-04 R2-05 R2-30") {
  const int calls = setting.simulated() ? 1 : 200;
  for (int i = 0; i < calls; ++i) {
    auto call = setting.channel().stream_stream(nowhere_served);
    co_await write_to_nobody(setting, call);
    EXPECT_EQ(co_await call.code(), StatusCode::kUnimplemented);
  }
}

}  // namespace
}  // namespace weft::test
