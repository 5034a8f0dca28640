// Faults of headers, messages, trailers and writes, wherever they can strike: the status that the
// client must report, all that it may have seen before, and nothing else. The F-numbers are the
// catalogue's.

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "chain.h"
#include "fault_bodies.h"
#include "four_kinds.h"
#include "recorded.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using weft::detail::text;

// --- headers ---

TEST(FaultF14, ATrailersOnlyResponseIsAStatusInsteadOfHeaders) {
  EXPECT_THAT(outcomes_of_download(fault::trailers_only(StatusCode::kAborted)),
              ElementsAre("headers, 2 messages, OK", "no headers, 0 messages, ABORTED"));
}

TEST(FaultF14, AHandlerWhoseResponseWasReplacedLearnsThatItsCallIsOver) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::trailers_only(StatusCode::kAborted));
    Gate told;
    world.server().serve(UnaryStream::method,
                         [&](const std::string&, auto& call) -> Task<absl::Status> {
                           call.send_headers({{"peer", "here"}});
                           co_await call.until_cancelled();
                           told.open();
                           co_return absl::OkStatus();
                         });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "request");
    const Metadata headers = co_await call.initial_metadata();
    if (!headers.empty()) call.cancel();
    (void)co_await call.status();
    co_await told;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("ABORTED", "CANCELLED"));
}

TEST(FaultF24, LateHeadersComeInTheSameStepAsTheFirstMessage) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::late_headers());
    world.server().script("/test.Echo/Late", Script().headers().message("1").finish());
    auto transport = world.transport("server", connected());
    StreamPtr stream = transport->create_stream(
        world.loop(), StreamOptions("/test.Echo/Late", CallKind::stream_stream));
    Gate over;
    std::size_t headers_step = 0;
    std::size_t message_step = 0;
    Recorded<OperationResult> started;
    Recorded<InitialMetadata> headers;
    Recorded<Received> received;
    Recorded<CallStatus> ended;
    headers.then = [&] { headers_step = world.execution().steps; };
    received.then = [&] { message_step = world.execution().steps; };
    ended.then = [&] { over.open(); };
    EXPECT_TRUE(stream->start(started, headers).ok());
    EXPECT_TRUE(stream->status(ended).ok());
    EXPECT_TRUE(stream->recv_message(received).ok());
    co_await over;
    EXPECT_EQ(headers.results.size(), 1u);
    EXPECT_TRUE(received.results.at(0).message == "1");
    EXPECT_EQ(headers_step == message_step, world.faults().exhausted());
    world.outcome(headers_step == message_step ? "together" : "apart");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("apart", "together"));
}

// --- trailers ---

TEST(FaultF15, AnEndWithoutAStatusIsUnknownAndComesAfterTheMessages) {
  EXPECT_THAT(outcomes_of_download(fault::missing_status()), at_the_end_with("UNKNOWN"));
}

class FaultF18 : public testing::TestWithParam<std::pair<std::uint32_t, std::string_view>> {};

TEST_P(FaultF18, AnHttpErrorInsteadOfHeadersOrTrailersMapsToItsStatus) {
  const auto [http_status, code] = GetParam();
  EXPECT_THAT(outcomes_of_download(fault::missing_status(http_status)),
              testing::UnorderedElementsAre(text("no headers, 0 messages, ", code),
                                            text("headers, 2 messages, ", code),
                                            "headers, 2 messages, OK"));
}

INSTANTIATE_TEST_SUITE_P(
    Every, FaultF18,
    testing::Values(std::pair(400u, "INTERNAL"), std::pair(401u, "UNAUTHENTICATED"),
                    std::pair(403u, "PERMISSION_DENIED"), std::pair(404u, "UNIMPLEMENTED"),
                    std::pair(429u, "UNAVAILABLE"), std::pair(431u, "INTERNAL"),
                    std::pair(500u, "UNKNOWN"), std::pair(502u, "UNAVAILABLE"),
                    std::pair(503u, "UNAVAILABLE"), std::pair(504u, "UNAVAILABLE")),
    [](const auto& test) { return std::to_string(test.param.first); });

TEST(FaultF16, AStatusThatDoesNotParseIsUnknown) {
  EXPECT_THAT(outcomes_of_download(fault::unparsable_status()), at_the_end_with("UNKNOWN"));
}

TEST(FaultF17, MisencodedDetailsComeThroughRawAndTheCodeStands) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::misencoded_details());
    world.server().script(UnaryUnary::method,
                          Script().read_all().finish(StatusCode::kNotFound, "no such thing"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(UnaryUnary::method, "request");
    (void)co_await call;
    world.outcome(call.outcome()->to_string());
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("NOT_FOUND: no such thing", "NOT_FOUND: no such thing%C3%2"));
}

TEST(FaultF17, ThereAreNoDetailsToMisencodeInAStatusWithout) {
  const Explored explored(ask(fault::misencoded_details()));
  EXPECT_THAT(explored.outcomes, ElementsAre("4"));
  EXPECT_EQ(explored.report.executions, Explored(ask(FaultPlan())).report.executions);
}

TEST(FaultF25, ASecondStatusIsIgnored) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::doubled_status());
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(square, "2");
    int ends = 0;
    call.add_done_callback([&](const Call&) { ++ends; });
    EXPECT_EQ((co_await call).value_or(Number(0)).value, 4);
    const bool doubled = world.faults().exhausted();
    co_await world.yield();
    EXPECT_EQ(ends, 1);
    world.outcome(doubled ? "OK, doubled" : "OK");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK", "OK, doubled"));
}

// --- messages ---

TEST(FaultF19, ATruncatedMessageIsInternalAndIsNotDelivered) {
  EXPECT_THAT(outcomes_of_download(fault::truncated_message()), at_messages_with("INTERNAL"));
}

TEST(FaultF20, AMessageThatDoesNotParseIsInternalAtTheClient) {
  EXPECT_THAT(outcomes_of_download(fault::corrupted_message()), at_messages_with("INTERNAL"));
  EXPECT_THAT(outcomes_of_ask(fault::corrupted_message()), ElementsAre("4", "INTERNAL"));
}

TEST(FaultF22, AnUnknownCompressionIsInternal) {
  EXPECT_THAT(outcomes_of_download(fault::unknown_compression()), at_messages_with("INTERNAL"));
}

TEST(FaultF22, AMessageThatCannotBeDecompressedIsInternal) {
  EXPECT_THAT(outcomes_of_download(fault::decompression_failed()), at_messages_with("INTERNAL"));
}

TEST(FaultF22, APeerThatDoesNotKnowOurCompressionIsUnimplemented) {
  EXPECT_THAT(
      outcomes_of_ask(fault::compression_refused(), CallOptions().compression(Compression::gzip)),
      ElementsAre("4", "UNIMPLEMENTED"));
}

TEST(FaultF22, ACallThatDoesNotCompressCannotBeRefusedForIt) {
  EXPECT_THAT(outcomes_of_ask(fault::compression_refused()), ElementsAre("4"));
}

TEST(FaultF23, AUnaryCallWithoutAResponseIsUnimplemented) {
  EXPECT_THAT(outcomes_of_ask(fault::lost_response()), ElementsAre("4", "UNIMPLEMENTED"));
}

TEST(FaultF23, AUnaryCallWithTwoResponsesIsUnimplemented) {
  EXPECT_THAT(outcomes_of_ask(fault::doubled_response()), ElementsAre("4", "UNIMPLEMENTED"));
}

TEST(FaultF23, AStreamHasOneMessageLessOrMore) {
  EXPECT_THAT(outcomes_of_download(fault::lost_response()),
              ElementsAre("headers, 1 messages, OK", "headers, 2 messages, OK"));
  EXPECT_THAT(outcomes_of_download(fault::doubled_response()),
              ElementsAre("headers, 2 messages, OK", "headers, 3 messages, OK"));
}

TEST(FaultF23, ALostMessageGivesItsRoomInTheWindowBack) {
  const Explored explored([](World& world) -> Body {
    world.allow(fault::lost_response());
    world.server().serve(UnaryStream::method,
                         [](const std::string&, auto& call) -> Task<absl::Status> {
                           co_await call.write("larger than the window");
                           co_await call.write("the next");
                           co_return absl::OkStatus();
                         });
    Channel channel(world.transport("server", connected().window(8)), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "request");
    int messages = 0;
    while (co_await call.read()) ++messages;
    world.outcome(text(messages, " messages"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("1 messages", "2 messages"));
}

TEST(FaultF36, AMessageWithoutMemoryIsResourceExhausted) {
  EXPECT_THAT(outcomes_of_download(fault::allocation_refused()),
              at_messages_with("RESOURCE_EXHAUSTED"));
}

// --- writes ---

// Two writes and a half-close, all taken or not.
BodyFunction upload(FaultPlan plan, bool cancels) {
  return [plan, cancels](World& world) -> Body {
    world.allow(plan);
    world.server().script(StreamUnary::method, Script().read_all().message("thanks").finish());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_unary(StreamUnary::method);
    std::optional<Anytime> cancel;
    if (cancels) cancel.emplace(world, "call1.cancel", [&] { call.cancel(); });
    absl::Status written = co_await call.write("one");
    if (written.ok()) written = co_await call.write("two");
    if (written.ok()) written = co_await call.done_writing();
    const std::string writes(status_code_name(written.code()));
    (void)co_await call;
    const bool stalled = world.faults().exhausted();
    world.outcome(text("writes ", writes, ", ends ", code_of(call), stalled ? ", stalled" : ""));
  };
}

TEST(FaultF26, AStalledWriteGoesOnWhenTheWindowOpens) {
  EXPECT_THAT(Explored(upload(fault::stalled_write(), false)).outcomes,
              ElementsAre("writes OK, ends OK", "writes OK, ends OK, stalled"));
}

TEST(FaultF26, AStalledWriteEndsWithItsCall) {
  const Explored explored(upload(fault::stalled_write(), true));
  EXPECT_THAT(
      explored.outcomes,
      ElementsAre("writes CANCELLED, ends CANCELLED", "writes CANCELLED, ends CANCELLED, stalled",
                  "writes OK, ends CANCELLED", "writes OK, ends CANCELLED, stalled",
                  "writes OK, ends OK", "writes OK, ends OK, stalled"));
}

TEST(FaultF27, CompletionsOfWritesMayBeLateSeveralTimes) {
  EXPECT_THAT(Explored(upload(FaultPlan(fault::stalled_write()).budget(2), false)).outcomes,
              ElementsAre("writes OK, ends OK", "writes OK, ends OK, stalled"));
}

}  // namespace
}  // namespace weft::sim
