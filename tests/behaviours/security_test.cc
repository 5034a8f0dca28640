// Secure channels and call credentials.

#include <memory>
#include <string>

#include "behaviour.h"
#include "each_kind.h"
#include "weft/api/usage_error.h"
#include "weft/transport_grpc/grpc_transport_options.h"

namespace weft::test {
namespace {

// Answers at once.
class Token final : public CallCredentials {
 public:
  explicit Token(std::string token) : token_(std::move(token)) {}
  void fetch(const Request&, Done done) override {
    std::move(done)(Metadata{{"echo-trailing-token", token_}});
  }

 private:
  std::string token_;
};

class NeverAnswers final : public CallCredentials {
 public:
  // Core waits for every answer before it lets go of a call.
  ~NeverAnswers() override { answer(); }
  void fetch(const Request&, Done done) override { done_ = std::move(done); }
  void answer() {
    if (done_) std::move(done_)(absl::CancelledError("nobody waits any more"));
    done_ = nullptr;
  }

 private:
  Done done_;
};

BEHAVIOUR_OF_EACH_KIND(Security, CallCredentialsNeedASecureChannel, "B480") {
  Channel channel(setting.transport(), setting.loop());
  auto call =
      open(channel, method, request("x"), CallOptions().credentials(std::make_shared<Token>("t")));
  EXPECT_TRUE(call.done());
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  EXPECT_EQ(status, usage_error(insecure_credentials_text));
  auto closing = channel.close();
  co_await std::move(closing);
  auto later =
      open(channel, method, request("x"), CallOptions().credentials(std::make_shared<Token>("t")));
  auto later_end = end_of(later);
  const absl::Status closed = co_await std::move(later_end);
  EXPECT_EQ(closed, usage_error(channel_closed_text));
}

BEHAVIOUR_OF_EACH_KIND(Security, CarriesEveryKindWithAndWithoutCallCredentials, "B481 B482",
                       ::weft::sim::ExploreOptions().deviations(3)) {  // two calls
  const auto server = setting.start_server(ServerOptions().secure());
  Channel channel(setting.transport_to(*server), setting.loop());
  auto plain = open(channel, method, request("x"));
  auto plain_end = end_of(plain);
  const absl::Status plain_status = co_await std::move(plain_end);
  EXPECT_EQ(plain_status, absl::OkStatus());
  auto call = open(channel, method, request("x"),
                   CallOptions().credentials(std::make_shared<Token>("sesame")));
  auto end = end_of(call);
  const absl::Status status = co_await std::move(end);
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(call.outcome()->trailing_metadata.get("echo-trailing-token"), "sesame");
}

BEHAVIOUR(Security, CredentialsThatNeverComeStallACallUntilItsDeadline, "B486 R1-60") {
  const auto server = setting.start_server(ServerOptions().secure());
  Channel channel(setting.transport_to(*server), setting.loop());
  const auto never = std::make_shared<NeverAnswers>();
  auto call = channel.unary_unary(unary_unary, request("x"),
                                  CallOptions().credentials(never).timeout(absl::Milliseconds(60)));
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kDeadlineExceeded));
  never->answer();
  auto cancelled = channel.unary_unary(unary_unary, request("x"), CallOptions().credentials(never));
  EXPECT_TRUE(cancelled.cancel());
  EXPECT_THAT((co_await cancelled).status(), IsLocalCancel());
  never->answer();
}

BEHAVIOUR(Security, ASharedCacheResumesTlsSessions, "B484") {
  if (setting.simulated()) co_return;  // a simulated connection has no handshake
  const auto server = setting.start_server(ServerOptions().secure());
  const auto cache = TlsSessionCache::create(4);
  for (const char* resumed : {"false", "true"}) {
    Channel channel(setting.transport_to(*server, TransportWishes().session_cache(cache)),
                    setting.loop());
    // The ticket comes after the handshake; an answer says that it is there.
    for (int calls = 0; calls < 2; ++calls) {
      auto call = channel.unary_unary(unary_unary, request("x"),
                                      CallOptions().metadata("tell-session", "1"));
      EXPECT_TRUE((co_await call).ok());
      const Metadata trailers = co_await call.trailing_metadata();
      EXPECT_EQ(trailers.get("session-reused"), resumed);
    }
  }
}

}  // namespace
}  // namespace weft::test
