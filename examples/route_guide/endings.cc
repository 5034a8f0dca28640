#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "demo.h"
#include "server_process.h"
#include "weft/api/channel.h"
#include "weft/transport/call_status.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace routeguide {
namespace {

std::string name_of(weft::StatusCode code) {
  return std::string(weft::status_code_name(code));
}

void print_ending(Console& console, const weft::CallStatus& status) {
  console.field("code", name_of(status.code));
  console.field("details", status.details);
  console.field("debug", status.debug_error_string.value_or("(none: it ended on this side)"));
}

// What a failed call must look like, whoever ended it.
void expect_ending(Console& console, const weft::Call& call, weft::StatusCode code,
                   bool locally_cancelled) {
  const weft::CallStatus& status = *call.outcome();
  console.expect_equal("the code", name_of(status.code), name_of(code));
  console.expect(!status.details.empty(), "there are details");
  console.expect_equal("locally_cancelled", status.locally_cancelled, locally_cancelled);
  console.expect_equal("having a debug string", status.debug_error_string.has_value(),
                       !locally_cancelled);
}

}  // namespace

weft::Task<void> show_cancel(const Demo& demo) {
  constexpr int wanted = 3;
  demo.console.heading("A cancel", "in the middle of a stream");
  const Rectangle earth = area_between(point_at(-90, -180), point_at(90, 180));
  auto call = demo.client.list_features(earth, weft::CallOptions().metadata("slow-down-ms", "20"));
  std::string names;
  for (int i = 0; i < wanted; ++i) {
    auto feature = co_await call.read();
    if (!demo.console.expect(static_cast<bool>(feature), "the stream goes on")) co_return;
    names += (i > 0 ? ", " : "") + feature->name();
  }
  demo.console.field("read", absl::StrFormat("%s, and no more of %d", names, demo.places.size()));

  demo.console.expect(call.cancel("three were enough"), "the cancel ends the call");
  auto after = co_await call.read();
  demo.console.expect(after.is_failed(), "a read after a cancel fails");
  const absl::Status status = co_await call.status();
  print_ending(demo.console, *call.outcome());

  demo.console.expect(call.cancelled(), "the call is cancelled");
  demo.console.expect_equal("the status", status.ToString(), after.status().ToString());
  demo.console.expect_equal<std::string>("the reason", call.outcome()->details,
                                         "three were enough");
  expect_ending(demo.console, call, weft::StatusCode::kCancelled, true);
  demo.console.conclude("the reader learns it at once");
}

weft::Task<void> show_deadline(const Demo& demo) {
  constexpr absl::Duration patience = absl::Milliseconds(200);
  constexpr absl::Duration slowness = absl::Seconds(10);
  demo.console.heading("A deadline", "shorter than the answer takes");
  const Point location = demo.place("Mount Fuji").location();
  const weft::Instant began = demo.loop.now();
  auto call = demo.client.get_feature(
      location, weft::CallOptions().timeout(patience).metadata(
                    "slow-down-ms", std::to_string(absl::ToInt64Milliseconds(slowness))));
  const absl::StatusOr<Feature> answer = co_await call;
  const absl::Duration waited = demo.loop.now() - began;
  demo.console.field("patience", absl::StrFormat("%d ms; the server would take %d ms",
                                                 absl::ToInt64Milliseconds(patience),
                                                 absl::ToInt64Milliseconds(slowness)));
  print_ending(demo.console, *call.outcome());

  demo.console.expect(!answer.ok(), "there is no answer");
  demo.console.expect(waited >= patience, "it does not end early");
  demo.console.expect(waited < slowness, "it does not wait for the server");
  expect_ending(demo.console, call, weft::StatusCode::kDeadlineExceeded, false);
  demo.console.conclude("the call ended when it had to, not when the server would have answered");
}

weft::Task<void> show_unreachable(const Demo& demo) {
  demo.console.heading("An unreachable server", "a port that refuses");
  const UnreachablePort port;
  std::shared_ptr<weft::Transport> transport = weft::GrpcTransport::create(port.target()).value();
  weft::Channel channel(std::move(transport), demo.loop);
  const RouteGuideClient client(channel);
  auto call = client.get_feature(demo.place("Mount Fuji").location());
  const absl::StatusOr<Feature> answer = co_await call;
  print_ending(demo.console, *call.outcome());

  demo.console.expect(!answer.ok(), "there is no answer");
  expect_ending(demo.console, call, weft::StatusCode::kUnavailable, false);
  demo.console.conclude("fails fast; wait_for_ready() would wait");
}

}  // namespace routeguide
