// What GrpcTransportOptions::lean() gives up, and that a channel works without it.

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/deadlock_detection.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

constexpr UnaryUnaryMethod<std::string, std::string> method("/weft.test.Flaky/Try");

constexpr const char* retry_twice = R"({"methodConfig": [{
    "name": [{}],
    "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.001s",
                    "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]})";

// Refuses every call but the third.
class FlakyService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Attempt(++attempts == 3);
  }
  std::atomic<int> attempts = 0;

 private:
  class Attempt final : public grpc::ServerGenericBidiReactor {
   public:
    explicit Attempt(bool succeeds) {
      if (succeeds) {
        StartWriteAndFinish(&response_, {}, grpc::Status::OK);
      } else {
        Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "not yet"));
      }
    }
    void OnDone() override { delete this; }

   private:
    grpc::Slice text_{"third time lucky"};
    grpc::ByteBuffer response_{&text_, 1};
  };
};

class Lean : public testing::Test {
 protected:
  Lean() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
    target_ = "127.0.0.1:" + std::to_string(port);
  }

  absl::StatusOr<std::string> call(const GrpcTransportOptions& options) {
    GrpcEventLoop loop;
    Channel channel(GrpcTransport::create(target_, options).value(), loop);
    return block_on(loop,
                    channel.unary_unary(method, "please", CallOptions().timeout(absl::Minutes(1))));
  }
  int attempts() const { return service_.attempts; }

 private:
  FlakyService service_;
  std::unique_ptr<grpc::Server> server_;
  std::string target_;
};

TEST_F(Lean, WithoutItCoreRetriesAsTheServiceConfigSays) {
  const auto response = call(GrpcTransportOptions().service_config(retry_twice));
  EXPECT_EQ(response.value_or(response.status().ToString()), "third time lucky");
  EXPECT_EQ(attempts(), 3);
}

TEST_F(Lean, MakesOneAttemptWhateverTheServiceConfigSays) {
  const auto response = call(GrpcTransportOptions().service_config(retry_twice).lean());
  EXPECT_EQ(response.status(), absl::UnavailableError("not yet"));
  EXPECT_EQ(attempts(), 1);
}

TEST_F(Lean, KeepsRetriesThatAreAskedForAfterwards) {
  const auto response = call(GrpcTransportOptions()
                                 .service_config(retry_twice)
                                 .lean()
                                 .channel_argument("grpc.enable_retries", 1));
  EXPECT_EQ(response.value_or(response.status().ToString()), "third time lucky");
}

TEST_F(Lean, CallsWorkWithoutTheDetectionOfDeadlocksToo) {
  turn_off_mutex_deadlock_detection();
  const auto response = call(GrpcTransportOptions().service_config(retry_twice));
  EXPECT_EQ(response.value_or(response.status().ToString()), "third time lucky");
}

}  // namespace
}  // namespace weft::test
