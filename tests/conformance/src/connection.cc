// C140-C159: connections that are missing, lost, limited, and what is known of them.

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "connectivity_watch.h"
#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

Task<> nobody_listens(Bench& bench) {
  const std::shared_ptr<Transport> transport = bench.connect_to_nobody();
  ObservedStream stream = bench.start(*transport, Bench::options(PeerScript()));
  EXPECT_TRUE(stream.begin_send("m").ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kUnavailable);
  EXPECT_TRUE(status.trailing_metadata.empty());
}

// A whole call that waits for a connection, however long that takes.
Task<> patient_call(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().echo_all().finish());
  options.wait_for_ready = true;
  ObservedStream stream = bench.start(std::move(options));
  Task<> exchange = echo(stream, "m");
  co_await std::move(exchange);
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> server_appears(Bench& bench) {
  bench.site().stop_peer();
  bench.use(bench.connect(ConnectOptions().unconnected()));
  StreamOptions options = Bench::options(PeerScript().echo_all().finish());
  options.wait_for_ready = true;
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.begin_send("m").ok());
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_FALSE(stream.has("headers"));
  bench.site().start_peer();
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:m");
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> server_vanishes(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  EXPECT_TRUE(stream.ask_status().ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  co_await stream.headers();
  bench.site().stop_peer();
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(status.code, StatusCode::kUnavailable);
  EXPECT_EQ(status.progress, Progress::maybe_processed);
}

Task<> server_comes_back(Bench& bench) {
  Task<> before = patient_call(bench);
  co_await std::move(before);
  bench.site().stop_peer();
  ObservedStream meanwhile = bench.start(PeerScript().finish());
  const CallStatus status = co_await meanwhile.status();
  EXPECT_EQ(status.code, StatusCode::kUnavailable);
  bench.site().start_peer();
  Task<> after = patient_call(bench);
  co_await std::move(after);
}

Task<> server_goes_away(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().echo_all().finish());
  co_await stream.headers();
  ObservedStream farewell = bench.start(PeerScript().go_away().finish());
  co_await farewell.status();
  // A call made before the news is here may still be lost.
  ConnectivityWatch news(bench.loop(), bench.transport(), ConnectivityState::ready);
  co_await news.changed();
  Task<> exchange = echo(stream, "still here");
  co_await std::move(exchange);
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
  Task<> after = patient_call(bench);
  co_await std::move(after);
}

Task<> stream_limit(Bench& bench) {
  bench.use(bench.connect(ConnectOptions().stream_limit(1)));
  ObservedStream first = bench.start(PeerScript().headers().echo_all().finish());
  co_await first.headers();
  ObservedStream second = bench.start(PeerScript().message("let in").finish());
  StreamOptions impatient = Bench::options(PeerScript().message("let in").finish());
  impatient.deadline = bench.deadline_in(absl::Milliseconds(50));
  ObservedStream third = bench.start(std::move(impatient));
  const CallStatus expired = co_await third.status();
  EXPECT_EQ(expired.code, StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(second.has("headers")) << second.story();
  co_await first.close();
  const CallStatus status = co_await first.status();
  EXPECT_EQ(told(status), "OK");
  const Texts texts = co_await drain(second);
  EXPECT_EQ(texts, (Texts{"m:let in", "end"}));
}

Task<> states(Bench& bench) {
  const std::shared_ptr<Transport> transport = bench.connect(ConnectOptions().unconnected());
  ConnectivityState state = transport->connectivity(true);
  EXPECT_EQ(state, ConnectivityState::idle);
  while (state != ConnectivityState::ready) {
    ConnectivityWatch watch(bench.loop(), transport, state);
    const ConnectivityState next = co_await watch.changed();
    EXPECT_NE(next, state);
    state = next;
  }
  ConnectivityWatch watch(bench.loop(), transport, state);
  transport->shutdown(ShutdownMode::graceful, CallStatus());
  EXPECT_EQ(transport->connectivity(true), ConnectivityState::shutdown);
  const ConnectivityState last = co_await watch.changed();
  EXPECT_EQ(last, ConnectivityState::shutdown);
}

Task<> unwanted_wait(Bench& bench) {
  const std::shared_ptr<Transport> transport = bench.connect(ConnectOptions().unconnected());
  ConnectivityWatch watch(bench.loop(), transport, ConnectivityState::idle);
  watch.give_up();
  EXPECT_FALSE(watch.is_done());  // T61
  const ConnectivityState state = co_await watch.changed();
  EXPECT_EQ(state, ConnectivityState::idle);
}

Task<> unknown_method(Bench& bench) {
  StreamOptions options("/weft.conformance.Peer/NoSuchMethod", CallKind::stream_stream);
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.begin_send("m").ok());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kUnimplemented);
}

Task<> waits_for_the_connection(Bench& bench) {
  bench.use(bench.connect(ConnectOptions().unconnected()));
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  EXPECT_TRUE(stream.begin_send("m").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"m:m", "end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

class Token final : public CallCredentials {
 public:
  explicit Token(absl::StatusOr<Metadata> token) : token_(std::move(token)) {}
  void fetch(const Request&, Done done) override { std::move(done)(token_); }

 private:
  absl::StatusOr<Metadata> token_;
};

Task<> credentials_refused(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().finish());
  options.credentials = std::make_shared<Token>(Metadata{{"token", "sesame"}});
  ObservedStream stream = bench.start(std::move(options));
  const CallStatus status = co_await stream.status();
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.progress, Progress::never_left);
}

Task<> credentials_added(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().report().finish());
  options.credentials = std::make_shared<Token>(Metadata{{"token", "sesame"}});
  ObservedStream stream = bench.start(std::move(options));
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.metadata.get("token"), "sesame");
}

Task<> credentials_fail(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().finish());
  options.credentials = std::make_shared<Token>(absl::PermissionDeniedError("no token"));
  ObservedStream stream = bench.start(std::move(options));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kUnavailable);
}

}  // namespace

std::vector<Check> connection_checks() {
  std::vector<Check> checks;
  checks.push_back(Check("C140", "T80 T01", "NobodyListening", &nobody_listens).need(Need::nobody));
  checks.push_back(Check("C141", "T80", "WaitingCallGoesOnWhenThePeerAppears", &server_appears)
                       .need(Need::peer_stops)
                       .within(3, endless_attempts));
  checks.push_back(
      Check("C147", "T83 T76", "LostPeerEndsItsStreams", &server_vanishes).need(Need::peer_stops));
  checks.push_back(
      Check("C148", "T83", "PeerVanishesAndComesBack", &server_comes_back).need(Need::peer_stops));
  checks.push_back(Check("C149", "T83", "PeerGoesAwayInOrder", &server_goes_away)
                       .need(Need::peer_goes)
                       .need(Need::connectivity));
  checks.push_back(Check("C150", "T33 T41", "StreamLimitQueuesAndReleases", &stream_limit)
                       .need(Need::stream_limit));
  checks.push_back(
      Check("C155", "T84", "ConnectivityIsReported", &states).need(Need::connectivity));
  checks.push_back(Check("C155", "T84 T61", "UnwantedWaitForConnectivityCompletes", &unwanted_wait)
                       .need(Need::connectivity));
  checks.emplace_back("C157", "T85", "UnknownMethodIsUnimplemented", &unknown_method);
  checks.push_back(Check("C158", "T80", "StreamWaitsForTheConnection", &waits_for_the_connection)
                       .need(Need::connectivity));
  checks.push_back(
      Check("C159", "T09", "CredentialsAreRefusedWithoutSecurity", &credentials_refused)
          .need(Need::insecure));
  checks.push_back(
      Check("C159", "T09", "CredentialsAddMetadata", &credentials_added).need(Need::secure));
  checks.push_back(
      Check("C159", "T09", "FailedCredentialsEndTheCall", &credentials_fail).need(Need::secure));
  return checks;
}

}  // namespace weft::conformance
