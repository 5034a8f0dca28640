// A transport that keeps the rules passes through unchanged; one that breaks a rule is told which.

#include "weft/transport/checked_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "checked_fixture.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(CheckedTransportTest, ACorrectTransportPassesUnchangedAndSilently) {
  start();
  ASSERT_TRUE(send("hello").ok());
  ASSERT_TRUE(stream->send_close(closed).ok());
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->open(Metadata{{"key", "value"}});
  backend->accept_message();
  backend->accept_close();
  backend->deliver("answer");
  loop.settle();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->deliver_end();
  backend->finish(CallStatus(StatusCode::kNotFound, "no such thing"));
  loop.settle();

  EXPECT_THAT(violations, IsEmpty());
  EXPECT_THAT(started.results, ElementsAre(OperationResult::ok));
  ASSERT_EQ(headers.results.size(), 1u);
  EXPECT_EQ(headers.results[0].metadata, (Metadata{{"key", "value"}}));
  EXPECT_THAT(sent.results, ElementsAre(OperationResult::ok));
  EXPECT_THAT(closed.results, ElementsAre(OperationResult::ok));
  ASSERT_EQ(received.results.size(), 2u);
  EXPECT_TRUE(received.results[0].message == "answer");
  EXPECT_EQ(received.results[1].kind, Received::Kind::end);
  ASSERT_EQ(ended.results.size(), 1u);
  EXPECT_EQ(ended.results[0].to_string(), "NOT_FOUND: no such thing");
  EXPECT_THAT(backend->verbs,
              ElementsAre("start", "status", "send hello", "close", "receive", "receive"));
}

TEST_F(CheckedTransportTest, UsageErrorsPassThroughWithoutEffect) {
  EXPECT_THAT(send().message(), HasSubstr("T03"));
  start_and_open();
  ASSERT_TRUE(send().ok());
  EXPECT_THAT(send().message(), HasSubstr("T21"));
  ASSERT_TRUE(stream->recv_message(received).ok());
  EXPECT_THAT(stream->recv_message(received).message(), HasSubstr("T20"));
  ASSERT_TRUE(stream->send_close(closed).ok());
  EXPECT_THAT(stream->send_close(closed).message(), HasSubstr("T22"));
  EXPECT_THAT(stream->status(ended).message(), HasSubstr("T24"));
  EXPECT_THAT(stream->start(started, headers).message(), HasSubstr("T03"));
  backend->accept_message();
  backend->deliver("m");
  loop.settle();
  EXPECT_EQ(sent.results.size(), 1u);
  EXPECT_EQ(received.results.size(), 1u);
  EXPECT_THAT(violations, IsEmpty());
}

TEST_F(CheckedTransportTest, ADoubleCompletionBreaksT05) {
  start_and_open();
  ASSERT_TRUE(send().ok());
  backend->accept_message();
  backend->accept_message();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T05"));
  EXPECT_EQ(violations[0].event, "sent was delivered");
  EXPECT_THAT(violations[0].state, HasSubstr("send: idle"));
  EXPECT_EQ(sent.results.size(), 1u);  // the owner hears of the first alone
}

TEST_F(CheckedTransportTest, ASecondStartCompletionBreaksT05) {
  start_and_open();
  backend->accept_start();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T05"));
}

TEST_F(CheckedTransportTest, ASecondHeadersEventBreaksT10) {
  start_and_open();
  backend->send_headers();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T10"));
}

TEST_F(CheckedTransportTest, ADeliveryAfterTheStatusBreaksT10) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->deliver_end();
  backend->finish();
  backend->deliver("too late");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T10"));
  EXPECT_EQ(violations[0].event, "message was delivered");
}

TEST_F(CheckedTransportTest, ASecondStatusBreaksT10) {
  start_and_open();
  backend->finish();
  backend->finish();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T10"));
  EXPECT_EQ(ended.results.size(), 1u);
}

TEST_F(CheckedTransportTest, AMessageBeforeTheHeadersBreaksT11) {
  start();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->accept_start();
  backend->deliver("too early");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T11"));
  EXPECT_THAT(violations[0].state, HasSubstr("headers: awaited"));
  EXPECT_EQ(received.results.size(), 1u);  // passed on all the same
  // What the backend would have given next, so that the stream can end.
  backend->send_headers();
  backend->deliver("again");
}

TEST_F(CheckedTransportTest, AStatusBeforeAnOutstandingReceiveBreaksT12) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->finish();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T12"));
  EXPECT_EQ(violations[0].event, "status was delivered");
  EXPECT_THAT(violations[0].state, HasSubstr("receive: outstanding"));
  backend->deliver_end();
  backend->finish();
}

TEST_F(CheckedTransportTest, AMessageAfterTheEndBreaksT17) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->deliver_end();
  loop.settle();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->deliver("a ghost");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T17"));
  backend->deliver_end();
}

TEST_F(CheckedTransportTest, ASendThatSucceedsAfterAFailedOneBreaksT17) {
  start_and_open();
  ASSERT_TRUE(send().ok());
  backend->fail_message();
  loop.settle();
  ASSERT_TRUE(send().ok());
  backend->accept_message();
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T17"));
  backend->fail_message();
}

TEST_F(CheckedTransportTest, AMessageThatNobodyAskedForBreaksT50) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->deliver("one");
  backend->deliver("two");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T50"));
  EXPECT_EQ(received.results.size(), 1u);
}

TEST_F(CheckedTransportTest, RefusingALegalVerbBreaksT25) {
  start_and_open();
  backend->answer = absl::FailedPreconditionError("not today");
  EXPECT_THAT(send().message(), HasSubstr("not today"));
  EXPECT_THAT(rules(), ElementsAre("T25"));
  EXPECT_EQ(violations[0].event, "a legal send was refused: not today");
  backend->answer.reset();
}

TEST_F(CheckedTransportTest, AcceptingAnIllegalVerbBreaksT25) {
  start_and_open();
  ASSERT_TRUE(send().ok());
  backend->answer = absl::OkStatus();
  const absl::Status second = send();
  EXPECT_THAT(rules(), ElementsAre("T25"));
  EXPECT_EQ(violations[0].event,
            "an illegal send was accepted, against a send is already outstanding (T21)");
  // The owner is refused nevertheless.
  EXPECT_EQ(second.message(), "a send is already outstanding (T21)");
  backend->answer.reset();
  backend->accept_message();
  backend->accept_message();
}

TEST_F(CheckedTransportTest, ACompletionOfARefusedVerbBreaksT25) {
  start_and_open();
  ASSERT_TRUE(stream->recv_message(received).ok());
  backend->answer = absl::OkStatus();
  EXPECT_FALSE(stream->recv_message(received).ok());
  violations.clear();
  backend->answer.reset();
  backend->deliver("for whom");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T25"));
  EXPECT_THAT(received.results, IsEmpty());
  backend->deliver("for the one that was accepted");
}

TEST_F(CheckedTransportTest, ACancelThatTakesEffectAfterTheEndBreaksT36) {
  start_and_open();
  EXPECT_TRUE(stream->cancel(StatusCode::kCancelled, "legal"));
  backend->finish();
  loop.settle();
  EXPECT_FALSE(stream->cancel(StatusCode::kCancelled, "late"));
  EXPECT_THAT(violations, IsEmpty());
  backend->cancel_answer = true;
  EXPECT_TRUE(stream->cancel(StatusCode::kCancelled, "later"));
  EXPECT_THAT(rules(), ElementsAre("T36"));
}

TEST_F(CheckedTransportTest, ACompletionInsideAnotherBreaksT60) {
  start_and_open();
  ASSERT_TRUE(send().ok());
  ASSERT_TRUE(stream->recv_message(received).ok());
  received.then = [this] { backend->accept_message_at_once(); };
  backend->deliver("m");
  loop.settle();
  EXPECT_THAT(rules(), ElementsAre("T60"));
  EXPECT_EQ(violations[0].event, "sent came inside another completion");
}

// Completes each send on the stack that asks for it.
class HastyStream final : public Stream {
 public:
  explicit HastyStream(StreamPtr inner) : inner_(static_cast<ScriptedStream*>(inner.release())) {}

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override {
    return inner_->start(started, metadata);
  }
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override {
    absl::Status accepted = inner_->send_message(std::move(message), options, sent);
    if (accepted.ok()) inner_->accept_message_at_once();
    return accepted;
  }
  absl::Status send_close(CloseCompletion& closed) override { return inner_->send_close(closed); }
  absl::Status recv_message(ReceiveCompletion& received) override {
    return inner_->recv_message(received);
  }
  absl::Status status(StatusCompletion& ended) override { return inner_->status(ended); }
  bool cancel(StatusCode code, std::string_view details) noexcept override {
    return inner_->cancel(code, details);
  }
  void drop() noexcept override {
    inner_->drop();
    delete this;
  }

 private:
  ScriptedStream* inner_;
};

class HastyTransport final : public WrappingTransport {
 public:
  explicit HastyTransport(std::shared_ptr<Transport> inner) : WrappingTransport(std::move(inner)) {}

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override {
    return StreamPtr(new HastyStream(inner().create_stream(loop, std::move(options))));
  }
};

TEST_F(CheckedTransportTest, ACompletionOnTheStartingStackBreaksT61) {
  CheckedTransport hasty(
      std::make_shared<HastyTransport>(scripted),
      [this](const RuleViolation& violation) { violations.push_back(violation); });
  stream = hasty.create_stream(loop, StreamOptions("/a/b", CallKind::stream_stream));
  backend = scripted->streams.back().get();
  start_and_open();
  ASSERT_TRUE(send().ok());
  EXPECT_THAT(rules(), ElementsAre("T61"));
  EXPECT_EQ(violations[0].event, "sent came on the starting stack");
}

TEST(CheckedTransportDeathTest, WithoutAHandlerAViolationIsPrintedAndAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  ManualLoop loop;
  auto scripted = std::make_shared<ScriptedTransport>();
  CheckedTransport checked(scripted);
  StreamPtr stream = checked.create_stream(loop, StreamOptions("/a/b", CallKind::unary_unary));
  Recorded<OperationResult> started;
  Recorded<InitialMetadata> headers;
  ASSERT_TRUE(stream->start(started, headers).ok());
  ScriptedStream& backend = *scripted->streams.back();
  backend.open();
  loop.settle();
  EXPECT_DEATH(
      {
        backend.accept_start();
        loop.settle();
      },
      "weft: the transport broke rule T05: started was delivered in state \\{start: started");
}

TEST(CheckedTransportOnly, TheRestOfATransportPassesThrough) {
  ManualLoop loop;
  auto scripted = std::make_shared<ScriptedTransport>();
  CheckedTransport checked(scripted);
  scripted->sheet.name = "scripted";
  scripted->state = ConnectivityState::connecting;
  EXPECT_EQ(checked.capabilities().name, "scripted");
  EXPECT_EQ(checked.connectivity(true), ConnectivityState::connecting);
  EXPECT_EQ(scripted->connects, 1);
  Recorded<ConnectivityState> changed;
  checked.wait_for_change(loop, ConnectivityState::connecting, Deadline::infinite(), changed);
  scripted->change_state(ConnectivityState::ready);
  EXPECT_THAT(changed.results, ElementsAre(ConnectivityState::ready));
  checked.wait_for_change(loop, ConnectivityState::ready, Deadline::infinite(), changed);
  checked.cancel_wait(changed);
  loop.settle();
  EXPECT_THAT(changed.results, ElementsAre(ConnectivityState::ready, ConnectivityState::ready));
  EXPECT_EQ(checked.allocate(100).size(), 100u);
  checked.shutdown(ShutdownMode::graceful, CallStatus());
  EXPECT_EQ(scripted->shutdowns, 1);
}

}  // namespace
}  // namespace weft::test
