// One request, one response.

#include "behaviour.h"

namespace weft::test {
namespace {

BEHAVIOUR(UnaryUnary, GivesTheResponseAndTheSameOneAgain, "B040 B041") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_EQ(response->payload(), "x");
  EXPECT_TRUE(call.done());
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(&(co_await call).value(), &response.value());
}

BEHAVIOUR(UnaryUnary, EndsOnceWhetherCancelledOrAnswered, "B202") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  bool cancelled = false;
  const auto cancel = setting.anytime("call1.cancel", [&] { cancelled = call.cancel(); });
  const absl::StatusOr<EchoResponse> response = co_await call;
  if (response.ok()) {
    EXPECT_EQ(response->payload(), "x");
    EXPECT_FALSE(call.cancelled());
  } else {
    EXPECT_THAT(response.status(), IsLocalCancel());
    EXPECT_TRUE(cancelled);
  }
  setting.sometimes("answered", response.ok());
  setting.sometimes("cancelled", !response.ok());
}

BEHAVIOUR(UnaryUnary, ACancelReachesTheServer, "B190") {
  const std::string name = setting.new_name();
  auto call = setting.channel().unary_unary(unary_unary, silent_request(),
                                            CallOptions()
                                                .metadata("watch", name)
                                                .metadata("send-headers-early", "1")
                                                .early_initial_metadata());
  (void)co_await call.initial_metadata();
  EXPECT_TRUE(call.cancel());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

}  // namespace
}  // namespace weft::test
