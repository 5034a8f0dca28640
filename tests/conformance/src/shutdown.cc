// C142-C163: how a transport stops.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

const CallStatus& given() {
  static const CallStatus status(StatusCode::kUnavailable, "closed for today");
  return status;
}

void shut_down(Bench& bench, ShutdownMode mode) {
  bench.transport()->shutdown(mode, given());
}

Task<> expect_refused(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kUnavailable);
  EXPECT_EQ(status.progress, Progress::never_left);
  EXPECT_TRUE(status.trailing_metadata.empty());
}

Task<> waiting_call(Bench& bench) {
  bench.use(bench.connect_to_nobody());
  StreamOptions options = Bench::options(PeerScript());
  options.wait_for_ready = true;
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.begin_send("m").ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  Task<> step = bench.step();
  co_await std::move(step);
  shut_down(bench, ShutdownMode::immediate);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), told(given()));
}

Task<> open_stream_goes_on(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().echo_all().finish());
  co_await stream.headers();
  shut_down(bench, ShutdownMode::graceful);
  Task<> exchange = echo(stream, "m");
  co_await std::move(exchange);
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> new_stream_in_shutdown(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  shut_down(bench, ShutdownMode::graceful);
  Task<> refused = expect_refused(bench);
  co_await std::move(refused);
  EXPECT_FALSE(stream.has("status"));
}

Task<> after_the_last(Bench& bench) {
  Task<> call = echo_once(bench, *bench.transport(), "m");
  co_await std::move(call);
  shut_down(bench, ShutdownMode::graceful);
  Task<> refused = expect_refused(bench);
  co_await std::move(refused);
}

Task<> immediately(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().message("m").wait_for_cancel());
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:m");
  EXPECT_TRUE(stream.begin_receive().ok());
  shut_down(bench, ShutdownMode::immediate);
  EXPECT_FALSE(stream.has("status"));  // T31
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), told(given()));
  Task<> refused = expect_refused(bench);
  co_await std::move(refused);
}

Task<> first_cause_stays(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  EXPECT_TRUE(stream.cancel());
  shut_down(bench, ShutdownMode::immediate);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "CANCELLED: enough");
}

Task<> graceful_then_immediate(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  shut_down(bench, ShutdownMode::graceful);
  shut_down(bench, ShutdownMode::graceful);
  shut_down(bench, ShutdownMode::immediate);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), told(given()));
}

Task<> nothing_afterwards(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  EXPECT_TRUE(stream.begin_receive().ok());
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  shut_down(bench, ShutdownMode::immediate);
  co_await stream.ended();
  co_await bench.all_completed();
  const std::size_t events = stream.log().size();
  for (int i = 0; i < 5; ++i) {
    Task<> step = bench.step();
    co_await std::move(step);
  }
  EXPECT_EQ(stream.log().size(), events) << stream.story();
}

}  // namespace

std::vector<Check> shutdown_checks() {
  std::vector<Check> checks;
  checks.push_back(Check("C142", "T82 T80", "ShutdownEndsAWaitingCall", &waiting_call)
                       .need(Need::nobody)
                       .within(3, endless_attempts));
  checks.emplace_back("C144", "T81", "NewStreamInAGracefulShutdownIsRefused",
                      &new_stream_in_shutdown);
  checks.emplace_back("C143", "T81", "OpenStreamGoesOnInAGracefulShutdown", &open_stream_goes_on);
  checks.emplace_back("C146", "T82 T32", "CancelledStreamKeepsItsStatusInAShutdown",
                      &first_cause_stays);
  checks.emplace_back("C145", "T81 T76", "NewStreamAfterTheLastIsRefused", &after_the_last);
  checks.emplace_back("C146", "T82 T81", "ImmediateShutdownEndsStreamsWithItsStatus", &immediately);
  checks.emplace_back("C146", "T82", "ImmediateShutdownMayFollowAGracefulOne",
                      &graceful_then_immediate);
  checks.emplace_back("C163", "T86", "NothingCompletesAfterTheEndOfATransport",
                      &nothing_afterwards);
  return checks;
}

}  // namespace weft::conformance
