// The two ways of using either side of a call, which do not mix.

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "each_kind.h"
#include "read_results.h"
#include "weft/api/rpc_error.h"

namespace weft::test {
namespace {

template <class TypedCall>
Task<> expect_that_only_the_source_writes(TypedCall call) {
  const EchoRequest message = request("y");
  EXPECT_THAT(co_await call.write(message), IsUsageError(mixed_styles_text));
  EXPECT_THAT(co_await call.done_writing(), IsUsageError(mixed_styles_text));
}

BEHAVIOUR_OF_KINDS(ApiStyle, ACallWithARequestSourceIsNotWrittenTo, "B170 B173",
                   (stream_unary, stream_stream)) {
  auto call = open(setting.channel(), method, request("x"));
  auto while_it_runs = expect_that_only_the_source_writes(call);
  co_await std::move(while_it_runs);
  EXPECT_FALSE(call.done());
  if constexpr (Method::kind == CallKind::stream_unary) {
    const absl::StatusOr<EchoResponse>& response = co_await call;
    EXPECT_TRUE(response.ok() && response->request_count() == 1) << response.status();
  } else {
    const auto response = co_await call.read();
    EXPECT_TRUE(response && response->payload() == "x") << response.status();
    EXPECT_THAT(co_await call.read(), IsEnd());
  }
  auto when_it_is_done = expect_that_only_the_source_writes(call);
  co_await std::move(when_it_is_done);

  auto cancelled = open(setting.channel(), method, request("x"));
  cancelled.cancel();
  auto when_it_is_cancelled = expect_that_only_the_source_writes(cancelled);
  co_await std::move(when_it_is_cancelled);
}

BEHAVIOUR_OF_KINDS(ApiStyle, ACallThatIsReadIsNotIteratedOver, "B171 B173 B174 B175 R2-33",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, request("m", 2));
  EXPECT_THAT(co_await call.read(), IsMessage(0));
  const auto responses = call.responses();
  EXPECT_THAT(co_await responses.next(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_FALSE(call.done());
  EXPECT_THAT(co_await call.read(), IsMessage(1));
  EXPECT_THAT(co_await call.read(), IsEnd());
  EXPECT_THAT(co_await responses.next(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_THAT(co_await call.read(), IsEnd());
}

BEHAVIOUR_OF_KINDS(ApiStyle, ACallThatIsIteratedOverIsNotRead, "B172 B173 B174 B175",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, request("m", 2));
  const auto responses = call.responses();
  EXPECT_THAT(co_await responses.next(), IsMessage(0));
  EXPECT_THAT(co_await call.read(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_FALSE(call.done());
  EXPECT_THAT(co_await responses.next(), IsMessage(1));
  EXPECT_THAT(co_await responses.next(), IsEnd());
  EXPECT_THAT(co_await call.read(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_THAT(co_await responses.next(), IsEnd());
}

BEHAVIOUR_OF_KINDS(ApiStyle, IterationIsChosenWhenItIsAskedFor, "B173 B176",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, request("m", 1));
  const auto responses = call.responses();
  EXPECT_THAT(co_await call.read(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_THAT(co_await responses.next(), IsMessage(0));
  EXPECT_THAT(co_await responses.next(), IsEnd());
}

// Whoever is first, and whenever the peer ends the call.
BEHAVIOUR_OF_KINDS(ApiStyle, IsKeptWhenTheCallIsDoneBeforeItsFirstUse, "B174 B175",
                   (unary_stream, stream_stream)) {
  auto call = open(setting.channel(), method, request("m", 0));
  EXPECT_EQ(co_await call.status(), absl::OkStatus());
  EXPECT_THAT(co_await call.read(), IsEnd());
  const auto responses = call.responses();
  EXPECT_THAT(co_await responses.next(), IsFailure(IsUsageError(mixed_styles_text)));
  EXPECT_THAT(co_await call.read(), IsEnd());
}

static_assert(std::is_base_of_v<std::exception, RpcError>);
static_assert(!std::is_base_of_v<absl::Status, RpcError>);

BEHAVIOUR_OF_EACH_KIND(ApiStyle, AMisuseIsToldApartFromAPeersError, "B177") {
  auto call = open(setting.channel(), method,
                   failing_request(StatusCode::kFailedPrecondition, mixed_styles_text));
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  EXPECT_THAT(status, IsError(StatusCode::kFailedPrecondition, mixed_styles_text));
  EXPECT_FALSE(is_usage_error(status));
  EXPECT_THAT(usage_error(mixed_styles_text), HasCode(StatusCode::kFailedPrecondition));
  EXPECT_TRUE(is_usage_error(usage_error(mixed_styles_text)));
}

}  // namespace
}  // namespace weft::test
