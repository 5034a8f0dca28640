// Calls without coroutines, in every order of events and over real gRPC.

#include "weft/adapters/callback.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "each_kind.h"
#include "told_once.h"

namespace weft::test {
namespace {

constexpr char why[] = "the page was left";
using Response = absl::StatusOr<EchoResponse>;

BEHAVIOUR(OnDone, TellsTheResponse, "B040") {
  LoopPort port(setting.loop());
  ToldOnce<Response> told(setting.loop());
  const Running running = on_done(
      port, [&] { return setting.channel().unary_unary(unary_unary, request("x")); },
      told.teller());
  EXPECT_FALSE(told.is_known());
  co_await told.known();
  EXPECT_TRUE(running.ended());
  EXPECT_FALSE(running.cancel());
  EXPECT_TRUE(told->ok() && (*told)->payload() == "x") << told->status();
}

BEHAVIOUR(OnDone, TellsHowTheCallFailed, "B043") {
  LoopPort port(setting.loop());
  ToldOnce<Response> told(setting.loop());
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "gone"));
  on_done(port, call, told.teller());
  co_await told.known();
  EXPECT_THAT(told->status(), IsError(StatusCode::kNotFound, "gone"));
}

// Whoever is first: what is told is how the call ended, and nothing else.
BEHAVIOUR_OF_KINDS(OnDone, AfterACancelTellsHowTheCallEnded, "B183 B202",
                   (unary_unary, stream_unary)) {
  LoopPort port(setting.loop());
  ToldOnce<Response> told(setting.loop());
  auto call = open(setting.channel(), method, failing_request(StatusCode::kNotFound, "gone"));
  const Running running = on_done(port, call, told.teller());
  const auto cancel = setting.anytime("running.cancel", [&] { running.cancel(why); });
  setting.expect_schedules(157);
  co_await told.known();
  EXPECT_TRUE(call.done());
  const absl::Status status = co_await call.status();
  if (call.cancelled()) {
    EXPECT_THAT(told->status(), IsError(StatusCode::kCancelled, why));
  } else {
    EXPECT_THAT(told->status(), IsError(StatusCode::kNotFound, "gone"));
    EXPECT_EQ(status, told->status());
  }
  setting.sometimes("the cancel was first", call.cancelled());
  setting.sometimes("the status was first", !call.cancelled());
}

BEHAVIOUR(OnDone, OfWorkThatWasCancelledBeforeItBeganTellsSo, "") {
  LoopPort port(setting.loop());
  ToldOnce<Response> told(setting.loop());
  bool called = false;
  const Running running = on_done(
      port,
      [&] {
        called = true;
        return setting.channel().unary_unary(unary_unary, request("x"));
      },
      told.teller());
  EXPECT_TRUE(running.cancel(why));
  EXPECT_TRUE(running.cancel("again"));
  co_await told.known();
  EXPECT_THAT(told->status(), IsError(StatusCode::kCancelled, why));
  EXPECT_FALSE(called);
}

// --- tasks ---

Task<int> one_after(UnaryUnaryCall<EchoRequest, EchoResponse> call) {
  (void)co_await call;
  co_return 1;
}

Task<int> throwing(std::exception_ptr error) {
  std::rethrow_exception(std::move(error));
  co_return 1;
}

BEHAVIOUR(OnDone, OfATaskThatIsCancelledTearsItDown, "B191 B204") {
  LoopPort port(setting.loop());
  ToldOnce<absl::StatusOr<int>> told(setting.loop());
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  const Running running = on_done(port, one_after(call), told.teller());
  const auto cancel = setting.anytime("running.cancel", [&] { running.cancel(why); });
  setting.expect_schedules(20);
  co_await told.known();
  if (told->ok()) {
    EXPECT_EQ(**told, 1);
  } else {
    EXPECT_THAT(told->status(), IsError(StatusCode::kCancelled, why));
  }
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(told->ok() || status.code() == StatusCode::kCancelled || status.ok()) << status;
  setting.sometimes("the task was torn down", !told->ok());
  setting.sometimes("the task came back", told->ok());
}

class ClosesPort {
 public:
  explicit ClosesPort(LoopPort& port) : port_(port) {}
  ClosesPort(const ClosesPort&) = delete;
  ClosesPort& operator=(const ClosesPort&) = delete;
  ~ClosesPort() { port_.close(); }

 private:
  LoopPort& port_;
};

Task<int> holding_what_closes(LoopPort& port, Latch& begun, Latch& never) {
  const ClosesPort closes(port);
  begun.open();
  co_await never;
  co_return 1;
}

BEHAVIOUR(OnDone, OfATaskThatClosesItsPortAsItIsTornDownTellsOnce, "B204") {
  LoopPort port(setting.loop());
  Latch first(setting.loop()), begun(setting.loop()), never(setting.loop());
  ToldOnce<absl::StatusOr<int>> told(setting.loop());
  ToldOnce<absl::StatusOr<int>> other(setting.loop());
  const Running running = on_done(port, holding_what_closes(port, first, never), told.teller());
  on_done(port, holding_what_closes(port, begun, never), other.teller());
  co_await begun;
  running.cancel(why);
  co_await told.known();
  EXPECT_THAT(told->status(), IsError(StatusCode::kCancelled, why));
  EXPECT_THAT(other->status(), IsError(StatusCode::kCancelled, "the port of the loop was closed"));
}

// The call's end wakes the task and then cancels it, which is too late.
BEHAVIOUR(OnDone, OfATaskThatIsThroughTellsItsResultWhateverIsAskedThen, "B203 R2-20") {
  LoopPort port(setting.loop());
  ToldOnce<absl::StatusOr<int>> told(setting.loop());
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  const Running running = on_done(port, one_after(call), told.teller());
  call.add_done_callback([&](const Call&) { running.cancel(why); });
  co_await told.known();
  EXPECT_TRUE(told->ok()) << told->status();
}

BEHAVIOUR(OnDone, TellsAnExceptionAsAStatus, "B030") {
  LoopPort port(setting.loop());
  ToldOnce<absl::StatusOr<int>> unknown(setting.loop());
  ToldOnce<absl::StatusOr<int>> rpc(setting.loop());
  ToldOnce<absl::Status> at_once(setting.loop());
  on_done(port, throwing(std::make_exception_ptr(std::runtime_error("no luck"))), unknown.teller());
  const RpcError error(CallStatus(StatusCode::kNotFound, "gone"), Metadata());
  on_done(port, throwing(std::make_exception_ptr(error)), rpc.teller());
  on_done(
      port, [] { throw std::runtime_error("not even begun"); }, at_once.teller());
  co_await unknown.known();
  EXPECT_THAT(unknown->status(), IsError(StatusCode::kUnknown, "no luck"));
  co_await rpc.known();
  EXPECT_THAT(rpc->status(), IsError(StatusCode::kNotFound, "gone"));
  co_await at_once.known();
  EXPECT_THAT(*at_once, IsError(StatusCode::kUnknown, "not even begun"));
}

BEHAVIOUR(OnDone, OfAPlainFunctionTellsWhatItGives, "") {
  LoopPort port(setting.loop());
  ToldOnce<absl::StatusOr<std::string>> value(setting.loop());
  ToldOnce<absl::Status> nothing(setting.loop());
  on_done(
      port, [] { return std::string("here"); }, value.teller());
  on_done(
      port, [] {}, nothing.teller());
  co_await value.known();
  co_await nothing.known();
  EXPECT_TRUE(value->ok() && **value == "here");
  EXPECT_EQ(*nothing, absl::OkStatus());
}

// A callback that keeps the handle of what it is told about, and drops it when it is told.
BEHAVIOUR(OnDone, LetsGoOfTheCallbackAndTheWorkWhenItHasTold, "") {
  LoopPort port(setting.loop());
  ToldOnce<absl::StatusOr<int>> told(setting.loop());
  auto kept = std::make_shared<int>(1);
  const Running running = on_done(
      port, [kept] { return *kept; },
      [kept, tell = told.teller()](absl::StatusOr<int> value) { tell(std::move(value)); });
  EXPECT_EQ(kept.use_count(), 3);
  co_await told.known();
  EXPECT_EQ(kept.use_count(), 1);
}

// --- the port ---

BEHAVIOUR(Port, ThatClosesEndsWhatRunsThroughItOnce, "B191") {
  LoopPort port(setting.loop());
  ToldOnce<Response> told(setting.loop());
  ToldOnce<absl::Status> read(setting.loop());
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  on_done(port, call, told.teller());
  on_messages(
      port, [&] { return setting.channel().unary_stream(unary_stream, silent_request()); },
      [](EchoResponse) {}, read.teller());
  const auto close = setting.anytime("port.close", [&] {
    port.close();
    EXPECT_TRUE(told.is_known());
    EXPECT_TRUE(read.is_known());
  });
  setting.expect_schedules(626);
  co_await read.known();
  EXPECT_EQ(read->code(), StatusCode::kCancelled);
  EXPECT_TRUE(told->ok() || told->status().code() == StatusCode::kCancelled) << told->status();
  setting.sometimes("the response was first", told->ok());
  setting.sometimes("the port was first", !told->ok());
}

BEHAVIOUR(Port, ThatIsClosedStopsWorkAtOnce, "") {
  LoopPort port(setting.loop());
  port.close();
  port.close();
  ToldOnce<absl::Status> told(setting.loop());
  const Running running = on_done(
      port, [] { ADD_FAILURE() << "it ran"; }, told.teller());
  EXPECT_TRUE(told.is_known());
  EXPECT_EQ(told->code(), StatusCode::kCancelled);
  EXPECT_TRUE(running.ended());
  EXPECT_FALSE(running.cancel());
  co_return;
}

// --- messages ---

BEHAVIOUR_OF_KINDS(OnMessages, TellsThemInOrderAndThenTheStatus, "B025 B074",
                   (unary_stream, stream_stream)) {
  LoopPort port(setting.loop());
  ToldOnce<absl::Status> told(setting.loop());
  std::vector<int> seen;
  on_messages(
      port, [&] { return open(setting.channel(), method, request("m", 3)); },
      [&](const EchoResponse& message) {
        EXPECT_FALSE(told.is_known());
        seen.push_back(message.index());
      },
      told.teller());
  co_await told.known();
  EXPECT_EQ(*told, absl::OkStatus());
  EXPECT_THAT(seen, testing::ElementsAre(0, 1, 2));
}

BEHAVIOUR(OnMessages, AfterACancelTellsHowTheCallEnded, "B183 B192") {
  LoopPort port(setting.loop());
  ToldOnce<absl::Status> told(setting.loop());
  int messages = 0;
  const Running running = on_messages(
      port, [&] { return setting.channel().unary_stream(unary_stream, request("m", 2)); },
      [&](const EchoResponse& message) { EXPECT_EQ(message.index(), messages++); }, told.teller());
  const auto cancel = setting.anytime("running.cancel", [&] { running.cancel(why); });
  setting.expect_schedules(27);
  co_await told.known();
  if (told->ok()) {
    EXPECT_EQ(messages, 2);
  } else {
    EXPECT_THAT(*told, IsError(StatusCode::kCancelled, why));
  }
  setting.sometimes("the end was first", told->ok());
  setting.sometimes("the cancel was first", !told->ok());
  setting.sometimes("a message was told and then the cancel", messages == 1 && !told->ok());
}

BEHAVIOUR(OnMessages, WithACallbackThatThrowsEndsTheCall, "") {
  LoopPort port(setting.loop());
  ToldOnce<absl::Status> told(setting.loop());
  const std::string name = setting.new_name();
  const std::vector<EchoRequest> requests = {request("m"), silent_request()};
  on_messages(
      port,
      [&] {
        return setting.channel().stream_stream(stream_stream, requests,
                                               CallOptions().metadata("watch", name));
      },
      [](const EchoResponse&) { throw std::runtime_error("cannot use it"); }, told.teller());
  co_await told.known();
  EXPECT_THAT(*told, IsError(StatusCode::kUnknown, "cannot use it"));
  auto end = end_seen_by_server(setting, name);
  EXPECT_EQ(co_await std::move(end), "cancelled");
}

}  // namespace
}  // namespace weft::test
