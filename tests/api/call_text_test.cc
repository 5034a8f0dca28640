// What calls and errors look like to people.

#include <sstream>
#include <string>

#include "call_fixture.h"

namespace weft::test {
namespace {

class CallText : public ScriptedCallTest {};

std::string printed(const Call& call) {
  std::ostringstream out;
  out << call;
  return out.str();
}

TEST_F(CallText, OfARunningCallIsShort) {  // B306
  auto call = open_stream_stream();
  EXPECT_EQ(call.to_string(), "<Call object>");
  EXPECT_EQ(printed(call), "<Call object>");
}

TEST_F(CallText, OfACallThatWentWellNamesTheStatus) {
  auto call = open_stream_stream();
  stream().finish(CallStatus(StatusCode::kOk, "fine"));
  loop.settle();
  EXPECT_EQ(printed(call),
            "<Call of RPC that terminated with:\n"
            "\tstatus = StatusCode.OK\n"
            "\tdetails = \"fine\"\n"
            ">");
}

TEST_F(CallText, OfAFailedCallTellsTheDebugStringToo) {  // B307-B309
  auto call = open_stream_stream();
  CallStatus status(StatusCode::kNotFound, "gone");
  status.debug_error_string = "seen by the peer";
  stream().finish(status);
  loop.settle();
  EXPECT_EQ(call.to_string(),
            "<Call of RPC that terminated with:\n"
            "\tstatus = StatusCode.NOT_FOUND\n"
            "\tdetails = \"gone\"\n"
            "\tdebug_error_string = \"seen by the peer\"\n"
            ">");
}

TEST_F(CallText, OfACancelledCallHasNoDebugString) {
  auto call = open_stream_stream();
  call.cancel();
  EXPECT_EQ(call.to_string(),
            "<Call of RPC that terminated with:\n"
            "\tstatus = StatusCode.CANCELLED\n"
            "\tdetails = \"Locally cancelled by application!\"\n"
            "\tdebug_error_string = \"None\"\n"
            ">");
}

TEST(RpcErrorText, NamesCodeDetailsAndDebugString) {  // B302
  CallStatus status(StatusCode::kUnavailable, "nobody there");
  status.debug_error_string = "connection refused";
  const RpcError error(status, Metadata());
  EXPECT_EQ(error.to_string(),
            "<RpcError of RPC that terminated with:\n"
            "\tstatus = StatusCode.UNAVAILABLE\n"
            "\tdetails = \"nobody there\"\n"
            "\tdebug_error_string = \"connection refused\"\n"
            ">");
  EXPECT_EQ(error.what(), error.to_string());
}

TEST(UsageErrorText, CanBeToldFromAServersError) {
  const absl::Status ours = usage_error("do not");
  EXPECT_TRUE(is_usage_error(ours));
  EXPECT_EQ(ours.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ours.message(), "do not");
  EXPECT_FALSE(is_usage_error(absl::FailedPreconditionError("do not")));
  EXPECT_FALSE(is_usage_error(absl::OkStatus()));
}

TEST(ReadResultText, TellsItsThreeKindsApart) {
  const ReadResult<int> message(5);
  EXPECT_TRUE(message);
  EXPECT_EQ(*message, 5);
  EXPECT_EQ(message.status(), absl::OkStatus());
  const auto end = ReadResult<int>::end();
  EXPECT_FALSE(end);
  EXPECT_TRUE(end.is_end());
  EXPECT_FALSE(end.is_failed());
  EXPECT_EQ(end.status(), absl::OkStatus());
  const auto failed = ReadResult<int>::failed(absl::AbortedError("stop"));
  EXPECT_FALSE(failed);
  EXPECT_FALSE(failed.is_end());
  EXPECT_TRUE(failed.is_failed());
  EXPECT_EQ(failed.status(), absl::AbortedError("stop"));
}

TEST(ReadResultDeathTest, TakingAMessageThatIsNotThereAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH((void)*ReadResult<int>::end(), "the read gave no message");
}

}  // namespace
}  // namespace weft::test
