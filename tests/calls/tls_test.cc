// TLS, mutual TLS and call credentials against real servers.

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "call_test.h"
#include "certificates.h"

namespace weft::test {
namespace {

class Tls : public CallTest {
 protected:
  static const Certificates& certificates() {
    static const Certificates made;
    return made;
  }
  static Peer start_secure(bool mutual) {
    std::vector<std::string> arguments = {"--tls", certificates().directory()};
    if (mutual) arguments.push_back("--mutual");
    return start_echo_server(peer_language(), arguments);
  }
  static TlsOptions trusting() {
    return TlsOptions()
        .root_certificates(certificates().read("ca.pem"))
        .expected_peer_name("localhost");
  }
  Channel connect_to(const Peer& secure, const GrpcTransportOptions& options) {
    return Channel(GrpcTransport::create(secure.target(), options).value(), loop);
  }
};

// Puts a token into every call, from a thread of its own.
class Token final : public CallCredentials {
 public:
  explicit Token(std::string token) : token_(std::move(token)) {}
  void fetch(const Request& request, Done done) override {
    Metadata metadata{{"echo-initial-token", token_},
                      {"echo-initial-method", std::string(request.method_name)}};
    std::thread([done = std::move(done), metadata = std::move(metadata)]() mutable {
      std::move(done)(std::move(metadata));
    }).detach();
  }

 private:
  std::string token_;
};

class NoToken final : public CallCredentials {
  void fetch(const Request&, Done done) override {
    std::move(done)(absl::PermissionDeniedError("the vault is shut"));
  }
};

class NeverAnswers final : public CallCredentials {
 public:
  ~NeverAnswers() override {
    // Core waits for every answer before it lets go of a call.
    if (done_) std::move(done_)(absl::CancelledError());
  }
  void fetch(const Request&, Done done) override { done_ = std::move(done); }
  Done done_;
};

TEST_F(Tls, CarriesEveryKindOfCall) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  EXPECT_TRUE(run(channel_over_tls.unary_unary(unary_unary, request("x"))).ok());
  auto stream = channel_over_tls.unary_stream(unary_stream, request("x", 3));
  int seen = 0;
  EXPECT_EQ(run(stream.for_each([&](const EchoResponse&) { ++seen; })), absl::OkStatus());
  EXPECT_EQ(seen, 3);
  auto both = channel_over_tls.stream_stream(stream_stream);
  EXPECT_TRUE(run(both.exchange(request("x"))));
}

TEST_F(Tls, OfAStrangerIsUnavailable) {
  const Peer secure = start_secure(false);
  const Certificates stranger;
  Channel distrustful = connect_to(
      secure,
      GrpcTransportOptions().tls(
          TlsOptions().root_certificates(stranger.read("ca.pem")).expected_peer_name("localhost")));
  EXPECT_THAT(run(distrustful.unary_unary(unary_unary, request("x"))).status(),
              HasCode(StatusCode::kUnavailable));
}

TEST_F(Tls, WithTheWrongNameIsUnavailable) {
  const Peer secure = start_secure(false);
  Channel elsewhere =
      connect_to(secure, GrpcTransportOptions().tls(trusting().expected_peer_name("example.test")));
  EXPECT_THAT(run(elsewhere.unary_unary(unary_unary, request("x"))).status(),
              HasCode(StatusCode::kUnavailable));
}

TEST_F(Tls, IsMutualIfTheServerWantsIt) {
  const Peer secure = start_secure(true);
  Channel anonymous = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  EXPECT_THAT(run(anonymous.unary_unary(unary_unary, request("x"))).status(),
              HasCode(StatusCode::kUnavailable));
  Channel known = connect_to(
      secure, GrpcTransportOptions().tls(trusting().identity(certificates().read("client.key"),
                                                             certificates().read("client.pem"))));
  EXPECT_TRUE(run(known.unary_unary(unary_unary, request("x"))).ok());
}

TEST_F(Tls, LetsCallCredentialsAddTheirMetadata) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  auto call = channel_over_tls.unary_unary(
      unary_unary, request("x"), CallOptions().credentials(std::make_shared<Token>("sesame")));
  ASSERT_TRUE(run(call).ok()) << run(call.status());
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial-token"), "sesame");
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial-method"), "UnaryUnary");
}

TEST_F(Tls, LetsTheChannelsCredentialsAddTheirMetadata) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(
      secure,
      GrpcTransportOptions().tls(trusting()).call_credentials(std::make_shared<Token>("open")));
  auto call = channel_over_tls.unary_unary(unary_unary, request("x"));
  ASSERT_TRUE(run(call).ok()) << run(call.status());
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial-token"), "open");
}

TEST_F(Tls, TellsWhyCallCredentialsFailed) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  auto call = channel_over_tls.unary_unary(unary_unary, request("x"),
                                           CallOptions().credentials(std::make_shared<NoToken>()));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(run(call.details()), testing::HasSubstr("the vault is shut"));
}

class Throwing final : public CallCredentials {
 public:
  void fetch(const Request&, Done) override { throw std::runtime_error("the vault is on fire"); }
};

TEST_F(Tls, TellsWhatCallCredentialsThrew) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  auto call = channel_over_tls.unary_unary(unary_unary, request("x"),
                                           CallOptions().credentials(std::make_shared<Throwing>()));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(run(call.details()), testing::HasSubstr("the vault is on fire"));
}

// Tells what it has, and fails over something else: the call has its credentials.
class ThrowsTooLate final : public CallCredentials {
 public:
  void fetch(const Request&, Done done) override {
    Metadata metadata;
    metadata.add("echo-initial-token", "sesame");
    std::move(done)(std::move(metadata));
    throw 7;
  }
};

TEST_F(Tls, TakesWhatCallCredentialsToldBeforeTheyThrew) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  auto call = channel_over_tls.unary_unary(
      unary_unary, request("x"), CallOptions().credentials(std::make_shared<ThrowsTooLate>()));
  ASSERT_TRUE(run(call).ok()) << run(call.status());
  EXPECT_EQ(run(call.initial_metadata()).get("echo-initial-token"), "sesame");
}

TEST_F(Tls, EndsACallAtItsDeadlineWhoseCredentialsNeverCome) {
  const Peer secure = start_secure(false);
  Channel channel_over_tls = connect_to(secure, GrpcTransportOptions().tls(trusting()));
  auto never = std::make_shared<NeverAnswers>();
  auto call = channel_over_tls.unary_unary(
      unary_unary, request("x"), CallOptions().credentials(never).timeout(absl::Milliseconds(200)));
  EXPECT_THAT(run(call).status(), HasCode(StatusCode::kDeadlineExceeded));
  if (never->done_) std::move(never->done_)(absl::CancelledError());
  never->done_ = nullptr;
}

}  // namespace
}  // namespace weft::test
