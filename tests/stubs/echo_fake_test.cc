// A generated fake, in the simulator: its client meets every order.

#include "echo.weft_fake.pb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace weft::test {
namespace {

EchoRequest saying(const std::string& payload) {
  EchoRequest request;
  request.set_payload(payload);
  return request;
}

EchoResponse answering(const std::string& payload) {
  EchoResponse response;
  response.set_payload(payload);
  return response;
}

WEFT_SIM_TEST(EchoFakeCalls, AHandlerAnswersAtOnce) {
  EchoFake fake(world.server());
  fake.unary_unary([](const EchoRequest& request) { return answering(request.payload() + "!"); });
  Channel channel(world.transport(), world.loop());
  auto call = EchoClient(channel).unary_unary(saying("hi"));
  const absl::StatusOr<EchoResponse> response = co_await call;
  EXPECT_EQ(response.value().payload(), "hi!");
}

WEFT_SIM_TEST(EchoFakeCalls, AHandlerIsACoroutineThatSeesTheCall) {
  EchoFake fake(world.server());
  fake.unary_unary(
      [](const EchoRequest&, EchoFake::UnaryUnaryCall& call) -> Task<absl::StatusOr<EchoResponse>> {
        co_await call.world().yield();
        const std::string tenant(call.metadata().get("tenant").value_or("nobody"));
        co_return answering(tenant);
      });
  Channel channel(world.transport(), world.loop());
  auto call =
      EchoClient(channel).unary_unary(saying("hi"), CallOptions().metadata("tenant", "blue"));
  const absl::StatusOr<EchoResponse> response = co_await call;
  EXPECT_EQ(response.value().payload(), "blue");
}

WEFT_SIM_TEST(EchoFakeCalls, AResponseStreamMayBeCancelledAtAnyTime) {
  EchoFake fake(world.server());
  fake.unary_stream([](const EchoRequest&, auto& call) -> Task<absl::Status> {
    for (const char* payload : {"one", "two"}) co_await call.write(answering(payload));
    co_return absl::OkStatus();
  });
  Channel channel(world.transport(), world.loop());
  auto call = EchoClient(channel).unary_stream(saying("count"));
  const sim::Anytime cancel(world, "user.cancels", [&] { call.cancel(); });
  std::string came;
  while (auto response = co_await call.read()) came += response->payload();
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(std::string("onetwo").starts_with(came));
  world.sometimes("all came", status.ok() && came == "onetwo");
  world.sometimes("cut short", absl::IsCancelled(status) && came == "one");
}

WEFT_SIM_TEST(EchoFakeCalls, ARequestStreamIsReadToItsEnd) {
  EchoFake fake(world.server());
  fake.stream_unary([](EchoFake::StreamUnaryCall& call) -> Task<absl::StatusOr<EchoResponse>> {
    std::string all;
    while (auto request = co_await call.read()) all += request->payload();
    co_return answering(all);
  });
  Channel channel(world.transport(), world.loop());
  std::vector<EchoRequest> requests = {saying("a"), saying("b")};
  auto call = EchoClient(channel).stream_unary(std::move(requests));
  const absl::StatusOr<EchoResponse> response = co_await call;
  EXPECT_EQ(response.value().payload(), "ab");
}

WEFT_SIM_TEST(EchoFakeCalls, BothDirectionsStream) {
  EchoFake fake(world.server());
  fake.stream_stream([](auto& call) -> Task<absl::Status> {
    while (auto request = co_await call.read()) co_await call.write(answering(request->payload()));
    co_return absl::OkStatus();
  });
  Channel channel(world.transport(), world.loop());
  auto call = EchoClient(channel).stream_stream();
  const EchoRequest request = saying("ping");
  const absl::Status written = co_await call.write(request);
  EXPECT_EQ(written, absl::OkStatus());
  auto answer = co_await call.read();
  EXPECT_TRUE(answer && answer->payload() == "ping");
  const absl::Status half_closed = co_await call.done_writing();
  EXPECT_EQ(half_closed, absl::OkStatus());
  const absl::Status status = co_await call.status();
  EXPECT_EQ(status, absl::OkStatus());
}

WEFT_SIM_TEST(EchoFakeCalls, AMethodWithoutAHandlerIsUnimplemented) {
  EchoFake fake(world.server());
  fake.unary_unary([](const EchoRequest&) { return EchoResponse(); });
  Channel channel(world.transport(), world.loop());
  auto call = EchoClient(channel).unary_stream(saying("hi"));
  const absl::Status status = co_await call.status();
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
}

}  // namespace
}  // namespace weft::test
