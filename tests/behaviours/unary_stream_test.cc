// One request, a stream of responses.

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "behaviour.h"
#include "broken_codecs.h"
#include "rest_of_stream.h"
#include "weft/api/when_all.h"

namespace weft::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using EchoTeller = UnaryStreamMethod<EchoRequest, EchoResponse>;
using TellCall = UnaryStreamCall<EchoRequest, EchoResponse>;
using EchoResult = ReadResult<EchoResponse>;

constexpr EchoTeller tell_garbage("/weft.test.Raw/Garbage");
constexpr UnaryStreamMethod<EchoRequest, Bytes> five_empty("/weft.test.Raw/FiveEmpty");

// --- reading ---

BEHAVIOUR(UnaryStream, IterationGivesEveryMessageInOrder, "B070") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  const Rest all = co_await iterate(call);
  EXPECT_THAT(all.indices, ElementsAre(0, 1, 2));
  EXPECT_EQ(all.status, absl::OkStatus());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR(UnaryStream, ReadsGiveEveryMessageAndThenTheEndForEver, "B071 B076") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  const Rest all = co_await read_all(call);
  EXPECT_THAT(all.indices, ElementsAre(0, 1, 2));
  for (int i = 0; i < 2; ++i) {
    const EchoResult end = co_await call.read();
    EXPECT_TRUE(end.is_end()) << end.status();
    EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  }
}

BEHAVIOUR(UnaryStream, AnEmptyMessageIsNotTheEnd, "B072 B073") {
  auto call = setting.channel().unary_stream(five_empty, request("m"));
  for (int i = 0; i < 5; ++i) {
    const ReadResult<Bytes> message = co_await call.read();
    EXPECT_TRUE(message) << message.status();
    EXPECT_FALSE(message.is_end());
    if (message) {
      EXPECT_TRUE(message->empty());
    }
  }
  const ReadResult<Bytes> end = co_await call.read();
  EXPECT_FALSE(end);
  EXPECT_TRUE(end.is_end());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
}

BEHAVIOUR(UnaryStream, MessagesBeforeAnErrorAreAllDelivered, "B074 B076 R1-36") {
  const EchoRequest failing = failing_request(StatusCode::kNotFound, "no such room", 3);
  auto read = setting.channel().unary_stream(unary_stream, failing);
  const Rest by_reading = co_await read_all(read);
  EXPECT_THAT(by_reading.indices, ElementsAre(0, 1, 2));
  EXPECT_THAT(by_reading.status, IsError(StatusCode::kNotFound, "no such room"));
  const EchoResult again = co_await read.read();
  EXPECT_EQ(again.status(), by_reading.status);
}

BEHAVIOUR(UnaryStream, MessagesBeforeAnErrorAreAllIteratedOver, "B074 R1-36") {
  auto call = setting.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kNotFound, "no such room", 3));
  const Rest all = co_await iterate(call);
  EXPECT_THAT(all.indices, ElementsAre(0, 1, 2));
  EXPECT_THAT(all.status, IsError(StatusCode::kNotFound, "no such room"));
}

BEHAVIOUR(UnaryStream, WhereNobodyListensTheFirstStepIsUnavailable, "B075") {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.unary_stream(unary_stream, request("m"));
  const Rest nothing = co_await iterate(call);
  EXPECT_THAT(nothing.indices, IsEmpty());
  EXPECT_THAT(nothing.status, HasCode(StatusCode::kUnavailable));
  EXPECT_TRUE(call.done());
}

BEHAVIOUR(UnaryStream, ACancelledCallFailsEveryRead, "B076") {
  auto call = setting.channel().unary_stream(unary_stream, request("m"));
  EXPECT_TRUE(call.cancel());
  for (int i = 0; i < 2; ++i) {
    const EchoResult read = co_await call.read();
    EXPECT_THAT(read.status(), IsLocalCancel());
  }
}

BEHAVIOUR(UnaryStream, AReadMayWaitForTheStartAndTheHeaders, "B077") {
  auto call = setting.channel().unary_stream(unary_stream, request("m"));
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const EchoResult read = co_await call.read();
  if (!read) {
    EXPECT_THAT(read.status(), IsLocalCancel());
  }
  setting.sometimes("a message came", bool{read});
  setting.sometimes("the cancel ended it", !read);
}

// Attempts to connect go on for ever.
BEHAVIOUR(UnaryStream, AReadThatWaitsForTheConnectionEndsWithACancel, "B077",
          ::weft::sim::ExploreOptions().deviations(4)) {
  Channel nowhere(setting.unreachable(), setting.loop());
  auto call = nowhere.unary_stream(unary_stream, request("m"), CallOptions().wait_for_ready());
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const EchoResult read = co_await call.read();
  EXPECT_THAT(read.status(), IsLocalCancel());
}

// --- iterating again ---

BEHAVIOUR(UnaryStream, AllIteratorsAreTheSameIteration, "B078") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  auto one = call.responses();
  auto other = call.responses();
  const EchoResult first = co_await one.next();
  const EchoResult second = co_await other.next();
  const EchoResult third = co_await one.next();
  EXPECT_EQ(first ? first->index() : -1, 0);
  EXPECT_EQ(second ? second->index() : -1, 1);
  EXPECT_EQ(third ? third->index() : -1, 2);
}

BEHAVIOUR(UnaryStream, IterationAfterAnErrorFailsAgain, "B079 R2-13") {
  auto call = setting.channel().unary_stream(
      unary_stream, failing_request(StatusCode::kNotFound, "no such room", 1));
  const Rest first = co_await iterate(call);
  for (int i = 0; i < 2; ++i) {
    const Rest again = co_await iterate(call);
    EXPECT_THAT(again.indices, IsEmpty());
    EXPECT_THAT(again.status, IsError(StatusCode::kNotFound, "no such room"));
  }
}

BEHAVIOUR(UnaryStream, IterationAfterTheEndOrACancelGivesThatAgain, "B079 R2-13") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 1));
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const Rest first = co_await iterate(call);
  EXPECT_THAT(first.status, AnyOf(absl::OkStatus(), IsLocalCancel()));
  const Rest again = co_await iterate(call);
  EXPECT_THAT(again.indices, IsEmpty());
  EXPECT_EQ(again.status, first.status);
  setting.sometimes("it was cancelled", !first.status.ok());
  setting.sometimes("it was not", first.status.ok());
}

// An iterator is a view of its call: what it stands for is the handle, which is still there.
BEHAVIOUR(UnaryStream, LeavingALoopLeavesTheCallAloneAndAnotherGoesOn, "B078 B080 B081 R2-14") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  {
    auto responses = call.responses();
    const EchoResult first = co_await responses.next();
    EXPECT_EQ(first ? first->index() : -1, 0);
  }
  EXPECT_FALSE(call.done()) << "messages are unread";
  const Rest rest = co_await iterate(call);
  EXPECT_THAT(rest.indices, ElementsAre(1, 2));
  EXPECT_EQ(rest.status, absl::OkStatus());
}

BEHAVIOUR(UnaryStream, ACancelInsideTheLoopDropsWhatWasNotRead, "B082") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 3));
  auto responses = call.responses();
  const EchoResult first = co_await responses.next();
  EXPECT_TRUE(first);
  EXPECT_TRUE(call.cancel());
  const EchoResult next = co_await responses.next();
  EXPECT_THAT(next.status(), IsLocalCancel());
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
}

// --- reading twice at once ---

Task<absl::Status> step(TellCall call) {
  const EchoResult result = co_await call.responses().next();
  co_return result.status();
}

Task<absl::Status> read_one(TellCall call) {
  const EchoResult result = co_await call.read();
  co_return result.status();
}

BEHAVIOUR(UnaryStream, ASecondReadAtTheSameTimeIsRefusedAndLosesNothing, "B083 R1-49 R2-11") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 2));
  auto both = when_all(read_one(call), read_one(call));
  const auto [first, second] = co_await std::move(both);
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_TRUE(is_usage_error(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr("read is already in progress"));
  const Rest rest = co_await read_all(call);
  EXPECT_THAT(rest.indices, ElementsAre(1));
  EXPECT_EQ(rest.status, absl::OkStatus());
}

// The same rule as for reads: nobody has to guess which loop gets which message.
BEHAVIOUR(UnaryStream, ASecondIterationAtTheSameTimeIsRefusedAndLosesNothing, "B084") {
  auto call = setting.channel().unary_stream(unary_stream, request("m", 2));
  auto both = when_all(step(call), step(call));
  const auto [first, second] = co_await std::move(both);
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_TRUE(is_usage_error(second)) << second;
  const Rest rest = co_await iterate(call);
  EXPECT_THAT(rest.indices, ElementsAre(1));
  EXPECT_EQ(rest.status, absl::OkStatus());
}

// --- failing in the middle ---

BEHAVIOUR(UnaryStream, AMessageAboveTheLimitIsResourceExhausted, "B085") {
  const EchoRequest wanted = request(std::string(100, 'm'), 2);
  auto unlimited = setting.channel().unary_stream(unary_stream, wanted);
  const EchoResult sample = co_await unlimited.read();
  EXPECT_TRUE(sample);
  unlimited.discard();
  EXPECT_EQ(co_await unlimited.code(), StatusCode::kOk);

  // The second message is longer by its index, which is not zero.
  const std::size_t limit = sample ? sample->ByteSizeLong() : 0;
  Channel channel(setting.transport(TransportWishes().receive_bytes_max(limit)), setting.loop());
  auto call = channel.unary_stream(unary_stream, wanted);
  const Rest all = co_await read_all(call);
  EXPECT_THAT(all.indices, ElementsAre(0));
  EXPECT_THAT(all.status, HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(all.status.message()), HasSubstr(std::to_string(limit)));
  EXPECT_EQ(co_await call.code(), StatusCode::kResourceExhausted);
}

Task<> stop_now(TestServer& server) {
  server.stop(absl::ZeroDuration());
  co_return;
}

BEHAVIOUR(UnaryStream, AServerThatStopsFailsThePendingRead, "B086") {
  const auto server = setting.start_server();
  Channel channel(setting.transport_to(*server), setting.loop());
  auto call = channel.unary_stream(unary_stream, silent_request(), headers_at_once());
  (void)co_await call.initial_metadata();
  auto both = when_all(read_one(call), stop_now(*server));
  const absl::Status read = std::get<0>(co_await std::move(both));
  EXPECT_THAT(read, HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(co_await call.code(), StatusCode::kUnavailable);
}

// --- codecs ---

BEHAVIOUR(UnaryStream, AMessageThatCannotBeParsedEndsTheCallWithInternal, "B087 R2-37") {
  const EchoTeller methods[] = {
      EchoTeller(unary_stream.full_name(), unary_stream.serializer(), throws_when_parsing),
      EchoTeller(unary_stream.full_name(), unary_stream.serializer(), refuses_to_parse),
      tell_garbage};
  for (const EchoTeller& method : methods) {
    auto call = setting.channel().unary_stream(method, request("m", 2));
    for (int i = 0; i < 2; ++i) {
      const EchoResult failed = co_await call.read();
      EXPECT_THAT(failed.status(), HasCode(StatusCode::kInternal));
      const std::string details(failed.status().message());
      EXPECT_TRUE(details.starts_with(unparsable_details)) << details;
    }
    EXPECT_EQ(co_await call.code(), StatusCode::kInternal);
  }
}

BEHAVIOUR(UnaryStream, TheServerIsToldOfAMessageThatCannotBeParsed, "B087") {
  const std::string name = setting.new_name();
  const EchoTeller illegible(unary_stream.full_name(), unary_stream.serializer(),
                             throws_when_parsing);
  EchoRequest wanted = request("m", 100);
  wanted.set_delay_ms(20);  // so that the server is at it for much longer than this takes
  auto call =
      setting.channel().unary_stream(illegible, wanted, CallOptions().metadata("watch", name));
  const EchoResult failed = co_await call.read();
  EXPECT_THAT(failed.status(), HasCode(StatusCode::kInternal));
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

BEHAVIOUR(UnaryStream, ARequestThatCannotBeSerialisedIsNotSent, "B088 B053 R1-24 R2-37") {
  const EchoTeller methods[] = {EchoTeller(unary_stream.full_name(), throws_when_serialising),
                                EchoTeller(unary_stream.full_name(), refuses_to_serialise)};
  for (const EchoTeller& method : methods) {
    auto call = setting.channel().unary_stream(method, request("m"));
    EXPECT_TRUE(call.done());
    EXPECT_EQ(call.outcome()->progress, Progress::never_left);
    const EchoResult read = co_await call.read();
    EXPECT_THAT(read.status(), HasCode(StatusCode::kInternal));
    const std::string details = co_await call.details();
    EXPECT_TRUE(details.starts_with(unserialisable_details)) << details;
  }
}

}  // namespace
}  // namespace weft::test
