// What a failed call tells, as values and as text.

#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "each_kind.h"
#include "weft/api/rpc_error.h"

namespace weft::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char rich_status_url[] = "type.googleapis.com/google.rpc.Status";
constexpr char rich_status_key[] = "echo-status-details-bin";

BEHAVIOUR_OF_EACH_KIND(Errors, TellAllThatTheCallTells, "B300 B305") {
  auto call =
      open(setting.channel(), method, failing_request(StatusCode::kNotFound, "no such room"),
           CallOptions().metadata("echo-initial", "i").metadata("echo-trailing", "t"));
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_TRUE(error.has_value());
  if (!error) co_return;
  EXPECT_EQ(error->code(), StatusCode::kNotFound);
  EXPECT_EQ(error->code(), co_await call.code());
  EXPECT_EQ(error->details(), "no such room");
  EXPECT_EQ(error->details(), co_await call.details());
  EXPECT_EQ(error->initial_metadata(), co_await call.initial_metadata());
  EXPECT_EQ(error->initial_metadata().get("echo-initial"), "i");
  EXPECT_EQ(error->trailing_metadata(), co_await call.trailing_metadata());
  EXPECT_EQ(error->trailing_metadata().get("echo-trailing"), "t");
  EXPECT_EQ(error->debug_error_string(), co_await call.debug_error_string());
  EXPECT_FALSE(error->debug_error_string().value_or("").empty());
  EXPECT_FALSE(error->locally_cancelled());
}

BEHAVIOUR(Errors, AreNoneForACallThatWentWell, "B300") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  EXPECT_FALSE((co_await call.rpc_error()).has_value());
}

BEHAVIOUR(Errors, HaveNothingThatTheyWereNotGiven, "B301 B302") {
  const RpcError error(CallStatus(StatusCode::kNotFound, ""), Metadata());
  EXPECT_EQ(error.details(), "");
  EXPECT_EQ(error.debug_error_string(), std::nullopt);
  EXPECT_TRUE(error.initial_metadata().empty());
  EXPECT_TRUE(error.trailing_metadata().empty());
  EXPECT_EQ(error.to_string(),
            "<RpcError of RPC that terminated with:\n"
            "\tstatus = StatusCode.NOT_FOUND\n"
            "\tdetails = \"\"\n"
            "\tdebug_error_string = \"None\"\n"
            ">");
  co_return;
}

// --- the error as a value ---

Task<RpcError> caught(UnaryUnaryCall<EchoRequest, EchoResponse> call) {
  try {
    (void)co_await call.value_or_throw();
  } catch (const RpcError& error) {
    co_return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  co_return RpcError(CallStatus(), Metadata());
}

BEHAVIOUR(Errors, AreReadableInBothForms, "B302") {
  auto call = setting.channel().unary_unary(unary_unary,
                                            failing_request(StatusCode::kNotFound, "no such room"));
  auto catching = caught(call);
  const RpcError error = co_await std::move(catching);
  const std::string debug = error.debug_error_string().value_or("None");
  EXPECT_EQ(error.to_string(),
            "<RpcError of RPC that terminated with:\n"
            "\tstatus = StatusCode.NOT_FOUND\n"
            "\tdetails = \"no such room\"\n"
            "\tdebug_error_string = \"" +
                debug + "\"\n>");
  EXPECT_EQ(error.what(), error.to_string());
}

void expect_equal(const RpcError& left, const RpcError& right) {
  EXPECT_EQ(left.code(), right.code());
  EXPECT_EQ(left.details(), right.details());
  EXPECT_EQ(left.initial_metadata(), right.initial_metadata());
  EXPECT_EQ(left.trailing_metadata(), right.trailing_metadata());
  EXPECT_EQ(left.debug_error_string(), right.debug_error_string());
  EXPECT_EQ(left.to_string(), right.to_string());
}

// An error is a value: it is part of nothing and nothing is part of it.
BEHAVIOUR(Errors, AreCopiesThatOutliveTheirCall, "B303 B304 B305") {
  std::exception_ptr stored;
  std::optional<RpcError> copy;
  {
    auto call = setting.channel().unary_unary(
        unary_unary, failing_request(StatusCode::kNotFound, "no such room"),
        CallOptions().metadata("echo-initial", "i").metadata("echo-trailing", "t"));
    auto catching = caught(call);
    copy = co_await std::move(catching);
    stored = std::make_exception_ptr(*copy);
    copy->what();
  }
  EXPECT_EQ(copy->trailing_metadata().get("echo-trailing"), "t");
  try {
    std::rethrow_exception(stored);
  } catch (const std::exception& error) {
    expect_equal(dynamic_cast<const RpcError&>(error), *copy);
  }
  const RpcError moved = *std::move(copy);
  EXPECT_EQ(moved.details(), "no such room");
}

// --- the call as text ---

BEHAVIOUR_OF_EACH_KIND(Errors, ACallThatLivesAndOneThatWentWellAreReadable, "B306 B307") {
  auto call = open(setting.channel(), method, request("x"));
  EXPECT_EQ(call.to_string(), "<Call object>");
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  EXPECT_EQ(call.to_string(),
            "<Call of RPC that terminated with:\n"
            "\tstatus = StatusCode.OK\n"
            "\tdetails = \"\"\n"
            ">");
}

BEHAVIOUR_OF_EACH_KIND(Errors, ACallThatFailedIsReadableWithStatusAndDetailsInTheirPlaces, "B308") {
  auto call = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "nope"));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), HasCode(StatusCode::kNotFound));
  const std::optional<std::string> why = co_await call.debug_error_string();
  const std::string debug = why.value_or("None");
  EXPECT_EQ(call.to_string(),
            "<Call of RPC that terminated with:\n"
            "\tstatus = StatusCode.NOT_FOUND\n"
            "\tdetails = \"nope\"\n"
            "\tdebug_error_string = \"" +
                debug + "\"\n>");
}

BEHAVIOUR_OF_EACH_KIND(Errors, ACallIsReadableInEveryState, "B309") {
  auto call = open(setting.channel(), method, request("x"));
  const auto look = setting.anytime("call1.text", [&] {
    std::ostringstream text;
    text << call;
    EXPECT_EQ(text.str(), call.to_string());
    EXPECT_THAT(text.str(),
                StartsWith(call.done() ? "<Call of RPC that terminated with" : "<Call object>"));
    call.cancel();
    EXPECT_THAT(call.to_string(), StartsWith("<Call of RPC that terminated with"));
  });
  auto ending = end_of(call);
  (void)co_await std::move(ending);
  EXPECT_THAT(call.to_string(), StartsWith("<Call of RPC that terminated with"));
}

// --- the status ---

BEHAVIOUR_OF_EACH_KIND(Errors, ACodeThatNobodyKnowsIsUnknown, "B310 R2-48") {
  auto call = open(setting.channel(), method, failing_request(static_cast<StatusCode>(99), "new"));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), IsError(StatusCode::kUnknown, "new"));
  EXPECT_EQ(co_await call.code(), StatusCode::kUnknown);
  EXPECT_THAT(call.to_string(), HasSubstr("StatusCode.UNKNOWN"));
}

// A serialised google.rpc.Status with one detail.
std::string rich_status(StatusCode code, std::string_view message) {
  const std::string detail = "\x0a\x05tests";  // an Any with a type_url
  std::string bytes = {'\x08', static_cast<char>(code), '\x12', static_cast<char>(message.size())};
  bytes += message;
  bytes += {'\x1a', static_cast<char>(detail.size())};
  return bytes + detail;
}

BEHAVIOUR(Errors, CarryTheRichStatusOfTheServer, "B311") {
  const std::string rich = rich_status(StatusCode::kNotFound, "nope");
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "nope"),
                                    CallOptions().metadata(rich_status_key, rich));
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "nope"));
  EXPECT_EQ(status.GetPayload(rich_status_url), rich);
}

BEHAVIOUR(Errors, CarryNoRichStatusThatTheServerDidNotSend, "B311") {
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "nope"));
  const absl::Status status = co_await call.status();
  EXPECT_FALSE(status.GetPayload(rich_status_url).has_value());
}

// Its bytes are the user's to parse, and so to compare: what the call says is what the protocol
// said.
BEHAVIOUR(Errors, KeepTheirOwnCodeWhenTheRichStatusDisagrees, "B312") {
  const std::string rich = rich_status(StatusCode::kAborted, "something else");
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "nope"),
                                    CallOptions().metadata(rich_status_key, rich));
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "nope"));
  EXPECT_EQ(status.GetPayload(rich_status_url), rich);
  EXPECT_EQ(co_await call.code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace weft::test
