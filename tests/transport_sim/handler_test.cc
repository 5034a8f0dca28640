// Typed handlers of a simulated server: results and errors, at once and awaited; headers, reading,
// writing, cancels. Everything in every order.

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chain.h"
#include "fault_bodies.h"
#include "four_kinds.h"

namespace weft::sim {
namespace {

using namespace weft::test;
using testing::ElementsAre;
using testing::Eq;
using testing::Optional;
using weft::detail::text;

using Strings = ServerCall<std::string, std::string>;

// --- the four kinds ---

TEST(Handler, OfAUnaryCallMayAnswerAtOnce) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryUnary::method, [](const std::string& name) { return "hi " + name; });
    Channel channel(world.transport("server", connected()), world.loop());
    const auto reply = co_await channel.unary_unary(UnaryUnary::method, "you");
    world.outcome(*reply);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("hi you"));
}

TEST(Handler, OfAUnaryCallMayAnswerLaterAndUseTheCall) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(
        UnaryUnary::method,
        [](const std::string& name, Strings& call) -> Task<absl::StatusOr<std::string>> {
          co_await call.world().yield();
          co_return text(name, " from ", *call.metadata().get("from"));
        });
    Channel channel(world.transport("server", connected()), world.loop());
    const auto reply = co_await channel.unary_unary(UnaryUnary::method, "hello",
                                                    CallOptions().metadata("from", "me"));
    world.outcome(*reply);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("hello from me"));
}

TEST(Handler, OfAStreamOfResponsesWritesThem) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryStream::method,
                         [](const std::string& name, auto& call) -> Task<absl::Status> {
                           EXPECT_TRUE(co_await call.write(name + "1"));
                           EXPECT_TRUE(co_await call.write(name + "2"));
                           co_return absl::OkStatus();
                         });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "n");
    EXPECT_THAT(co_await UnaryStream::read(call), ElementsAre("n1", "n2"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK"));
}

TEST(Handler, OfAStreamOfRequestsReadsThemToTheirEnd) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(StreamUnary::method, [](auto& call) -> Task<absl::StatusOr<std::string>> {
      std::string all;
      while (const std::optional<std::string> request = co_await call.read()) all += *request;
      EXPECT_EQ(co_await call.read(), std::nullopt);  // the end stays
      co_return all;
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_unary(StreamUnary::method);
    for (int i = 1; i <= 3; ++i) EXPECT_TRUE((co_await call.write(std::to_string(i))).ok());
    EXPECT_TRUE((co_await call.done_writing()).ok());
    const absl::StatusOr<std::string>& reply = co_await call;
    world.outcome(*reply);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("123"));
}

TEST(Handler, OfTwoStreamsReadsAndWritesInTurn) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(StreamStream::method, [](auto& call) -> Task<absl::Status> {
      while (const auto request = co_await call.read()) co_await call.write(*request + "!");
      co_return absl::OkStatus();
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_stream(StreamStream::method);
    std::vector<std::string> replies;
    for (int i = 1; i <= 2; ++i) {
      EXPECT_TRUE((co_await call.write(std::to_string(i))).ok());
      auto reply = co_await call.read();
      replies.push_back(*reply);
    }
    (void)co_await call.done_writing();
    EXPECT_TRUE((co_await call.read()).is_end());
    EXPECT_THAT(replies, ElementsAre("1!", "2!"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK"));
}

// --- how they end ---

TEST(Handler, EndsItsCallWithItsStatusAndTrailingMetadata) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryUnary::method, [](const std::string&, Strings& call) {
      call.set_trailing_metadata({{"hint", "later"}});
      return absl::StatusOr<std::string>(absl::UnavailableError("busy"));
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_unary(UnaryUnary::method, "r");
    EXPECT_EQ((co_await call).status(), absl::UnavailableError("busy"));
    const Metadata trailing = co_await call.trailing_metadata();
    EXPECT_THAT(trailing.get("hint"), Optional(Eq("later")));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNAVAILABLE"));
}

TEST(Handler, HasItsWrittenMessagesDeliveredBeforeItsError) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryStream::method,
                         [](const std::string&, auto& call) -> Task<absl::Status> {
                           co_await call.write("one");
                           co_return absl::DataLossError("the rest is gone");
                         });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    EXPECT_THAT(co_await UnaryStream::read(call), ElementsAre("one"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("DATA_LOSS"));
}

TEST(Handler, MayAnswerBeforeItHasReadEverything) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(StreamUnary::method, [](auto& call) -> Task<absl::StatusOr<std::string>> {
      const std::optional<std::string> first = co_await call.read();
      co_return text("enough after ", first.value_or("nothing"));
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_unary(StreamUnary::method);
    (void)co_await call.write("one");
    (void)co_await call.write("two");
    const absl::StatusOr<std::string>& reply = co_await call;
    world.outcome(*reply);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("enough after one"));
}

// What the client is told when a handler throws, at once or after a while.
std::string details_of(std::exception_ptr thrown, bool later) {
  std::string details;
  const Explored explored([&](World& world) -> Body {
    const auto throws = [&](const std::string&) -> absl::StatusOr<std::string> {
      std::rethrow_exception(thrown);
    };
    const auto throws_later = [&](const std::string&,
                                  Strings& call) -> Task<absl::StatusOr<std::string>> {
      co_await call.world().yield();
      std::rethrow_exception(thrown);
    };
    if (later) {
      world.server().serve(UnaryUnary::method, throws_later);
    } else {
      world.server().serve(UnaryUnary::method, throws);
    }
    Channel channel(world.transport("server", connected()), world.loop());
    const auto reply = co_await channel.unary_unary(UnaryUnary::method, "r");
    details = std::string(reply.status().message());
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNKNOWN"));
  return details;
}

TEST(Handler, ThatThrowsEndsItsCallWithUnknownAndWhatItSaid) {
  for (const bool later : {false, true}) {
    const auto error = std::make_exception_ptr(std::runtime_error("no luck"));
    EXPECT_EQ(details_of(error, later), "no luck");
    EXPECT_EQ(details_of(std::make_exception_ptr(7), later), "the handler threw");
  }
}

TEST(Handler, IsNotAskedForARequestThatDoesNotParse) {
  constexpr UnaryUnaryMethod<Number, std::string> spell("/test.Numbers/Spell");
  constexpr UnaryUnaryMethod<std::string, std::string> spell_anything("/test.Numbers/Spell");
  const Explored explored([&](World& world) -> Body {
    world.server().serve(spell, [](const Number&) {
      ADD_FAILURE() << "was asked";
      return std::string();
    });
    Channel channel(world.transport("server", connected()), world.loop());
    (void)co_await channel.unary_unary(spell_anything, "no number");
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("INTERNAL"));
}

TEST(Handler, ThatReadsARequestThatDoesNotParseEndsWithInternalWhateverItSays) {
  constexpr StreamUnaryMethod<Number, std::string> spell("/test.Numbers/SpellAll");
  constexpr StreamUnaryMethod<std::string, std::string> spell_anything("/test.Numbers/SpellAll");
  const Explored explored([&](World& world) -> Body {
    world.server().serve(spell, [](auto& call) -> Task<absl::StatusOr<std::string>> {
      while (co_await call.read()) {
      }
      co_return "all fine";
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_unary(spell_anything);
    (void)co_await call.write("no number");
    (void)co_await call;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("INTERNAL"));
}

// --- headers, flow, cancels ---

TEST(Handler, SendsHeadersWhenItLikesAndEmptyOnesOtherwise) {
  const Explored explored([](World& world) -> Body {
    const bool sends = world.choose(2, "headers") == 1;
    world.server().serve(UnaryStream::method,
                         [&](const std::string&, auto& call) -> Task<absl::Status> {
                           if (sends) call.send_headers({{"a", "1"}});
                           co_await call.write("m");
                           call.send_headers({{"too", "late"}});
                           co_return absl::OkStatus();
                         });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    const Metadata headers = co_await call.initial_metadata();
    EXPECT_EQ(headers.size(), sends ? 1u : 0u);
    EXPECT_EQ(headers.contains("a"), sends);
    EXPECT_THAT(co_await UnaryStream::read(call), ElementsAre("m"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("OK"));
}

TEST(Handler, KnowsTheDeadline) {
  const Explored explored([](World& world) -> Body {
    world.server().serve(UnaryUnary::method, [](const std::string&, Strings& call) {
      return absl::FormatDuration(call.deadline().remaining(call.world().loop().now()));
    });
    Channel channel(world.transport("server", connected()), world.loop());
    const auto reply = co_await channel.unary_unary(UnaryUnary::method, "r",
                                                    CallOptions().timeout(absl::Seconds(9)));
    world.outcome(reply.value_or("late"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("9s", "late"));
}

TEST(Handler, WaitsInAWriteUntilTheClientHasRead) {
  const Explored explored([](World& world) -> Body {
    int written = 0;
    int read = 0;
    world.server().serve(UnaryStream::method,
                         [&](const std::string&, auto& call) -> Task<absl::Status> {
                           for (int i = 0; i < 4; ++i) {
                             if (!co_await call.write("1234567")) co_return absl::OkStatus();
                             EXPECT_LE(++written, read + 2);
                           }
                           co_return absl::OkStatus();
                         });
    // One message fits, and a second overdraws it.
    Channel channel(world.transport("server", connected().window(8)), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    while (co_await call.read()) ++read;
    EXPECT_EQ(written, 4);
    world.outcome(text(read, " read"));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("4 read"));
}

TEST(Handler, IsFreedFromAWriteByACancelAndToldThatItWasInVain) {
  const Explored explored([](World& world) -> Body {
    std::optional<bool> taken;
    Gate over;
    world.server().serve(UnaryStream::method,
                         [&](const std::string&, auto& call) -> Task<absl::Status> {
                           taken = co_await call.write("more than the window");
                           EXPECT_TRUE(call.cancelled());
                           EXPECT_FALSE(co_await call.write("more"));
                           over.open();
                           co_return absl::OkStatus();
                         });
    Channel channel(world.transport("server", connected().window(8)), world.loop());
    auto call = channel.unary_stream(UnaryStream::method, "r");
    (void)co_await call.initial_metadata();
    call.cancel();
    co_await over;
    EXPECT_THAT(taken, Optional(Eq(false)));
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED"));
}

TEST(Handler, IsFreedFromAReadByTheEndOfTheCall) {
  const Explored explored([](World& world) -> Body {
    Gate over;
    world.server().serve(StreamStream::method, [&](auto& call) -> Task<absl::Status> {
      call.send_headers(Metadata());
      EXPECT_EQ(co_await call.read(), std::nullopt);
      EXPECT_TRUE(call.cancelled());
      over.open();
      co_return absl::OkStatus();
    });
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.stream_stream(StreamStream::method);
    (void)co_await call.initial_metadata();
    world.server().stop();
    co_await over;
    (void)co_await call.status();
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("UNAVAILABLE"));
}

TEST(Handler, MayWaitForACancelAndIsToldOfADroppedCallToo) {
  const Explored explored([](World& world) -> Body {
    Gate told;
    world.server().serve(
        UnaryUnary::method,
        [&](const std::string&, Strings& call) -> Task<absl::StatusOr<std::string>> {
          call.send_headers(Metadata());
          co_await call.until_cancelled();
          co_await call.until_cancelled();  // at once
          told.open();
          co_return "to nobody";
        });
    Channel channel(world.transport("server", connected()), world.loop());
    {
      auto call =
          channel.unary_unary(UnaryUnary::method, "r", CallOptions().early_initial_metadata());
      (void)co_await call.initial_metadata();
      if (world.choose(2, "drop") == 0) call.cancel();
    }
    co_await told;
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("CANCELLED"));
}

TEST(Handler, ThatWaitsForEverIsDestroyedWithItsWorld) {
  bool destroyed = false;
  const Explored explored([&](World& world) -> Body {
    destroyed = false;
    class Note {
     public:
      explicit Note(bool& flag) : flag_(flag) {}
      ~Note() { flag_ = true; }

     private:
      bool& flag_;
    };
    world.server().serve(UnaryUnary::method,
                         [&](const std::string&, Strings&) -> Task<absl::StatusOr<std::string>> {
                           const Note note(destroyed);
                           co_await Gate();
                           co_return "never";
                         });
    Channel channel(world.transport("server", connected()), world.loop());
    const auto options = CallOptions().timeout(absl::Seconds(1));
    (void)co_await channel.unary_unary(UnaryUnary::method, "r", options);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("DEADLINE_EXCEEDED"));
  EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace weft::sim
