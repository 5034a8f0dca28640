// Calls that a std::stop_token ends, in every order of events and over real gRPC.

#include "weft/adapters/stop_token.h"

#include <optional>

#include "each_kind.h"

namespace weft::test {
namespace {

constexpr char why[] = "the user left";

BEHAVIOUR_OF_EACH_KIND(CancelOnStop, AndTheServersStatusTheFirstOfThemStands, "B183 B186") {
  std::stop_source user;
  auto call = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "gone"));
  int ended = 0;
  call.add_done_callback([&](const Call&) { ++ended; });
  cancel_on_stop(call, user.get_token(), why);
  bool was_done = false;
  const auto stop = setting.anytime("user.stop", [&] {
    was_done = call.done();
    EXPECT_TRUE(user.request_stop());
    EXPECT_TRUE(call.done());
  });
  setting.expect_schedules(314);
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  if (call.cancelled()) {
    EXPECT_THAT(status, IsError(StatusCode::kCancelled, why));
    EXPECT_FALSE(was_done);
  } else {
    EXPECT_THAT(status, IsError(StatusCode::kNotFound, "gone"));
  }
  EXPECT_EQ(ended, 1);
  setting.sometimes("the stop was first", call.cancelled());
  setting.sometimes("the status was first", !call.cancelled());
}

BEHAVIOUR_OF_EACH_KIND(CancelOnStop, OfAStopThatWasRequestedBeforeCancelsAtOnce, "B180") {
  std::stop_source user;
  user.request_stop();
  const std::string name = setting.new_name();
  auto call = open(setting.channel(), method, request("x"), CallOptions().metadata("watch", name));
  cancel_on_stop(call, user.get_token(), why);
  EXPECT_TRUE(call.cancelled());
  EXPECT_THAT(co_await call.status(), IsError(StatusCode::kCancelled, why));
}

// Whoever else asks for the same token is told as well, and a stop after the end tells nobody.
BEHAVIOUR(CancelOnStop, IsOverWithTheCall, "B182") {
  std::stop_source user;
  std::optional call = setting.channel().unary_unary(unary_unary, request("x"));
  cancel_on_stop(*call, user.get_token(), why);
  (void)co_await *call;
  cancel_on_stop(*call, user.get_token(), why);  // too late for it
  EXPECT_EQ(co_await call->status(), absl::OkStatus());
  call.reset();
  EXPECT_TRUE(user.request_stop());
}

BEHAVIOUR(CancelOnStop, KeepsNoCallAlive, "B250") {
  std::stop_source user;
  bool ended = false;
  {
    auto call = setting.channel().unary_unary(unary_unary, silent_request());
    cancel_on_stop(call, user.get_token(), why);
    call.add_done_callback([&](const Call&) { ended = true; });
  }
  EXPECT_TRUE(ended);
  EXPECT_TRUE(user.request_stop());
  co_return;
}

BEHAVIOUR(CancelOnStop, WithoutASourceChangesNothing, "") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  cancel_on_stop(call, std::stop_token(), why);
  {
    std::stop_source dropped;
    cancel_on_stop(call, dropped.get_token(), why);
  }
  const auto& response = co_await call;
  EXPECT_TRUE(response.ok()) << response.status();
}

}  // namespace
}  // namespace weft::test
