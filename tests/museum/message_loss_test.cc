// No message is lost before an OK: reading late, reading on after the end, ending in between.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connected.h"
#include "latch.h"
#include "methods.h"
#include "recorded.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_any.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;
using testing::AnyOf;
using testing::ElementsAre;

// The original refused to iterate over a call that had been read to its end, and let a call that
// had been iterated over be read: here the first style holds, on a call that is done as well.
WEFT_SIM_TEST(MuseumR2_33, ACallThatWasReadToItsEndRefusesIterationAndStaysAtItsEnd) {
  world.server().script(tell, Script().read_all().message("m").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.unary_stream(tell, "question");
  const Watch watch(world, call);
  EXPECT_SCHEDULES(5);

  const ReadResult<std::string> message = co_await call.read();
  EXPECT_TRUE(message && *message == "m");
  const ReadResult<std::string> end = co_await call.read();
  EXPECT_TRUE(end.is_end()) << end.status();
  const ReadResult<std::string> refused = co_await call.responses().next();
  EXPECT_THAT(refused.status(), IsUsageError(mixed_styles_text));
  const ReadResult<std::string> again = co_await call.read();
  EXPECT_TRUE(again.is_end()) << again.status();
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok()) << status;
}
WEFT_SIM_TEST(MuseumR2_33, ACallThatWasIteratedToItsEndRefusesReadsAndStaysAtItsEnd) {
  world.server().script(tell, Script().read_all().message("m").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.unary_stream(tell, "question");
  const Watch watch(world, call);
  EXPECT_SCHEDULES(5);

  auto responses = call.responses();
  const ReadResult<std::string> message = co_await responses.next();
  EXPECT_TRUE(message && *message == "m");
  const ReadResult<std::string> end = co_await responses.next();
  EXPECT_TRUE(end.is_end()) << end.status();
  const ReadResult<std::string> refused = co_await call.read();
  EXPECT_THAT(refused.status(), IsUsageError(mixed_styles_text));
  const ReadResult<std::string> again = co_await responses.next();
  EXPECT_TRUE(again.is_end()) << again.status();
}

// The original's read() gave the end on a call that was done with OK, whether or not a message was
// left. Here one can be: it came after its reader had stopped waiting, and the status after it.
Body read_after_the_end(World& world, StatusCode code) {
  world.server().script(talk, Script().gap().message("m").gap().finish(code, "so be it"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);

  auto first = when_any(call.read(), world.yield());
  const auto found = co_await std::move(first);
  const bool abandoned = found.index() == 1;
  const absl::Status status = co_await call.status();
  EXPECT_EQ(status.code(), code);
  if (abandoned) {
    const ReadResult<std::string> left = co_await call.read();
    EXPECT_TRUE(left && *left == "m") << left.status();
  }
  for (int i = 0; i < 2; ++i) {
    const ReadResult<std::string> end = co_await call.read();
    EXPECT_EQ(end.is_end(), code == StatusCode::kOk);
    EXPECT_EQ(end.status(), status);
  }
  world.sometimes("the call was done with a message unread", abandoned);
  world.sometimes("the message was read before", !abandoned);
}
WEFT_SIM_TEST(MuseumR2_34, AMessageThatIsLeftWhenTheCallIsDoneWithOkIsStillRead) {
  EXPECT_SCHEDULES(133);
  return read_after_the_end(world, StatusCode::kOk);
}
WEFT_SIM_TEST(MuseumR2_34, AMessageThatIsLeftWhenTheCallIsDoneWithAnErrorIsStillRead) {
  EXPECT_SCHEDULES(133);
  return read_after_the_end(world, StatusCode::kAborted);
}

// gRPC's in-process transport gave STATUS OK and then no message when the peer sent everything in
// one batch before the first read.
Body read_late(World& world, StatusCode code) {
  world.server().script(talk, Script().headers().message("M1").finish(code, "so be it"));
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);

  (void)co_await call.initial_metadata();
  co_await world.yield();
  EXPECT_FALSE(call.done()) << "a message is unread";
  const ReadResult<std::string> message = co_await call.read();
  EXPECT_TRUE(message && *message == "M1") << message.status();
  const ReadResult<std::string> end = co_await call.read();
  EXPECT_EQ(end.is_end(), code == StatusCode::kOk);
  const absl::Status status = co_await call.status();
  EXPECT_EQ(status.code(), code);
}
WEFT_SIM_TEST(MuseumP17, AMessageThatCameWithAnOkIsThereForALateRead) {
  EXPECT_SCHEDULES(6);
  return read_late(world, StatusCode::kOk);
}
WEFT_SIM_TEST(MuseumP17, AMessageThatCameWithAnErrorIsThereForALateRead) {
  EXPECT_SCHEDULES(6);
  return read_late(world, StatusCode::kAborted);
}

// The same on the seam itself, status asked for first, as the measurement was made (T12, T15).
WEFT_SIM_TEST(MuseumP17, AStreamsStatusWaitsForAReceiveThatStartsAtAnyTime) {
  world.server().script(talk, Script().headers().message("M1").finish());
  const std::shared_ptr<Transport> transport = world.transport("server", connected());
  Recorded<OperationResult> started;
  Recorded<InitialMetadata> headers;
  Recorded<CallStatus> ended;
  Recorded<Received> first;
  Recorded<Received> second;
  const Latch over(world);
  StreamPtr stream = transport->create_stream(
      world.loop(), StreamOptions(talk.full_name(), CallKind::stream_stream));
  ended.then = [&] {
    EXPECT_EQ(first.results.size(), 1u) << "the status came before the message";
    over.open();
  };
  first.then = [&] { EXPECT_TRUE(stream->recv_message(second).ok()); };
  EXPECT_TRUE(stream->start(started, headers).ok());
  EXPECT_TRUE(stream->status(ended).ok());
  Anytime receive(world, "call1.receive", [&] {
    world.sometimes("the headers were there before", headers.results.size() == 1);
    EXPECT_TRUE(stream->recv_message(first).ok());
  });
  EXPECT_SCHEDULES(18);

  co_await over;
  EXPECT_EQ(first.results.at(0).kind, Received::Kind::message);
  EXPECT_EQ(first.results.at(0).message, "M1");
  EXPECT_EQ(second.results.at(0).kind, Received::Kind::end);
  EXPECT_TRUE(ended.results.at(0).ok());
  EXPECT_EQ(ended.results.size(), 1u);
}

// The in-process transport lost the second message when it came with the status, the first having
// been read, and no read pending.
WEFT_SIM_TEST(MuseumP25, AMessageThatCameWithTheStatusIsThereAfterAnEarlierRead) {
  world.server().script(talk, Script().headers().message("M1").gap().message("M2").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  EXPECT_SCHEDULES(68);

  std::vector<std::string> messages;
  for (;;) {
    auto message = co_await call.read();
    if (!message) {
      EXPECT_TRUE(message.is_end()) << message.status();
      break;
    }
    messages.push_back(*message);
    co_await world.yield();
    EXPECT_TRUE(messages.size() == 2 || !call.done()) << "a message is unread";
  }
  EXPECT_THAT(messages, ElementsAre("M1", "M2"));
  EXPECT_TRUE(call.outcome()->ok());
}

// T16, no hybrids: whatever ends the call, OK means that every message was read.
WEFT_SIM_TEST(MuseumP17, MessagesAreMissingOnlyFromCallsThatFailed) {
  world.allow(sim::FaultPlan()
                  .may(sim::fault::connection_lost())
                  .may(sim::fault::reset(Http2Error::internal_error)));
  world.server().script(talk, Script().message("M1").message("M2").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
  EXPECT_SCHEDULES(151);

  int messages = 0;
  while (co_await call.read()) {
    ++messages;
    co_await world.yield();
  }
  const StatusCode code = co_await call.code();
  EXPECT_TRUE(code != StatusCode::kOk || messages == 2) << messages;
  EXPECT_THAT(code, AnyOf(StatusCode::kOk, StatusCode::kCancelled, StatusCode::kUnavailable,
                          StatusCode::kInternal));
  world.sometimes("a message was lost with the connection",
                  code == StatusCode::kUnavailable && messages == 1);
  world.sometimes("a message was lost with the cancel",
                  code == StatusCode::kCancelled && messages == 1);
  world.sometimes("all was well", code == StatusCode::kOk);
}

// Messages go unread before an OK only if that is asked for (T18).
WEFT_SIM_TEST(MuseumP17, DiscardingLetsTheStatusThroughWithoutReading) {
  world.server().script(talk, Script().message("M1").gap().message("M2").finish());
  Channel channel(world.transport("server", connected()), world.loop());
  auto call = channel.stream_stream(talk);
  const Watch watch(world, call);
  bool discarded = false;
  call.add_done_callback([&](const Call&) { EXPECT_TRUE(discarded); });
  Anytime discard(world, "call1.discard", [&] {
    discarded = true;
    call.discard();
  });
  EXPECT_SCHEDULES(88);

  const absl::Status status = co_await call.status();
  EXPECT_TRUE(status.ok()) << status;
  const ReadResult<std::string> end = co_await call.read();
  EXPECT_TRUE(end.is_end()) << end.status();
}

}  // namespace
}  // namespace weft::test
