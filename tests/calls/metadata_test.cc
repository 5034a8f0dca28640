// Metadata and statuses over real gRPC.

#include <string>

#include "call_test.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

class MetadataOf : public CallTest {};

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST_F(MetadataOf, ACallComesBackInOrderWithBytesAndRepeats) {
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions()
                                      .metadata("echo-initial", "one")
                                      .metadata("echo-initial", "two, with a comma")
                                      .metadata("echo-initial-bin", every_byte())
                                      .metadata("echo-trailing", "end")
                                      .metadata("echo-trailing-bin", std::string("\0", 1)));
  ASSERT_TRUE(run(call).ok());
  const Metadata initial = run(call.initial_metadata());
  EXPECT_THAT(initial.get_all("echo-initial"), ElementsAre("one", "two, with a comma"));
  EXPECT_EQ(initial.get("echo-initial-bin"), every_byte());
  const Metadata trailing = run(call.trailing_metadata());
  EXPECT_EQ(trailing.get("echo-trailing"), "end");
  EXPECT_EQ(trailing.get("echo-trailing-bin"), std::string("\0", 1));
}

TEST_F(MetadataOf, ACallThatWasSentNoneIsEmpty) {
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_TRUE(run(call).ok());
  EXPECT_EQ(run(call.initial_metadata()), Metadata());
  EXPECT_EQ(run(call.trailing_metadata()), Metadata());
}

TEST_F(MetadataOf, AStreamIsThereBeforeItsFirstMessage) {
  auto call = channel.stream_stream(
      stream_stream,
      CallOptions().metadata("echo-initial", "early").metadata("send-headers-early", "1"));
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial"), "early");
  EXPECT_FALSE(call.done());
}

TEST_F(MetadataOf, AUnaryCallIsThereBeforeItsResponseIfAskedFor) {
  auto call = channel.unary_unary(unary_unary, silent_request(),
                                  CallOptions()
                                      .metadata("echo-initial", "early")
                                      .metadata("send-headers-early", "1")
                                      .early_initial_metadata());
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial"), "early");
  EXPECT_FALSE(call.done());
}

TEST_F(MetadataOf, AFailedCallComesWithTheError) {
  auto call = channel.unary_stream(
      unary_stream, failing_request(StatusCode::kNotFound, "nope", 1),
      CallOptions().metadata("echo-initial", "i").metadata("echo-trailing", "t"));
  EXPECT_TRUE(run(call.read()));
  EXPECT_THAT(run(call.read()).status(), HasCode(StatusCode::kNotFound));
  const std::optional<RpcError> error = run(call.rpc_error());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), StatusCode::kNotFound);
  EXPECT_EQ(error->details(), "nope");
  EXPECT_EQ(error->initial_metadata().get("echo-initial"), "i");
  EXPECT_EQ(error->trailing_metadata().get("echo-trailing"), "t");
  EXPECT_FALSE(error->debug_error_string()->empty());
}

TEST_F(MetadataOf, ACallThatEndsWithoutHeadersIsEmpty) {
  auto call = channel.unary_unary(unary_unary, failing_request(StatusCode::kAborted, "at once"));
  EXPECT_TRUE(run(call.initial_metadata()).empty());
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kAborted));
}

class StatusOfCall : public CallTest {};

TEST_F(StatusOfCall, IsEachOfTheCodes) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<StatusCode>(number);
    EXPECT_THAT(run(channel.unary_unary(unary_unary, failing_request(code, "why"))).status(),
                HasCode(code));
  }
}

TEST_F(StatusOfCall, MayHaveAnyTextInItsDetails) {
  const std::string details =
      "\t\ntest with whitespace\r\nand \xe2\x98\xba and \xf0\x9f\x98\x88\t\n";
  auto call = channel.unary_unary(unary_unary, failing_request(StatusCode::kUnknown, details));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kUnknown));
  EXPECT_EQ(run(call.details()), details);
}

TEST_F(StatusOfCall, WaitsForTheMessagesThatCameBeforeIt) {
  auto call = channel.unary_stream(unary_stream, failing_request(StatusCode::kNotFound, "nope", 3));
  auto read_all = [&]() -> Task<int> {
    int messages = 0;
    auto connected = co_await call.wait_for_connection();
    EXPECT_EQ(connected, absl::OkStatus());
    EXPECT_FALSE(call.done());
    while (auto message = co_await call.read()) {
      EXPECT_FALSE(call.done());
      ++messages;
    }
    co_return messages;
  };
  EXPECT_EQ(run(read_all()), 3);
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kNotFound));
}

TEST_F(StatusOfCall, ComesWithoutReadingWhenTheMessagesAreDiscarded) {
  auto call = channel.unary_stream(unary_stream, failing_request(StatusCode::kNotFound, "nope", 9));
  call.discard();
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kNotFound));
}

TEST_F(StatusOfCall, ComesByItselfWhenThereIsNothingToRead) {
  auto call = channel.stream_stream(stream_stream);
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  EXPECT_EQ(run(call.status()), absl::OkStatus());
}

TEST_F(StatusOfCall, IsWhatAWriteOnAnEndedCallReports) {
  auto call = channel.stream_stream(stream_stream);
  const EchoRequest ending = failing_request(StatusCode::kUnimplemented, "no more");
  auto write_until_refused = [&]() -> Task<absl::Status> {
    for (;;) {
      const absl::Status written = co_await call.write(ending);
      if (!written.ok()) co_return written;
    }
  };
  const absl::Status refused = run(write_until_refused());
  const bool expected = refused.code() == StatusCode::kUnimplemented ||
                        refused.code() == StatusCode::kFailedPrecondition;
  EXPECT_TRUE(expected) << refused;
  EXPECT_THAT(run(call.status()), HasCode(StatusCode::kUnimplemented));
}

TEST_F(StatusOfCall, IsReadableAsText) {
  auto call = channel.unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "nope"));
  EXPECT_EQ(call.to_string(), "<Call object>");
  EXPECT_FALSE(run(call).ok());
  EXPECT_THAT(call.to_string(),
              testing::StartsWith("<Call of RPC that terminated with:\n\tstatus = "
                                  "StatusCode.NOT_FOUND\n\tdetails = \"nope\"\n"));
  EXPECT_THROW(run(call.value_or_throw()), RpcError);
}

}  // namespace
}  // namespace weft::test
