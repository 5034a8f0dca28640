// What a service does around its calls: channels, retries by gRPC itself, threads, observation,
// shutting down.

#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "health.weft.pb.h"
#include "loopback_server.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthClient;

// [tls]
weft::GrpcTransportOptions over_tls(std::string roots, std::string key, std::string certificates) {
  return weft::GrpcTransportOptions().tls(
      weft::TlsOptions()
          .root_certificates(std::move(roots))                  // without: gRPC's default roots
          .identity(std::move(key), std::move(certificates)));  // for mutual TLS
}
// [/tls]

// [options]
weft::GrpcTransportOptions for_production() {
  return weft::GrpcTransportOptions()
      .receive_bytes_max(std::size_t{16} << 20)
      .keepalive(absl::Minutes(5), absl::Seconds(20))
      .reconnect_backoff(absl::Milliseconds(200), absl::Seconds(30))
      .user_agent("shop-frontend/1.4")
      .service_config(R"json({
        "methodConfig": [{
          "name": [{"service": "grpc.health.v1.Health"}],
          "retryPolicy": {
            "maxAttempts": 4,
            "initialBackoff": "0.05s",
            "maxBackoff": "1s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"]
          }
        }]
      })json");
}
// [/options]

// [statistics]
// How many calls of each method ended how. One for all channels, on any number of loops.
class Statistics final : public weft::Interceptor {
 public:
  weft::Task<weft::CallStatus> intercept(weft::InterceptedCall& call) override {
    const std::string method(call.options().method);
    const weft::Instant begin = call.loop().now();
    weft::CallStatus status = co_await call.proceed();
    note(method, status, call.loop().now() - begin);
    co_return status;
  }

  std::map<std::string, int> by_outcome() const {
    const std::lock_guard lock(mutex_);
    return by_outcome_;
  }

 private:
  void note(const std::string& method, const weft::CallStatus& status, absl::Duration) {
    const std::lock_guard lock(mutex_);
    ++by_outcome_[method + " " + std::string(weft::status_code_name(status.code))];
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> by_outcome_;
};
// [/statistics]

class Production : public testing::Test {
 protected:
  static void SetUpTestSuite() { grpc::EnableDefaultHealthCheckService(true); }

  std::shared_ptr<weft::GrpcTransport> transport() const {
    return weft::GrpcTransport::create(server.target(), for_production()).value();
  }

  LoopbackServer server{nullptr};
};

TEST_F(Production, RefusesOptionsThatMakeNoSense) {
  EXPECT_TRUE(over_tls("roots", "key", "certificates").validate().ok());
  EXPECT_TRUE(for_production().validate().ok());
  EXPECT_EQ(weft::GrpcTransport::create(
                "localhost:1", for_production().keepalive(absl::ZeroDuration(), absl::Seconds(1)))
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(Production, CountsOutcomes) {
  weft::GrpcEventLoop loop;
  const auto statistics = std::make_shared<Statistics>();
  // [channel]
  weft::Channel channel(transport(), loop, weft::ChannelOptions().interceptors({statistics}));
  // [/channel]
  HealthCheckRequest cellar;
  cellar.set_service("cellar");
  EXPECT_TRUE(weft::block_on(loop, HealthClient(channel).check(HealthCheckRequest())).ok());
  EXPECT_FALSE(weft::block_on(loop, HealthClient(channel).check(cellar)).ok());
  EXPECT_EQ(statistics->by_outcome(),
            (std::map<std::string, int>{{"/grpc.health.v1.Health/Check NOT_FOUND", 1},
                                        {"/grpc.health.v1.Health/Check OK", 1}}));
}

// [threads]
weft::Task<int> ask(HealthClient client, int times) {
  int good = 0;
  for (int i = 0; i < times; ++i) {
    auto call = client.check(HealthCheckRequest(), weft::CallOptions().timeout(absl::Seconds(20)));
    const absl::StatusOr<HealthCheckResponse>& answer = co_await call;
    if (answer.ok()) ++good;
  }
  co_return good;
}

// A loop and a channel a thread, over one transport.
void ask_on_a_thread(const std::shared_ptr<weft::Transport>& transport, int& good) {
  weft::GrpcEventLoop loop;
  weft::Channel channel(transport, loop);
  good = weft::block_on(loop, ask(HealthClient(channel), 10));
}
// [/threads]

TEST_F(Production, SharesATransportBetweenThreads) {
  const std::shared_ptr<weft::Transport> shared = transport();
  int good[2] = {0, 0};
  std::thread one([&] { ask_on_a_thread(shared, good[0]); });
  std::thread two([&] { ask_on_a_thread(shared, good[1]); });
  one.join();
  two.join();
  EXPECT_EQ(good[0], 10);
  EXPECT_EQ(good[1], 10);
}

TEST_F(Production, ClosesWithGrace) {
  weft::GrpcEventLoop loop;
  weft::Channel channel(transport(), loop);
  auto watch = HealthClient(channel).watch(HealthCheckRequest());  // does not end by itself
  EXPECT_TRUE(weft::block_on(loop, watch.read()));
  // [close]
  // No more calls from now on; those that run have so long to end, then they are cancelled.
  weft::block_on(loop, channel.close(absl::Milliseconds(50)));
  // [/close]
  EXPECT_TRUE(watch.cancelled());
}

// [stop]
// A loop that serves as long as the program runs, and is stopped from elsewhere.
TEST_F(Production, StopsALoopFromAnotherThread) {
  weft::GrpcEventLoop loop;
  std::thread thread([&] { loop.run(); });
  loop.post([] { /* the way in for work from other threads */ });
  loop.stop();
  thread.join();
}
// [/stop]

// [batches]
weft::Task<> check_once(HealthClient client, weft::CallOptions options) {
  auto call = client.check(HealthCheckRequest(), std::move(options));
  (void)co_await call;
}

TEST_F(Production, TakesOneBatchForACallWithADeadline) {
  weft::GrpcEventLoop loop;
  weft::Channel channel(transport(), loop);
  const auto batches_of = [&](weft::CallOptions options) {
    const std::uint64_t before = loop.batches_started();
    weft::block_on(loop, check_once(HealthClient(channel), std::move(options)));
    return loop.batches_started() - before;
  };
  EXPECT_EQ(batches_of(weft::CallOptions().timeout(absl::Seconds(20))), 1u);
  EXPECT_GT(batches_of(weft::CallOptions()), 1u);
}
// [/batches]

}  // namespace
