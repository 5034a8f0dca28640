// Calls that fail before they have begun: done at once or soon, in the same way for whoever asks.

#include <memory>
#include <string>

#include "methods.h"
#include "started.h"
#include "statuses.h"
#include "watch.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

using sim::Anytime;
using sim::Body;
using sim::FaultPlan;
using sim::Script;
using sim::SimTransportOptions;
using sim::World;
using testing::IsEmpty;

// Why a call cannot start. The last one concerns calls that start with their request.
enum class Obstacle {
  illegal_key,
  illegal_value,
  credentials_on_plaintext,
  credentials_without_answer,
  closed_channel,
  transport_shut_down,
  expired_deadline,
  refused_connection,
  request_without_bytes,
};

StatusCode code_of(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::illegal_key:
    case Obstacle::illegal_value:
    case Obstacle::request_without_bytes:
      return StatusCode::kInternal;
    case Obstacle::credentials_on_plaintext:
    case Obstacle::closed_channel:
      return StatusCode::kFailedPrecondition;
    case Obstacle::expired_deadline:
      return StatusCode::kDeadlineExceeded;
    case Obstacle::credentials_without_answer:
    case Obstacle::transport_shut_down:
    case Obstacle::refused_connection:
      return StatusCode::kUnavailable;
  }
  return StatusCode::kUnknown;
}

class LostCredentials final : public CallCredentials {
 public:
  void fetch(const Request&, Done done) override {
    std::move(done)(absl::NotFoundError("no credentials"));
  }
};

absl::StatusOr<Bytes> no_bytes(const std::string&, BytesAllocator&) {
  return absl::InvalidArgumentError("no bytes for that");
}

// A place where a call of this kind cannot start, for a reason that the explorer chooses.
template <class Method>
class Hindered {
 public:
  Hindered(World& world, const Method& its_method)
      : obstacle(choose(world)),
        method(obstacle == Obstacle::request_without_bytes
                   ? Method(its_method.full_name(), &no_bytes)
                   : its_method),
        transport(world.transport("server", SimTransportOptions().secure(
                                                obstacle == Obstacle::credentials_without_answer))),
        channel(transport, world.loop()) {
    if (obstacle == Obstacle::refused_connection) world.server().stop();
    if (obstacle == Obstacle::closed_channel) (void)channel.close();
    if (obstacle == Obstacle::transport_shut_down) {
      transport->shutdown(ShutdownMode::immediate, CallStatus(StatusCode::kUnavailable, "closed"));
    }
  }

  auto open_call() { return open(channel, method, options()); }

  const Obstacle obstacle;

 private:
  static Obstacle choose(World& world) {
    const bool with_request = request_cardinality(Method::kind) == Cardinality::one;
    const auto last = static_cast<std::size_t>(Obstacle::request_without_bytes);
    return static_cast<Obstacle>(world.choose(with_request ? last + 1 : last, "obstacle"));
  }

  CallOptions options() const {
    switch (obstacle) {
      case Obstacle::illegal_key:
        return CallOptions().metadata("Not A Key", "value");
      case Obstacle::illegal_value:
        return CallOptions().metadata("key", "\n");
      case Obstacle::credentials_on_plaintext:
      case Obstacle::credentials_without_answer:
        return CallOptions().credentials(std::make_shared<LostCredentials>());
      case Obstacle::expired_deadline:
        return CallOptions().timeout(absl::ZeroDuration());
      default:
        return CallOptions();
    }
  }

  Method method;
  std::shared_ptr<Transport> transport;
  Channel channel;
};

// Waits for everything that a call can tell, before its end or after; it must all be the same.
template <class Call>
Task<absl::Status> one_outcome(Call call) {
  auto asking = when_all(call.status(), call.code(), call.details(), call.trailing_metadata(),
                         call.initial_metadata(), call.wait_for_connection(), call.rpc_error());
  const auto [status, code, details, trailing, initial, connected, error] =
      co_await std::move(asking);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(code, status.code());
  EXPECT_EQ(details, std::string(status.message()));
  EXPECT_THAT(trailing, IsEmpty());
  EXPECT_THAT(initial, IsEmpty());
  EXPECT_EQ(connected, status);
  EXPECT_EQ(error->code(), code);
  EXPECT_EQ(error->details(), details);
  EXPECT_EQ(call.cancelled(), code == StatusCode::kCancelled);
  co_return status;
}

// What awaiting the response gives: the failure.
template <class Call>
Task<absl::Status> response_failure(Call call) {
  if constexpr (requires { call.read(); }) {
    const auto read = co_await call.read();
    EXPECT_TRUE(read.is_failed());
    co_return read.status();
  } else {
    const absl::StatusOr<std::string>& response = co_await call;
    co_return response.status();
  }
}

// In the original the task that started the call died of the exception, and nobody set a status:
// accessors hung, done() was false for ever, an awaited response showed the raw error or hung.
template <class Method>
Body fail_to_start(World& world, const Method& method) {
  Hindered<Method> place(world, method);
  auto call = place.open_call();
  const Watch watch(world, call);
  auto all = when_all(one_outcome(call), response_failure(call));
  const auto [status, response] = co_await std::move(all);
  EXPECT_EQ(status.code(), code_of(place.obstacle));
  EXPECT_EQ(response, status);
  if constexpr (requires { call.write("m"); }) {
    const absl::Status written = co_await call.write("m");
    EXPECT_THAT(written, IsUsageError(already_finished_text));
    const absl::Status closed = co_await call.done_writing();
    EXPECT_TRUE(closed.ok()) << closed;
  }
  auto again = one_outcome(call);
  const absl::Status later = co_await std::move(again);
  EXPECT_EQ(later, status);
  EXPECT_EQ(watch.callbacks(), 1u);
  EXPECT_EQ(world.server().calls_seen(), 0u);
  world.outcome(std::string(status_code_name(status.code())));
}
WEFT_SIM_TEST(MuseumR2_08, UnaryUnaryCallThatCannotStartEndsForWhoeverAsks) {
  EXPECT_SCHEDULES(9);
  return fail_to_start(world, ask);
}
WEFT_SIM_TEST(MuseumR2_08, UnaryStreamCallThatCannotStartEndsForWhoeverAsks) {
  EXPECT_SCHEDULES(9);
  return fail_to_start(world, tell);
}
WEFT_SIM_TEST(MuseumR2_08, StreamUnaryCallThatCannotStartEndsForWhoeverAsks) {
  EXPECT_SCHEDULES(8);
  return fail_to_start(world, collect);
}
WEFT_SIM_TEST(MuseumR2_08, StreamStreamCallThatCannotStartEndsForWhoeverAsks) {
  EXPECT_SCHEDULES(8);
  return fail_to_start(world, talk);
}

// In the original a cancel then succeeded and the call's code was CANCELLED, while an awaited
// response went on raising the error of the start.
template <class Method>
Body cancel_what_cannot_start(World& world, const Method& method) {
  Hindered<Method> place(world, method);
  auto call = place.open_call();
  const Watch watch(world, call);
  const bool done_from_birth = call.done();
  bool cancelled = false;
  const auto cancel = [&] {
    const bool was_done = call.done();
    cancelled = call.cancel();
    EXPECT_EQ(cancelled, !was_done);
  };
  if (world.choose(2, "cancel at once") == 1) cancel();
  Anytime cancel_later(world, "call1.cancel", [&] {
    if (!cancelled) cancel();
  });
  auto all = when_all(one_outcome(call), response_failure(call));
  const auto [status, response] = co_await std::move(all);
  EXPECT_EQ(status.code(), cancelled ? StatusCode::kCancelled : code_of(place.obstacle));
  EXPECT_EQ(response, status);
  EXPECT_FALSE(call.cancel());
  EXPECT_FALSE(done_from_birth && cancelled);
  auto again = one_outcome(call);
  const absl::Status later = co_await std::move(again);
  EXPECT_EQ(later, status);
  EXPECT_EQ(world.server().calls_seen(), 0u);
  world.outcome(std::string(status_code_name(status.code())));
  world.sometimes("the cancel was first", cancelled);
  world.sometimes("the call was done from birth", done_from_birth);
}
WEFT_SIM_TEST(MuseumR2_09, CancelOfAUnaryUnaryCallThatCannotStartLeavesOneOutcome) {
  EXPECT_SCHEDULES(20);
  return cancel_what_cannot_start(world, ask);
}
WEFT_SIM_TEST(MuseumR2_09, CancelOfAUnaryStreamCallThatCannotStartLeavesOneOutcome) {
  EXPECT_SCHEDULES(20);
  return cancel_what_cannot_start(world, tell);
}
WEFT_SIM_TEST(MuseumR2_09, CancelOfAStreamUnaryCallThatCannotStartLeavesOneOutcome) {
  EXPECT_SCHEDULES(18);
  return cancel_what_cannot_start(world, collect);
}
WEFT_SIM_TEST(MuseumR2_09, CancelOfAStreamStreamCallThatCannotStartLeavesOneOutcome) {
  EXPECT_SCHEDULES(18);
  return cancel_what_cannot_start(world, talk);
}

// The original's error took the headers as they happened to be stored, which was right only as long
// as the status made them empty before anybody looked.
WEFT_SIM_TEST(MuseumR2_15, ErrorCarriesTheHeadersThatTheCallHadAtItsEnd) {
  const Metadata sent{{"room", "east"}};
  world.allow(FaultPlan(sim::fault::trailers_only(StatusCode::kNotFound)));
  world.server().script(ask, Script().headers(sent).gap().finish(StatusCode::kNotFound, "gone"));
  Channel channel(world.transport(), world.loop());
  Metadata at_the_end;
  auto call = channel.unary_unary(ask, "question", CallOptions().early_initial_metadata());
  const Watch watch(world, call);
  call.add_done_callback([&](const Call& done) {
    Started headers(done.initial_metadata());
    EXPECT_TRUE(headers.done());
    at_the_end = *headers;
  });
  bool cancelled = false;
  Anytime cancel(world, "call1.cancel", [&] { cancelled = call.cancel(); });
  EXPECT_SCHEDULES(94);

  const Metadata headers = co_await call.initial_metadata();
  bool of_the_peer = false;  // rather than what came instead of its headers
  try {
    const std::string response = co_await call.value_or_throw();
    ADD_FAILURE() << response;
  } catch (const RpcError& error) {
    EXPECT_EQ(error.code(), cancelled ? StatusCode::kCancelled : StatusCode::kNotFound);
    EXPECT_EQ(error.initial_metadata(), headers);
    of_the_peer = error.details() == "gone";
  }
  const Metadata later = co_await call.initial_metadata();
  EXPECT_EQ(later, headers);
  EXPECT_EQ(at_the_end, headers);
  EXPECT_TRUE(headers == sent || (headers.empty() && !of_the_peer)) << headers.to_string();
  world.sometimes("the headers came first", headers == sent);
  world.sometimes("the peer's error came without headers", headers.empty() && !cancelled);
  world.sometimes("the cancel came before the headers", headers.empty() && cancelled);
}

}  // namespace
}  // namespace weft::test
