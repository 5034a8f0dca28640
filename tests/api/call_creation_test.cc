// Making a call: what is sent, and calls that are refused before anything is sent.

#include <memory>
#include <string>
#include <vector>

#include "call_fixture.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CallCreation : public ScriptedCallTest {};

TEST_F(CallCreation, AUnaryCallSendsEverythingAtOnce) {
  auto call = channel->unary_unary(unary_unary, "request");
  EXPECT_EQ(stream().method, "/test.Echo/UnaryUnary");
  EXPECT_THAT(stream().verbs, ElementsAre("start", "send request", "close", "receive", "status"));
}

TEST_F(CallCreation, AUnaryStreamCallAsksForNoMessageYet) {
  auto call = channel->unary_stream(unary_stream, "request");
  EXPECT_THAT(stream().verbs, ElementsAre("start", "send request", "close", "status"));
}

TEST_F(CallCreation, AStreamStreamCallOnlyStarts) {
  auto call = channel->stream_stream(stream_stream);
  EXPECT_THAT(stream().verbs, ElementsAre("start", "status"));
}

TEST_F(CallCreation, OptionsReachTheTransport) {
  const Deadline absolute = Deadline::at(loop.now() + absl::Seconds(9));
  auto call = channel->stream_stream(stream_stream, CallOptions()
                                                        .timeout(absl::Seconds(2))
                                                        .deadline(absolute)
                                                        .metadata("key", "value")
                                                        .wait_for_ready()
                                                        .compression(Compression::gzip)
                                                        .authority("name")
                                                        .early_initial_metadata());
  const StreamOptions& options = stream().options;
  EXPECT_EQ(options.deadline, Deadline::after(loop.now(), absl::Seconds(2)));  // the earlier
  EXPECT_EQ(options.metadata, (Metadata{{"key", "value"}}));
  EXPECT_EQ(options.wait_for_ready, true);
  EXPECT_EQ(options.compression, Compression::gzip);
  EXPECT_EQ(options.authority, "name");
  EXPECT_TRUE(options.early_initial_metadata);
}

TEST_F(CallCreation, ATimeoutCountsFromTheMomentOfTheCall) {  // B220
  loop.advance(absl::Seconds(100));
  auto call = channel->stream_stream(stream_stream, CallOptions().timeout(absl::Seconds(2)));
  EXPECT_EQ(stream().options.deadline.instant(), loop.now() + absl::Seconds(2));
}

TEST_F(CallCreation, OnAClosedChannelIsAUsageError) {  // B401
  (void)channel->close();
  auto unary = channel->unary_unary(unary_unary, "request");
  EXPECT_TRUE(unary.done());
  EXPECT_THAT(run(unary.status()), IsUsageError("Channel is closed."));
  EXPECT_THAT(run(unary).status(), IsUsageError("Channel is closed."));
  auto streaming = channel->stream_stream(stream_stream);
  EXPECT_THAT(run(streaming.read()).status(), IsUsageError("Channel is closed."));
  EXPECT_THAT(run(streaming.write("m")), IsUsageError(already_finished_text));
  EXPECT_EQ(run(streaming.done_writing()), absl::OkStatus());
  EXPECT_THAT(run(streaming.wait_for_connection()), IsUsageError("Channel is closed."));
  EXPECT_THAT(run(streaming.initial_metadata()), IsEmpty());
  EXPECT_FALSE(streaming.cancel());
  EXPECT_THAT(transport->streams, IsEmpty());
}

TEST_F(CallCreation, WithASourceOnAClosedChannelDestroysTheSource) {
  (void)channel->close();
  auto call = channel->stream_unary(stream_unary, std::vector<std::string>{"a"});
  EXPECT_THAT(run(call.status()), IsUsageError(channel_closed_text));
  EXPECT_THAT(transport->streams, IsEmpty());
}

class NoCredentials final : public CallCredentials {
 public:
  void fetch(const Request&, Done done) override { std::move(done)(Metadata()); }
};

TEST_F(CallCreation, CredentialsOnAnInsecureTransportAreAUsageError) {  // B480
  auto call = channel->unary_unary(unary_unary, "request",
                                   CallOptions().credentials(std::make_shared<NoCredentials>()));
  EXPECT_THAT(run(call.status()),
              IsUsageError("Call credentials are only valid on secure channels"));
  EXPECT_THAT(transport->streams, IsEmpty());
}

TEST_F(CallCreation, CredentialsOnASecureTransportAreHandedOver) {
  transport->sheet.secure = true;
  auto credentials = std::make_shared<NoCredentials>();
  auto call = channel->unary_unary(unary_unary, "request", CallOptions().credentials(credentials));
  EXPECT_FALSE(call.done());
  EXPECT_EQ(stream().options.credentials, credentials);
}

TEST_F(CallCreation, AnIllegalHeaderIsInternalAndNothingIsSent) {  // B366-B368
  auto call =
      channel->unary_unary(unary_unary, "request", CallOptions().metadata("Tenant", "blue"));
  EXPECT_TRUE(call.done());
  const absl::Status status = run(call.status());
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_FALSE(is_usage_error(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"Tenant\": byte 0x54 at position 0"));
  EXPECT_THAT(transport->streams, IsEmpty());
}

absl::StatusOr<Bytes> serialise_none(const std::string&, BytesAllocator&) {
  return absl::InvalidArgumentError("too wide");
}

TEST_F(CallCreation, ARequestThatCannotBeSerialisedIsInternalAndNothingIsSent) {  // B053
  const UnaryUnaryMethod<std::string, std::string> method("/test.Echo/Bad", &serialise_none);
  auto call = channel->unary_unary(method, "request");
  EXPECT_TRUE(call.done());
  EXPECT_THAT(run(call).status(),
              IsError(StatusCode::kInternal, "cannot serialise the request: too wide"));
  EXPECT_EQ(run(call.debug_error_string()),
            "refused when the call was made: cannot serialise the request: too wide");
  EXPECT_EQ(call.outcome()->progress, Progress::never_left);
  EXPECT_THAT(transport->streams, IsEmpty());
}

TEST_F(CallCreation, ACallThatWasRefusedRunsItsCallbacksAtOnce) {
  (void)channel->close();
  auto call = channel->unary_unary(unary_unary, "request");
  std::string seen;
  call.add_done_callback([&](const Call& done) { seen = done.outcome()->details; });
  EXPECT_EQ(seen, "Channel is closed.");
}

TEST_F(CallCreation, AServersFailedPreconditionIsNoUsageError) {
  auto call = open_unary_stream();
  stream().finish(CallStatus(StatusCode::kFailedPrecondition, "Channel is closed."));
  loop.settle();
  const absl::Status status = run(call.status());
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_FALSE(is_usage_error(status));
}

}  // namespace
}  // namespace weft::test
