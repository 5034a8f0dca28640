// The same client against a real server that fails, and one that holds a call back.

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "loopback_server.h"
#include "resilient.h"
#include "route_guide.grpc.pb.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

using routeguide::Feature;
using routeguide::Point;

// Never answers; ends when its client has cancelled, and says so.
class HeldBack final : public grpc::ServerUnaryReactor {
 public:
  explicit HeldBack(absl::Notification& cancelled) : cancelled_(cancelled) {}
  void OnCancel() override {
    cancelled_.Notify();
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  absl::Notification& cancelled_;
};

class Service final : public routeguide::RouteGuide::CallbackService {
 public:
  enum class First { fails, is_held_back };
  explicit Service(First first) : first_(first) {}

  grpc::ServerUnaryReactor* GetFeature(grpc::CallbackServerContext* context, const Point*,
                                       Feature* answer) override {
    const bool is_first = calls++ == 0;
    if (is_first && first_ == First::is_held_back) return new HeldBack(first_was_cancelled);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    answer->set_name("summit");
    reactor->Finish(is_first ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "not yet")
                             : grpc::Status::OK);
    return reactor;
  }

  std::atomic<int> calls = 0;
  absl::Notification first_was_cancelled;

 private:
  const First first_;
};

resilient::Patience plenty() {
  resilient::Patience patience;
  patience.budget = absl::Seconds(20);
  return patience;
}

TEST(RealResilience, TriesAgain) {
  Service service(Service::First::fails);
  LoopbackServer server(&service);
  weft::GrpcEventLoop loop;
  weft::Channel channel(weft::GrpcTransport::create(server.target()).value(), loop);
  const auto answer = weft::block_on(
      loop,
      resilient::get_with_retries(routeguide::RouteGuideClient(channel), loop, Point(), plenty()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->name(), "summit");
  EXPECT_EQ(service.calls, 2);
}

TEST(RealResilience, AsksASecondTimeAndCancelsTheFirst) {
  Service service(Service::First::is_held_back);
  LoopbackServer server(&service);
  weft::GrpcEventLoop loop;
  weft::Channel channel(weft::GrpcTransport::create(server.target()).value(), loop);
  const auto answer = weft::block_on(
      loop, resilient::get_hedged(routeguide::RouteGuideClient(channel), loop, Point(), plenty()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->name(), "summit");
  EXPECT_EQ(service.calls, 2);
  // Closed before the wait: what was asked of the wire is on its way then.
  EXPECT_TRUE(service.first_was_cancelled.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

}  // namespace
