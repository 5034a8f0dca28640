// Channels, servers that come and go, and several calls together.

#include "streams.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

using UnaryCall = UnaryUnaryCall<EchoRequest, EchoResponse>;

Channel channel_to(Run& run, TestServer& server) {
  return Channel(run.setting().transport_to(server), run.loop());
}

Task<> see_named_response(Run& run, UnaryCall call, std::string name) {
  const absl::StatusOr<EchoResponse>& response = co_await call;
  run.saw(name, ":", word_of(response));
}

FIDELITY(Channels, TwoCallsEndInAnyOrder) {
  auto first = run.channel().unary_unary(unary_unary, request("x"));
  auto second = run.channel().unary_unary(unary_unary, request("y"));
  co_await both(see_named_response(run, first, "first"), see_named_response(run, second, "second"));
}

FIDELITY(Channels, AFailureBesideAStream) {
  auto unary =
      run.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "no such x"));
  auto stream = run.channel().unary_stream(unary_stream, request("y", 1));
  co_await both(see_named_response(run, unary, "unary"), read_all(run, stream));
}

FIDELITY(Channels, OneOfTwoCallsIsCancelled) {
  auto first = run.channel().unary_unary(unary_unary, request("x"));
  auto second = run.channel().unary_unary(unary_unary, request("y"));
  co_await run.pause();
  run.saw("cancel:", first.cancel());
  co_await both(see_named_response(run, first, "first"), see_named_response(run, second, "second"));
}

FIDELITY(Channels, IsClosedWithoutGrace) {
  auto unary = run.channel().unary_unary(unary_unary, request("x"));
  auto stream = run.channel().unary_stream(unary_stream, request("y", 1));
  run.watch(unary, "unary.");
  run.watch(stream, "stream.");
  co_await run.pause();
  co_await run.channel().close();
  run.saw("closed");
  co_await see_named_response(run, unary, "unary");
  co_await read_all(run, stream);
  auto late = run.channel().unary_unary(unary_unary, request("z"));
  co_await see_named_response(run, late, "late");
}

FIDELITY(Channels, IsClosedWithGrace) {
  const absl::Duration graces[] = {absl::Milliseconds(2), absl::Milliseconds(5),
                                   absl::Milliseconds(20)};
  const std::size_t grace = run.choose(3, "grace");
  auto call = run.channel().unary_unary(unary_unary, slow_request("x", 1, 5));
  run.watch(call);
  co_await run.pause();
  co_await run.channel().close(graces[grace]);
  run.saw("closed done:", call.done());
  co_await see_named_response(run, call, "call");
}

FIDELITY(Channels, IsClosedWithGraceWhileAStreamIsRead) {
  auto call = run.channel().unary_stream(unary_stream, request("x", 2));
  run.watch(call);
  TaskScope scope(run.loop());
  scope.spawn(read_all(run, call));
  co_await run.pause();
  co_await run.channel().close(absl::Milliseconds(3));
  run.saw("closed");
  co_await scope.join();
}

FIDELITY(Channels, IsDestroyedUnderACall) {
  auto channel = std::make_unique<Channel>(run.setting().transport(), run.loop());
  auto call = channel->unary_unary(unary_unary, request("x"));
  run.watch(call);
  co_await run.pause();
  channel.reset();
  co_await see_named_response(run, call, "call");
}

FIDELITY(Servers, StopsUnderAUnaryCall) {
  const auto server = run.setting().start_server();
  Channel channel = channel_to(run, *server);
  auto call = channel.unary_unary(unary_unary, request("x"), with_metadata());
  run.watch(call);
  const auto stop = run.anytime("server stops", [&] { server->stop(absl::ZeroDuration()); });
  co_await see_named_response(run, call, "call");
}

FIDELITY(Servers, StopsUnderAStream) {
  const auto server = run.setting().start_server();
  Channel channel = channel_to(run, *server);
  auto call = channel.stream_stream(stream_stream);
  run.watch(call);
  const auto stop = run.anytime("server stops", [&] { server->stop(absl::ZeroDuration()); });
  co_await write_one(run, call, request("x"));
  co_await half_close(run, call);
  co_await read_all(run, call);
}

FIDELITY(Servers, StopsBetweenTwoCalls) {
  const auto server = run.setting().start_server();
  Channel channel = channel_to(run, *server);
  auto first = channel.unary_unary(unary_unary, request("x"));
  co_await see_named_response(run, first, "first");
  server->stop(absl::ZeroDuration());
  co_await run.pause();
  auto second = channel.unary_unary(unary_unary, request("y"));
  co_await see_named_response(run, second, "second");
}

FIDELITY(Servers, IsNotThereYet) {
  const auto server = run.setting().start_server(ServerOptions().stopped());
  Channel channel = channel_to(run, *server);
  const auto start = run.anytime("server starts", [&] { server->start(); });
  auto call = channel.unary_unary(unary_unary, request("x"), with_metadata());
  run.watch(call);
  co_await see_named_response(run, call, "call");
}

FIDELITY(Servers, IsWaitedFor) {
  const auto server = run.setting().start_server(ServerOptions().stopped());
  Channel channel = channel_to(run, *server);
  const auto start = run.anytime("server starts", [&] { server->start(); });
  auto call = channel.unary_unary(unary_unary, request("x"), with_metadata().wait_for_ready());
  run.watch(call);
  co_await see_named_response(run, call, "call");
}

FIDELITY(Servers, IsWaitedForByAWriter) {
  const auto server = run.setting().start_server(ServerOptions().stopped());
  Channel channel = channel_to(run, *server);
  const auto start = run.anytime("server starts", [&] { server->start(); });
  auto call = channel.stream_unary(stream_unary, CallOptions().wait_for_ready());
  run.watch(call);
  co_await write_one(run, call, request("x"));
  co_await half_close(run, call);
  co_await see_response(run, call);
}

FIDELITY(Servers, IsWaitedForUntilTheDeadline) {
  const auto server = run.setting().start_server(ServerOptions().stopped());
  Channel channel = channel_to(run, *server);
  auto call = channel.stream_unary(
      stream_unary, with_metadata().wait_for_ready().timeout(absl::Milliseconds(10)));
  run.watch(call);
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await write_one(run, call, request("x"));
  co_await see_response(run, call);
}

FIDELITY(Servers, GoesAndComesBack) {
  const auto server = run.setting().start_server();
  Channel channel = channel_to(run, *server);
  auto first = channel.unary_unary(unary_unary, request("x"));
  co_await see_named_response(run, first, "first");
  server->stop(absl::ZeroDuration());
  server->start();
  // Until the client knows, a call can still be lost with the old connection, and in the simulator
  // it knows at once.
  (void)co_await channel.wait_for_state_change(ConnectivityState::ready);
  auto second = channel.unary_unary(unary_unary, request("y"), CallOptions().wait_for_ready());
  co_await see_named_response(run, second, "second");
}

FIDELITY(Servers, IsConnectedToBeforeACall) {
  const absl::Status ready = co_await run.channel().ready();
  run.saw("ready:", word_of(ready));
  auto call = run.channel().unary_unary(unary_unary, request("x"));
  const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
  co_await see_named_response(run, call, "call");
}

}  // namespace
}  // namespace weft::test
