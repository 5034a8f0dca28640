// A checked stream is freed when its last completion has come and its handle is gone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checked_fixture.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CheckedStreamLifetime : public CheckedTransportTest {};

TEST_F(CheckedStreamLifetime, AStreamThatNeverStartedIsFreedWhenDropped) {
  checked.reset();
  EXPECT_EQ(token.use_count(), 2);
  stream.reset();
  EXPECT_TRUE(backend->dropped);
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(CheckedStreamLifetime, AStreamDroppedMidwayIsFreedWithItsLastCompletion) {
  start_and_open();
  ASSERT_TRUE(send().ok());
  ASSERT_TRUE(stream->recv_message(received).ok());
  checked.reset();
  stream.reset();
  EXPECT_TRUE(backend->dropped);
  EXPECT_EQ(token.use_count(), 2);
  backend->break_off(CallStatus(StatusCode::kCancelled, "dropped"));
  loop.settle();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(sent.results.size(), 1u);
  EXPECT_EQ(received.results.size(), 1u);
  EXPECT_EQ(ended.results.size(), 1u);
}

TEST_F(CheckedStreamLifetime, AStreamMayBeDroppedInsideItsLastCompletion) {
  start_and_open();
  checked.reset();
  ended.then = [this] { stream.reset(); };
  backend->finish();
  loop.settle();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_THAT(violations, IsEmpty());
}

TEST_F(CheckedStreamLifetime, AStreamMayBeDroppedInsideACompletionWithMoreToCome) {
  start_and_open();
  checked.reset();
  ASSERT_TRUE(stream->recv_message(received).ok());
  received.then = [this] { stream.reset(); };
  backend->deliver("m");
  loop.settle();
  EXPECT_EQ(token.use_count(), 2);
  backend->finish();
  loop.settle();
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(CheckedStreamLifetime, AStreamIsFreedAlsoWhenItsTransportRefusedALegalVerb) {
  start_and_open();
  backend->answer = absl::FailedPreconditionError("not today");
  EXPECT_FALSE(send().ok());
  backend->answer.reset();
  backend->finish();
  loop.settle();
  checked.reset();
  stream.reset();
  EXPECT_EQ(token.use_count(), 1) << "the refused send counts as outstanding for ever";
  scripted->streams.clear();  // a broken transport thinks that it still owes a completion
}

TEST_F(CheckedStreamLifetime, AStreamIsFreedAlsoWhenItsStatusCameTooEarly) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->finish();
  backend->deliver_end();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T12"));
  checked.reset();
  stream.reset();
  EXPECT_EQ(token.use_count(), 1) << "the status that came is still waited for";
  scripted->streams.clear();  // a broken transport thinks that it still owes a completion
}

}  // namespace
}  // namespace weft::test
