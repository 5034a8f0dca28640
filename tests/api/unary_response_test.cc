// Calls with one response: the response, or why there is none.

#include <string>
#include <utility>

#include "call_fixture.h"

namespace weft::test {
namespace {

class UnaryResponses : public ScriptedCallTest {
 protected:
  // The peer takes everything and answers; a call without a deadline asks for a second message.
  void answer(const std::string& text) {
    stream().open();
    stream().accept_message();
    stream().accept_close();
    stream().deliver(text);
    loop.settle();
    if (stream().receive_outstanding()) stream().deliver_end();
  }
};

TEST_F(UnaryResponses, AwaitingGivesTheResponse) {
  auto call = channel->unary_unary(unary_unary, "request");
  EXPECT_EQ(stream().count("send request"), 1);
  answer("reply");
  stream().finish();
  EXPECT_EQ(run(call).value(), "reply");
  EXPECT_EQ(run(call).value(), "reply");  // B041, B043
}

Task<std::string> await_response_twice(const UnaryUnaryCall<std::string, std::string>& call) {
  const absl::StatusOr<std::string>& first = co_await call;
  const absl::StatusOr<std::string>& second = co_await call;
  EXPECT_EQ(&first, &second);
  co_return first.value();
}

TEST_F(UnaryResponses, AKeptCallGivesAReferenceToItsResponse) {
  auto call = channel->unary_unary(unary_unary, "request");
  answer("reply");
  stream().finish();
  EXPECT_EQ(run(await_response_twice(call)), "reply");
}

TEST_F(UnaryResponses, ATemporaryCallGivesTheResponseItself) {
  Started response(channel->unary_unary(unary_unary, "request"));
  answer("a reply that is too long to lie in the string object itself");
  stream().finish();
  loop.settle();
  EXPECT_EQ(response->value(), "a reply that is too long to lie in the string object itself");
}

TEST_F(UnaryResponses, AResponseThatOthersMayLookAtIsNotMovedAway) {
  auto call = channel->unary_unary(unary_unary, "request");
  auto copy = call;
  Started taken(std::move(copy));
  answer("a reply that is too long to lie in the string object itself");
  stream().finish();
  loop.settle();
  EXPECT_EQ(taken->value(), "a reply that is too long to lie in the string object itself");
  EXPECT_EQ(run(call).value(), "a reply that is too long to lie in the string object itself");
}

TEST_F(UnaryResponses, TheResponseIsNotGivenBeforeTheStatus) {
  auto call = channel->unary_unary(unary_unary, "request");
  Started response(call);
  answer("reply");
  loop.settle();
  EXPECT_FALSE(response.done());
  stream().finish(CallStatus(StatusCode::kInternal, "after all"));
  loop.settle();
  EXPECT_THAT(response->status(), IsError(StatusCode::kInternal, "after all"));
}

TEST_F(UnaryResponses, OkWithoutAResponseIsUnimplemented) {  // B055
  auto call = channel->unary_unary(unary_unary, "request");
  stream().open();
  stream().accept_message();
  stream().accept_close();
  stream().deliver_end();
  stream().finish();
  EXPECT_THAT(run(call).status(), IsError(StatusCode::kUnimplemented,
                                          "the peer ended the call with OK but sent no response"));
  EXPECT_EQ(run(call.code()), StatusCode::kUnimplemented);
}

TEST_F(UnaryResponses, TwoResponsesAreUnimplementedAndTheTransportIsCancelled) {  // B056
  auto call = channel->unary_unary(unary_unary, "request");
  stream().open();
  stream().accept_message();
  stream().accept_close();
  stream().deliver("one");
  stream().deliver("two");
  loop.settle();
  EXPECT_TRUE(call.done());
  EXPECT_THAT(run(call).status(),
              IsError(StatusCode::kUnimplemented,
                      "the peer sent more than one response to a call that has one"));
  EXPECT_EQ(stream().count("cancel UNIMPLEMENTED"), 1);
}

absl::Status parse_none(Bytes, std::string&) {
  return absl::InvalidArgumentError("not a message");
}

TEST_F(UnaryResponses, AResponseThatCannotBeParsedIsInternal) {  // B054
  const UnaryUnaryMethod<std::string, std::string> method(
      "/test.Echo/Bad", &Codec<std::string>::serialize, &parse_none);
  auto call = channel->unary_unary(method, "request");
  answer("garbage");
  stream().finish();
  EXPECT_THAT(run(call).status(),
              IsError(StatusCode::kInternal, "cannot parse the peer's message: not a message"));
  EXPECT_EQ(run(call.code()), StatusCode::kInternal);
}

TEST_F(UnaryResponses, ValueOrThrowGivesTheValue) {
  auto call = channel->unary_unary(unary_unary, "request");
  answer("reply");
  stream().finish();
  EXPECT_EQ(run(call.value_or_throw()), "reply");
  EXPECT_EQ(run(call.value_or_throw()), "reply");
}

TEST_F(UnaryResponses, ValueOrThrowThrowsTheWholeOutcome) {
  auto call = channel->unary_unary(unary_unary, "request");
  CallStatus status(StatusCode::kNotFound, "no such thing");
  status.trailing_metadata.add("cost", "3");
  stream().break_off(status);
  try {
    run(call.value_or_throw());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const RpcError& error) {
    EXPECT_EQ(error.code(), StatusCode::kNotFound);
    EXPECT_EQ(error.details(), "no such thing");
    EXPECT_EQ(error.trailing_metadata(), (Metadata{{"cost", "3"}}));
  }
}

TEST_F(UnaryResponses, AStreamUnaryCallAnswersTheRequestsItWasWritten) {
  auto call = channel->stream_unary(stream_unary);
  stream().open();
  loop.settle();
  stream().accept_message();
  EXPECT_EQ(run(call.write("a")), absl::OkStatus());
  stream().accept_close();
  EXPECT_EQ(run(call.done_writing()), absl::OkStatus());
  stream().deliver("sum");
  stream().deliver_end();
  stream().finish();
  EXPECT_EQ(run(call).value(), "sum");
}

TEST_F(UnaryResponses, AStreamUnaryCallMayBeAnsweredBeforeTheRequestsAreThrough) {  // B118
  auto call = channel->stream_unary(stream_unary);
  stream().open();
  loop.settle();
  Started write(call.write("a"));
  stream().deliver("early");
  stream().fail_message();
  stream().deliver_end();
  stream().finish();
  EXPECT_EQ(run(call).value(), "early");
  EXPECT_THAT(*write, IsUsageError(already_finished_text));
}

TEST_F(UnaryResponses, ACallWithADeadlineAsksForOneMessageOnly) {  // D19
  auto call = channel->unary_unary(unary_unary, "request", CallOptions().timeout(absl::Seconds(1)));
  answer("reply");
  EXPECT_EQ(stream().count("receive"), 1);
  stream().finish();
  EXPECT_EQ(run(call).value(), "reply");
}

}  // namespace
}  // namespace weft::test
