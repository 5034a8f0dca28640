// Peers that answer too often, not at all, or with what nobody understands.

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connected.h"
#include "lingering_server.h"
#include "methods.h"
#include "statuses.h"
#include "watch.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {

// A message whose codec throws on "bad".
class Fragile {
 public:
  Fragile() = default;
  explicit Fragile(std::string content) : text(std::move(content)) {}
  std::string text;
};

}  // namespace weft::test

template <>
struct weft::Codec<weft::test::Fragile> {
  static absl::StatusOr<Bytes> serialize(const weft::test::Fragile& message, BytesAllocator&) {
    if (message.text == "bad") throw std::runtime_error("cannot be written");
    return Bytes::copy_of(message.text);
  }
  static absl::Status parse(const Bytes& bytes, weft::test::Fragile& message) {
    message.text = bytes.to_string();
    if (message.text == "bad") throw std::runtime_error("cannot be read");
    return absl::OkStatus();
  }
};

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::World;
using testing::AnyOf;

constexpr UnaryUnaryMethod<Fragile, Fragile> ask_fragile("/museum.Fragile/Ask");
constexpr StreamUnaryMethod<Fragile, std::string> collect_fragile("/museum.Fragile/Collect");
constexpr StreamStreamMethod<Fragile, Fragile> talk_fragile("/museum.Fragile/Talk");

constexpr char two_responses[] = "the peer sent more than one response to a call that has one";
constexpr char no_response[] = "the peer ended the call with OK but sent no response";
constexpr char unwritable[] = "cannot serialise the request: the codec threw: cannot be written";
constexpr char unreadable[] = "cannot parse the peer's message: the codec threw: cannot be read";

// The original never read the second response, which held the status back: the await never ended.
WEFT_SIM_TEST(MuseumR2_35, ASecondResponseEndsAStreamUnaryCall) {
  world.server().script(collect, Script().gap().message("one").gap().message("two").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_unary(collect);
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(79);

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_THAT(reply.status(),
              AnyOf(IsError(StatusCode::kUnimplemented, two_responses), IsLocalCancel()));
  const absl::StatusOr<std::string>& again = co_await call;
  EXPECT_EQ(again.status(), reply.status());
  world.sometimes("the cancel was first", call.cancelled());
  world.sometimes("the second response was first", !call.cancelled());
}
// The same with a peer that then says nothing more: it is told.
template <class Method>
Body answer_twice_and_linger(World& world, const Method& method) {
  const LingeringServer server(world, method.full_name(), {"one", "two"});
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_THAT(reply.status(), IsError(StatusCode::kUnimplemented, two_responses));
  co_await server.until_told();
}
WEFT_SIM_TEST(MuseumR2_35, APeerThatAnswersAUnaryCallTwiceIsTold) {
  EXPECT_SCHEDULES(5);
  return answer_twice_and_linger(world, ask);
}
WEFT_SIM_TEST(MuseumR2_35, APeerThatAnswersAStreamUnaryCallTwiceIsTold) {
  EXPECT_SCHEDULES(5);
  return answer_twice_and_linger(world, collect);
}
// With a deadline nothing looks for a second response, and the deadline ends the call.
WEFT_SIM_TEST(MuseumR2_35, ASecondResponseHoldsACallUpNoLongerThanItsDeadline) {
  world.server().script(collect, Script().message("one").message("two").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_unary(collect, CallOptions().timeout(absl::Seconds(1)));
  const Watch watch(world, call);
  EXPECT_SCHEDULES(14);

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_EQ(reply.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(world.elapsed(), absl::Seconds(1));
}

// The original gave a null response, with code OK.
template <class Method>
Body end_without_a_response(World& world, const Method& method) {
  world.server().script(method, Script().gap().headers().gap().finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_THAT(reply.status(),
              AnyOf(IsError(StatusCode::kUnimplemented, no_response), IsLocalCancel()));
  const StatusCode code = co_await call.code();
  EXPECT_EQ(code, reply.status().code());
  world.sometimes("the peer's OK was first", !call.cancelled());
}
WEFT_SIM_TEST(MuseumR2_36, OkWithoutAResponseFailsAUnaryCall) {
  EXPECT_SCHEDULES(43);
  return end_without_a_response(world, ask);
}
WEFT_SIM_TEST(MuseumR2_36, OkWithoutAResponseFailsAStreamUnaryCall) {
  EXPECT_SCHEDULES(43);
  return end_without_a_response(world, collect);
}

// The original logged what a serializer threw and sent an empty message: the call could end with OK
// and a wrong answer.
WEFT_SIM_TEST(MuseumR2_37, ARequestThatCannotBeSerialisedIsNeverSent) {
  world.server().script(ask_fragile, Script().read_all().message("fine").finish());
  Channel channel(world.transport(), world.loop());
  auto good = channel.unary_unary(ask_fragile, Fragile("fine"));
  auto bad = channel.unary_unary(ask_fragile, Fragile("bad"));
  const Watch watch_good(world, good);
  const Watch watch_bad(world, bad);
  EXPECT_SCHEDULES(5);

  EXPECT_TRUE(bad.done());
  EXPECT_FALSE(bad.cancel());
  const absl::StatusOr<Fragile>& failed = co_await bad;
  EXPECT_THAT(failed.status(), IsError(StatusCode::kInternal, unwritable));
  const absl::StatusOr<Fragile>& reply = co_await good;
  EXPECT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(world.server().calls_seen(), 1u);
}
WEFT_SIM_TEST(MuseumR2_37, AWriteThatCannotBeSerialisedIsRefusedAndTheCallGoesOn) {
  const auto count = [](auto& call) -> Task<absl::StatusOr<std::string>> {
    int requests = 0;
    while (co_await call.read()) ++requests;
    co_return std::to_string(requests);
  };
  world.server().serve(collect_fragile, count);
  Channel channel(world.transport(), world.loop());
  auto call = channel.stream_unary(collect_fragile);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(34);

  const absl::Status refused = co_await call.write(Fragile("bad"));
  EXPECT_FALSE(refused.ok());
  EXPECT_FALSE(call.done());
  const absl::Status written = co_await call.write(Fragile("fine"));
  EXPECT_TRUE(written.ok()) << written;
  (void)co_await call.done_writing();
  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_EQ(reply.value_or("failed"), "1");
}
WEFT_SIM_TEST(MuseumR2_37, ARequestOfASourceThatCannotBeSerialisedEndsTheCall) {
  const LingeringServer server(world, collect_fragile.full_name());
  Channel channel(world.transport("server", connected()), world.loop());
  const std::vector<Fragile> requests = {Fragile("fine"), Fragile("bad"), Fragile("fine")};
  auto call = channel.stream_unary(collect_fragile, requests);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(6);

  const absl::StatusOr<std::string>& reply = co_await call;
  EXPECT_THAT(reply.status(), IsError(StatusCode::kInternal, unwritable));
  co_await server.until_told();
  EXPECT_LE(server.messages_read(), 1u);
  world.sometimes("the request before it arrived", server.messages_read() == 1);
}
// The original logged what a deserializer threw and gave null, with code OK.
WEFT_SIM_TEST(MuseumR2_37, AResponseThatCannotBeParsedFailsTheCall) {
  world.server().script(ask_fragile, Script().read_all().message("bad").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.unary_unary(ask_fragile, Fragile("fine"));
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(19);

  const absl::StatusOr<Fragile>& reply = co_await call;
  EXPECT_THAT(reply.status(), AnyOf(IsError(StatusCode::kInternal, unreadable), IsLocalCancel()));
  const absl::Status status = co_await call.status();
  EXPECT_EQ(status, reply.status());
  world.sometimes("the response was there", !call.cancelled());
}
WEFT_SIM_TEST(MuseumR2_37, AMessageThatCannotBeParsedEndsAStreamAndThePeerIsTold) {
  const LingeringServer server(world, talk_fragile.full_name(), {"fine", "bad", "fine"});
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk_fragile);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(5);

  const ReadResult<Fragile> fine = co_await call.read();
  EXPECT_TRUE(fine && fine->text == "fine");
  for (int i = 0; i < 2; ++i) {
    const ReadResult<Fragile> failed = co_await call.read();
    EXPECT_THAT(failed.status(), IsError(StatusCode::kInternal, unreadable));
  }
  const absl::Status status = co_await call.status();
  EXPECT_THAT(status, IsError(StatusCode::kInternal, unreadable));
  co_await server.until_told();
}

// The original looked the number up in a table of seventeen: code() raised a key error.
template <class Method>
Body end_with_an_unknown_code(World& world, const Method& method) {
  const int numbers[] = {17, 99, -1};
  const StatusCode code = status_code_from_number(numbers[world.choose(3, "number of the code")]);
  world.server().script(method, Script().gap().finish(code, "the peer's words"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = open(channel, method);
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });

  const absl::Status status = co_await call.status();
  const StatusCode seen = co_await call.code();
  const std::optional<RpcError> error = co_await call.rpc_error();
  EXPECT_THAT(status, AnyOf(IsError(StatusCode::kUnknown, "the peer's words"), IsLocalCancel()));
  EXPECT_EQ(seen, status.code());
  EXPECT_EQ(error->code(), seen);
  EXPECT_NE(call.to_string(), "<Call object>");
  world.sometimes("the unknown code was first", seen == StatusCode::kUnknown);
}
WEFT_SIM_TEST(MuseumR2_48, ACodeThatNobodyKnowsEndsAUnaryCallWithUnknown) {
  EXPECT_SCHEDULES(57);
  return end_with_an_unknown_code(world, ask);
}
WEFT_SIM_TEST(MuseumR2_48, ACodeThatNobodyKnowsEndsAStreamWithUnknown) {
  EXPECT_SCHEDULES(57);
  return end_with_an_unknown_code(world, talk);
}
// A status that is no number at all.
WEFT_SIM_TEST(MuseumR2_48, AStatusThatIsNoNumberIsUnknown) {
  world.allow(sim::fault::unparsable_status());
  world.server().script(talk, Script().gap().finish(StatusCode::kNotFound, "no such room"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(10);

  const ReadResult<std::string> read = co_await call.read();
  const StatusCode code = co_await call.code();
  EXPECT_THAT(code, AnyOf(StatusCode::kUnknown, StatusCode::kNotFound));
  EXPECT_EQ(read.status().code(), code);
  world.sometimes("the status did not parse", code == StatusCode::kUnknown);
}

}  // namespace
}  // namespace weft::test
