// Ends that the peer makes while the client is still at something: trailers alone, a status behind
// a message that nobody has read, a deadline that the peer notices. In every order.

#include <string>
#include <utility>

#include "fault_bodies.h"
#include "four_kinds.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using weft::detail::text;

// B229, F10
TEST(ADeadline, IsReportedByWhicheverSideNoticesItFirst) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryUnary::method, Script().wait_for_cancel());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call =
        channel.unary_unary(UnaryUnary::method, "r", CallOptions().timeout(absl::Seconds(1)));
    (void)co_await call;
    const std::optional<std::string> debug_text = co_await call.debug_error_string();
    world.outcome(text(code_of(call), ": ", co_await call.details(), ", ", *debug_text));
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("DEADLINE_EXCEEDED: Deadline Exceeded, received from the peer",
                          "DEADLINE_EXCEEDED: Deadline Exceeded, the deadline passed; "
                          "progress: maybe processed"));
}

TEST(ADeadline, CancelsTheHandlerWhenTheServerNoticesIt) {
  const Explored explored([](World& world) -> Body {
    const auto told = std::make_shared<bool>(false);
    world.server().serve(
        StreamStream::method,
        [told](ServerCall<std::string, std::string>& server_call) -> Task<absl::Status> {
          co_await server_call.until_cancelled();
          *told = server_call.cancelled();
          EXPECT_FALSE(co_await server_call.write("too late"));
          co_return absl::OkStatus();
        });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call =
        channel.stream_stream(StreamStream::method, CallOptions().timeout(absl::Seconds(1)));
    (void)co_await call.status();
    world.outcome(text(code_of(call), *told ? ", the handler knew before" : ""));
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED, the handler knew before"));
}

TEST(ADeadline, IsTheClientsAloneWhenTheServerKeepsNone) {
  const Explored explored([](World& world) -> Body {
    world.server().keep_deadlines(false);
    world.server().script(UnaryUnary::method, Script().wait_for_cancel());
    Channel channel(world.transport("server", connected()), world.loop());
    auto call =
        channel.unary_unary(UnaryUnary::method, "r", CallOptions().timeout(absl::Seconds(1)));
    (void)co_await call;
    world.outcome(*co_await call.debug_error_string());
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("the deadline passed; progress: maybe processed"));
}

// T14: the lack of headers shows before the status does, and a cancel fits between the two.
TEST(TrailersAlone, LeaveRoomForACancelBetweenTheMissingHeadersAndTheStatus) {
  const Explored explored([](World& world) -> Body {
    world.server().script(UnaryStream::method, Script().finish(StatusCode::kNotFound, "none"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    const Metadata headers = co_await call.initial_metadata();
    EXPECT_TRUE(headers.empty());
    const bool cancelled = call.cancel();
    (void)co_await call.status();
    world.outcome(text(code_of(call), cancelled ? ", cancelled" : ""));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED, cancelled"));
}

// T53
TEST(AWrite, MayFailOrBeTakenWhileAMessageIsUnreadBeforeTheStatus) {
  const Explored explored([](World& world) -> Body {
    world.server().script(StreamStream::method,
                          Script().message("unread").finish(StatusCode::kAborted, "no more"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_stream(StreamStream::method);
    co_await world.yield();
    const absl::Status written = co_await call.write("late");
    const auto read = co_await call.read();
    world.outcome(text("write ", written.ok() ? "taken" : "failed", ", ",
                       read ? "then the message" : "no message"));
    (void)co_await call.status();
  });
  EXPECT_THAT(explored.outcomes,
              ElementsAre("write failed, then the message", "write taken, then the message"));
}

// T53: without room, only the peer's end lets the write go.
TEST(AWrite, ThatFlowControlHoldsIsFreedByAStatusThatNobodyHasRead) {
  const Explored explored([](World& world) -> Body {
    world.server().script(StreamStream::method,
                          Script().message("unread").gap().finish(StatusCode::kAborted, "no more"));
    Channel channel(world.transport("server", connected().window(2)), world.loop());
    auto call = channel.stream_stream(StreamStream::method);
    const absl::Status written = co_await call.write("longer than the window");
    const absl::Status status = co_await call.status();
    world.outcome(text(written.ok() ? "taken" : "failed", ", ", code_of(call)));
    (void)status;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("failed, ABORTED"));
}

}  // namespace
}  // namespace weft::sim
