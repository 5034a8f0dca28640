// The rules of a call: what is admitted when, and the one end.

#include "weft/api/detail/call_state.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "weft/api/usage_error.h"

namespace weft::test {
namespace {

using detail::CallState;
using detail::EndCause;
using detail::EndPlan;
using detail::RequestStyle;
using detail::ResponseStyle;
using detail::Writer;

constexpr const char* write_in_progress =
    "a write is already in progress on this call: await it first";
constexpr const char* read_under_way = "a read is already in progress on this call: await it first";

// "ok", or the text of the usage error.
std::string verdict(const absl::Status& status) {
  if (status.ok()) return "ok";
  EXPECT_TRUE(is_usage_error(status)) << status;
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  return std::string(status.message());
}

CallState writing_call() {
  return CallState(RequestStyle::writes, ResponseStyle::undecided);
}
CallState sourced_call() {
  return CallState(RequestStyle::source, ResponseStyle::undecided);
}

TEST(CallState, StartsActiveAndUndecided) {
  const CallState state = writing_call();
  EXPECT_FALSE(state.done());
  EXPECT_FALSE(state.half_closed());
  EXPECT_EQ(state.request_style(), RequestStyle::writes);
  EXPECT_EQ(state.response_style(), ResponseStyle::undecided);
}

TEST(CallState, AdmitsOneWriteAtATime) {  // B122
  CallState state = writing_call();
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), "ok");
  state.write_started();
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), write_in_progress);
  state.write_finished();
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), "ok");
}

TEST(CallState, RefusesWritesAfterHalfClose) {  // B107
  CallState state = writing_call();
  state.half_close();
  EXPECT_TRUE(state.half_closed());
  EXPECT_EQ(verdict(state.admit_write(Writer::application)),
            "RPC is half closed after calling \"done_writing\".");
}

TEST(CallState, HalfCloseDuringAWriteStaysHalfClosedAfterIt) {  // D10
  CallState state = writing_call();
  state.write_started();
  state.half_close();
  EXPECT_TRUE(state.half_closed());
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), half_closed_text);
  state.write_finished();
  EXPECT_TRUE(state.half_closed());
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), half_closed_text);
}

TEST(CallState, RefusesWritesOfACallThatIsDone) {  // B106
  CallState state = writing_call();
  state.end(EndCause::transport_status);
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), "RPC already finished.");
}

TEST(CallState, BeingDoneIsNamedBeforeBeingHalfClosed) {
  CallState state = writing_call();
  state.half_close();
  state.end(EndCause::transport_status);
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), already_finished_text);
}

TEST(CallState, RefusesTheApplicationsWritesWhereASourceWrites) {  // B170
  CallState state = sourced_call();
  EXPECT_EQ(verdict(state.admit_write(Writer::application)),
            "The iterator and read/write APIs may not be mixed on a single RPC.");
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::application)), mixed_styles_text);
  EXPECT_EQ(verdict(state.admit_write(Writer::source)), "ok");
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::source)), "ok");
}

TEST(CallState, MixedStylesAreNamedBeforeEverythingElse) {
  CallState state = sourced_call();
  state.end(EndCause::local_cancel);
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), mixed_styles_text);
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::application)), mixed_styles_text);
  EXPECT_EQ(verdict(state.admit_write(Writer::source)), already_finished_text);
}

TEST(CallState, DoneWritingIsAdmittedAtAnyTime) {  // B108
  CallState state = writing_call();
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::application)), "ok");
  state.half_close();
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::application)), "ok");
  state.end(EndCause::transport_status);
  EXPECT_EQ(verdict(state.admit_done_writing(Writer::application)), "ok");
}

TEST(CallState, AdmitsOneReadAtATime) {  // B083
  CallState state = writing_call();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), "ok");
  state.read_started();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), read_under_way);
  state.read_finished();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), "ok");
}

TEST(CallState, TheFirstReadFixesTheStyle) {  // B171, B172, B176
  CallState reads = writing_call();
  EXPECT_EQ(verdict(reads.admit_read(ResponseStyle::reads)), "ok");
  EXPECT_EQ(reads.response_style(), ResponseStyle::reads);
  EXPECT_EQ(verdict(reads.admit_read(ResponseStyle::iteration)), mixed_styles_text);
  EXPECT_EQ(verdict(reads.admit_read(ResponseStyle::reads)), "ok");

  CallState iterates = writing_call();
  EXPECT_EQ(verdict(iterates.admit_read(ResponseStyle::iteration)), "ok");
  EXPECT_EQ(verdict(iterates.admit_read(ResponseStyle::reads)), mixed_styles_text);
  EXPECT_EQ(iterates.response_style(), ResponseStyle::iteration);
}

TEST(CallState, TheStyleIsNamedBeforeAReadInProgress) {
  CallState state = writing_call();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), "ok");
  state.read_started();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::iteration)), mixed_styles_text);
}

TEST(CallState, ReadsAreAdmittedAfterTheEnd) {  // they tell the outcome (B071, B076)
  CallState state = writing_call();
  state.end(EndCause::transport_status);
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), "ok");
}

TEST(CallState, AReadAndAWriteMayBeUnderWayTogether) {  // B148
  CallState state = writing_call();
  state.write_started();
  EXPECT_EQ(verdict(state.admit_read(ResponseStyle::reads)), "ok");
  state.read_started();
  state.write_finished();
  EXPECT_EQ(verdict(state.admit_write(Writer::application)), "ok");
}

TEST(CallState, EndsOfOurOwnCancelTheTransportAndDropWhatWasReceived) {  // D8, B082
  for (const auto& [cause, ours] :
       {std::tuple(EndCause::transport_status, false), std::tuple(EndCause::local_cancel, true),
        std::tuple(EndCause::dropped, true), std::tuple(EndCause::local_failure, true)}) {
    CallState state = writing_call();
    const EndPlan plan = state.end(cause);
    EXPECT_TRUE(state.done());
    EXPECT_EQ(plan.cancel_transport, ours) << to_string(cause);
    EXPECT_EQ(plan.discard_messages, ours) << to_string(cause);
  }
}

TEST(CallState, NamesTheCauses) {
  EXPECT_EQ(to_string(EndCause::transport_status), "transport status");
  EXPECT_EQ(to_string(EndCause::local_cancel), "local cancel");
  EXPECT_EQ(to_string(EndCause::dropped), "dropped");
  EXPECT_EQ(to_string(EndCause::local_failure), "local failure");
}

class CallStateDeathTest : public testing::Test {
 protected:
  CallStateDeathTest() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

TEST_F(CallStateDeathTest, ASecondEndAborts) {
  CallState state = writing_call();
  state.end(EndCause::local_cancel);
  EXPECT_DEATH((void)state.end(EndCause::transport_status), "transport status");
}

TEST_F(CallStateDeathTest, FinishingWhatWasNotStartedAborts) {
  EXPECT_DEATH(writing_call().write_finished(), "assertion failed");
  EXPECT_DEATH(writing_call().read_finished(), "assertion failed");
}

TEST_F(CallStateDeathTest, StartingTwiceAborts) {
  CallState state = writing_call();
  state.write_started();
  state.read_started();
  EXPECT_DEATH(state.write_started(), "assertion failed");
  EXPECT_DEATH(state.read_started(), "assertion failed");
}

TEST_F(CallStateDeathTest, ASecondHalfCloseAborts) {
  CallState state = writing_call();
  state.half_close();
  EXPECT_DEATH(state.half_close(), "assertion failed");
}

}  // namespace
}  // namespace weft::test
