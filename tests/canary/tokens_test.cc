// What a token means does not depend on the build: these came from one compiler, and are replayed
// by all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "canaries.h"

namespace weft::test {
namespace {

using sim::FailureKind;
using sim::Report;

void expect_token(Defect defect, FailureKind kind, const std::string& token) {
  const Canary& canary = test::canary(defect);
  const Report replayed = canary.replay(token);
  EXPECT_THAT(replayed.warnings, testing::IsEmpty());
  ASSERT_TRUE(replayed.counterexample.has_value()) << replayed.to_string();
  EXPECT_EQ(to_string(replayed.counterexample->failures.front().kind), to_string(kind));
  EXPECT_EQ(replayed.counterexample->token, token);

  const Report found = canary.explore();
  ASSERT_TRUE(found.counterexample.has_value()) << found.to_string();
  EXPECT_EQ(found.counterexample->token, token);
}

TEST(Tokens, AreTheSameWithEveryCompiler) {
  expect_token(Defect::write_left_waiting, FailureKind::hang, "cs1~45t5~a-bxu~zb2c");
  expect_token(Defect::status_overwritten, FailureKind::invariant, "cs1~5r3e~c-bxu~ia67");
  expect_token(Defect::local_end_keeps_transport, FailureKind::hang,
               "cs1~vvx4~a-bgw.a-cqd.a-cr7~t4ye");
  expect_token(Defect::callback_before_transport, FailureKind::exception, "cs1~ry3v~b-b5e~3pni");
  expect_token(Defect::half_close_overtakes_write, FailureKind::check, "cs1~vfkc~a-buo~cryh");
  expect_token(Defect::status_before_messages, FailureKind::check, "cs1~7srd~b-bqd.a-br7~mcvu");
  expect_token(Defect::second_response_unread, FailureKind::hang, "cs1~xmd2~d-b7q~tsml");
  expect_token(Defect::timer_left_armed, FailureKind::leak, "cs1~gheo~a-bxu~hr3w");
  expect_token(Defect::reader_resumed_twice, FailureKind::check, "cs1~ygjs~a-bxu~mylb");
  expect_token(Defect::cancel_waits_in_continuation, FailureKind::rule_violation,
               "cs1~2tfr~b-bwv~sj63");
}

}  // namespace
}  // namespace weft::test
