// Calls awaited by Asio's coroutines, in every order of events and over real gRPC.

#include "weft/adapters/asio.h"

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "each_kind.h"
#include "read_results.h"
#include "told_once.h"

namespace weft::test {
namespace {

using asio::use_awaitable;
using Response = absl::StatusOr<EchoResponse>;
using Read = ReadResult<EchoResponse>;

// The handler of an operation, for ToldOnce.
template <class T>
auto handler_of(ToldOnce<T>& told) {
  return [&told](std::exception_ptr error, T outcome) {
    EXPECT_EQ(error, nullptr);
    told.teller()(std::move(outcome));
  };
}

// --- coroutines of Asio's ---

asio::awaitable<std::string> talk(LoopContext& context, Channel& channel) {
  std::string said;
  const EchoRequest hello = request("hello");
  auto get = [&] { return channel.unary_unary(unary_unary, hello); };
  const Response one = co_await async_call(context, get, use_awaitable);
  said += one.ok() ? one->payload() : one.status().ToString();

  auto chat = channel.stream_stream(stream_stream);
  const EchoRequest twice = request(" twice", 2);
  const absl::Status written = co_await async_call(context, chat.write(twice), use_awaitable);
  EXPECT_EQ(written, absl::OkStatus());
  const absl::Status closed = co_await async_call(context, chat.done_writing(), use_awaitable);
  EXPECT_EQ(closed, absl::OkStatus());
  for (;;) {
    Read message = co_await async_call(context, chat.read(), use_awaitable);
    if (!message) break;
    said += message->payload();
  }
  const absl::Status status = co_await async_call(context, chat.status(), use_awaitable);
  EXPECT_EQ(status, absl::OkStatus());

  auto put = channel.stream_unary(stream_unary);
  const EchoRequest part = request(" put");
  (void)co_await async_call(context, put.write(part), use_awaitable);
  (void)co_await async_call(context, put.done_writing(), use_awaitable);
  const Response stored = co_await async_call(context, put, use_awaitable);
  said += stored.ok() ? std::to_string(stored->request_count()) : stored.status().ToString();

  auto list = channel.unary_stream(unary_stream, request(" list", 1));
  Read item = co_await async_call(context, list.read(), use_awaitable);
  said += item ? item->payload() : "nothing";
  co_return said;
}

BEHAVIOUR(AsioCoroutine, AwaitsAllKindsOfCalls, "", sim::ExploreOptions().deviations(1)) {
  LoopContext context(setting.loop());
  ToldOnce<std::string> told(setting.loop());
  asio::co_spawn(context, talk(context, setting.channel()),
                 [&](std::exception_ptr error, std::string said) {
                   EXPECT_EQ(error, nullptr);
                   told.teller()(std::move(said));
                 });
  co_await told.known();
  EXPECT_EQ(*told, "hello twice twice1 list");
}

// --- who wins ---

asio::awaitable<void> get_failing(LoopContext& context,
                                  UnaryUnaryCall<EchoRequest, EchoResponse> call,
                                  ToldOnce<Response>& told) {
  Response response = co_await async_call(context, call, use_awaitable);
  EXPECT_TRUE(call.done());
  EXPECT_EQ(response.status().code(), call.outcome()->code);
  told.teller()(std::move(response));
}

BEHAVIOUR(AsioCancellation, AndTheServersStatusTheFirstOfThemStands, "B183 B202") {
  LoopContext context(setting.loop());
  ToldOnce<Response> told(setting.loop());
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "gone"));
  asio::cancellation_signal user;
  asio::co_spawn(context, get_failing(context, call, told),
                 asio::bind_cancellation_slot(user.slot(), [&](std::exception_ptr left) {
                   // Asio's own: a coroutine that was cancelled throws at its next co_await.
                   if (left && !told.is_known()) told.teller()(absl::AbortedError("before"));
                 }));
  const auto cancel =
      setting.anytime("user.cancels", [&] { user.emit(asio::cancellation_type::terminal); });
  setting.expect_schedules(276);
  co_await told.known();
  setting.sometimes("the cancel was first", call.cancelled());
  setting.sometimes("the status was first", call.done() && !call.cancelled());
  setting.sometimes("the coroutine had not begun", told->status().code() == StatusCode::kAborted);
}

// Asio's total cancellation: nothing is lost by it.
BEHAVIOUR(AsioCancellation, ThatIsTotalLeavesTheCallAndItsMessages, "B197 R1-52") {
  LoopContext context(setting.loop());
  auto call = setting.channel().unary_stream(unary_stream, request("m", 2));
  ToldOnce<Read> first(setting.loop());
  asio::cancellation_signal user;
  async_call(context, call.read(), asio::bind_cancellation_slot(user.slot(), handler_of(first)));
  const auto cancel =
      setting.anytime("user.cancels", [&] { user.emit(asio::cancellation_type::total); });
  setting.expect_schedules(329);
  co_await first.known();
  int next = 0;
  if (*first) {
    EXPECT_THAT(*first, IsMessage(next++));
  } else {
    EXPECT_EQ(first->status().code(), StatusCode::kCancelled);
    EXPECT_FALSE(call.cancelled());
  }
  for (; next < 2; ++next) EXPECT_THAT(co_await call.read(), IsMessage(next));
  EXPECT_EQ(co_await call.status(), absl::OkStatus());
  setting.sometimes("the read was left", !*first);
  setting.sometimes("the message was first", bool(*first));
}

Task<absl::Status> read_to_the_end(UnaryStreamCall<EchoRequest, EchoResponse> call) {
  for (;;) {
    const Read message = co_await call.read();
    if (!message) co_return message.status();
  }
}

BEHAVIOUR(AsioCancellation, OfAllTypesIsTheGentlestThatTheWorkKnows, "T39") {
  LoopContext context(setting.loop());
  asio::cancellation_signal user;
  auto call = setting.channel().unary_stream(unary_stream, silent_request());
  ToldOnce<Read> read(setting.loop());
  async_call(context, call.read(), asio::bind_cancellation_slot(user.slot(), handler_of(read)));
  const auto all = setting.anytime("user.all", [&] { user.emit(asio::cancellation_type::all); });
  co_await read.known();
  EXPECT_FALSE(call.done());

  asio::cancellation_signal later;
  ToldOnce<absl::Status> task(setting.loop());
  auto reading = read_to_the_end(call);
  async_call(context, std::move(reading),
             asio::bind_cancellation_slot(later.slot(), handler_of(task)));
  const auto gentle =
      setting.anytime("user.total", [&] { later.emit(asio::cancellation_type::total); });
  const auto end = setting.anytime("user.end", [&] { later.emit(asio::cancellation_type::all); });
  co_await task.known();
  EXPECT_EQ(task->code(), StatusCode::kCancelled);
}

// It is stopped only as long as nothing of it was sent.
BEHAVIOUR(AsioCancellation, ThatIsTotalLeavesAWriteAlone, "B200") {
  LoopContext context(setting.loop());
  auto call = setting.channel().stream_unary(stream_unary);
  ToldOnce<absl::Status> written(setting.loop());
  asio::cancellation_signal user;
  const EchoRequest message = request("x");
  const bool before = setting.simulated() && setting.world()->choose(2, "before it begins") == 1;
  async_call(context, call.write(message),
             asio::bind_cancellation_slot(user.slot(), handler_of(written)));
  if (before) user.emit(asio::cancellation_type::total);
  const auto cancel =
      setting.anytime("user.cancels", [&] { user.emit(asio::cancellation_type::total); });
  co_await written.known();
  EXPECT_EQ(written->code(), before ? StatusCode::kCancelled : StatusCode::kOk);
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  const Response& response = co_await call;
  EXPECT_TRUE(response.ok() && response->request_count() == (before ? 0 : 1)) << response.status();
}

// A watcher that is cancelled stops watching, whatever the type.
BEHAVIOUR(AsioCancellation, OfAWatcherLeavesTheCallAlone, "B196") {
  LoopContext context(setting.loop());
  auto call = setting.channel().unary_unary(unary_unary, silent_request());
  ToldOnce<absl::Status> watched(setting.loop());
  asio::cancellation_signal user;
  async_call(context, call.status(),
             asio::bind_cancellation_slot(user.slot(), handler_of(watched)));
  user.emit(asio::cancellation_type::terminal);
  co_await watched.known();
  EXPECT_EQ(watched->code(), StatusCode::kCancelled);
  EXPECT_FALSE(call.done());
}

// --- elsewhere: handlers that run on an executor of somebody else's ---

// Handlers are handed over to a world of their own, where each runs as an event: between it and the
// loop everything may happen.
BEHAVIOUR(AsioHandler, OnAnotherExecutorMayBeReachedByACancelAtAnyTime, "B202") {
  LoopContext context(setting.loop());
  LoopContext elsewhere(setting.loop());
  ToldOnce<Response> told(setting.loop());
  asio::cancellation_signal user;
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  asio::post(elsewhere.get_executor(), [&] {
    async_call(
        context, [&] { return call; },
        asio::bind_cancellation_slot(
            user.slot(), asio::bind_executor(elsewhere.get_executor(), handler_of(told))));
  });
  const auto cancel =
      setting.anytime("user.cancels", [&] { user.emit(asio::cancellation_type::terminal); });
  setting.expect_schedules(302);
  co_await told.known();
  EXPECT_TRUE(told->ok() || told->status().code() == StatusCode::kCancelled) << told->status();
  EXPECT_FALSE(told->ok() && call.cancelled());
  setting.sometimes("the cancel was first", !told->ok());
  setting.sometimes("the response was first", told->ok());
}

Task<int> failing_task() {
  throw std::runtime_error("no luck");
  co_return 1;
}

BEHAVIOUR(AsioHandler, GetsWhatLeftATaskAsAnException, "") {
  LoopContext context(setting.loop());
  ToldOnce<std::exception_ptr> told(setting.loop());
  async_call(context, failing_task(), [&](std::exception_ptr error, absl::StatusOr<int> nothing) {
    EXPECT_FALSE(nothing.ok());
    told.teller()(std::move(error));
  });
  co_await told.known();
  EXPECT_THROW(std::rethrow_exception(*told), std::runtime_error);
}

BEHAVIOUR(AsioHandler, IsToldWhenTheContextGoes, "") {
  auto context = std::make_unique<LoopContext>(setting.loop());
  LoopContext elsewhere(setting.loop());
  ToldOnce<Read> told(setting.loop());
  auto call = setting.channel().unary_stream(unary_stream, silent_request());
  async_call(*context, call.read(),
             asio::bind_executor(elsewhere.get_executor(), handler_of(told)));
  const auto go = setting.anytime("context.goes", [&] { context.reset(); });
  co_await told.known();
  EXPECT_EQ(told->status().code(), StatusCode::kCancelled);
  EXPECT_EQ(context, nullptr);
}

}  // namespace
}  // namespace weft::test
