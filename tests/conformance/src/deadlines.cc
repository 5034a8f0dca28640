// C100-C106: deadlines. Where orders are tried, a deadline may pass at any time: whatever a check
// expects besides is expected only if it has not.

#include <gtest/gtest.h>

#include "sections.h"
#include "stages.h"
#include "weft/api/sleep.h"

namespace weft::conformance {
namespace {

Task<> already_expired(Bench& bench) {
  for (const int milliseconds : {-1000, 0}) {
    StreamOptions options = Bench::options(PeerScript().message("m").finish());
    options.deadline = bench.deadline_in(absl::Milliseconds(milliseconds));
    ObservedStream stream = bench.start(std::move(options));
    EXPECT_TRUE(stream.begin_send("m").ok());
    EXPECT_TRUE(stream.begin_close().ok());
    EXPECT_TRUE(stream.begin_receive().ok());
    const CallStatus status = co_await stream.status();
    EXPECT_EQ(told(status), "DEADLINE_EXCEEDED: Deadline Exceeded");
    EXPECT_EQ(status.progress, Progress::never_left);
    EXPECT_TRUE(stream.has("start failed")) << stream.story();
    EXPECT_TRUE(stream.has("send failed")) << stream.story();
  }
}

Task<> soon_expired(Bench& bench, int milliseconds) {
  StreamOptions options = Bench::options(PeerScript().wait_for_cancel());
  options.deadline = bench.deadline_in(absl::Milliseconds(milliseconds));
  ObservedStream stream = bench.start(std::move(options));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kDeadlineExceeded);
}

Task<> deadline_at_stage(Bench& bench, Stage stage) {
  StreamOptions options = Bench::options(script_for(stage));
  options.deadline = bench.deadline_in(absl::Milliseconds(50));
  ObservedStream stream = bench.start(std::move(options));
  Task<> there = reach(bench, stream, stage);
  co_await std::move(there);
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "DEADLINE_EXCEEDED: Deadline Exceeded");
  EXPECT_FALSE(status.locally_cancelled);
  Task<> rest = expect_all_over(stream, stage, false);
  co_await std::move(rest);
}

Task<> deadline_without_a_connection(Bench& bench) {
  const std::shared_ptr<Transport> transport = bench.connect_to_nobody();
  StreamOptions options = Bench::options(PeerScript());
  options.wait_for_ready = true;
  options.deadline = bench.deadline_in(absl::Milliseconds(50));
  ObservedStream stream = bench.start(*transport, std::move(options));
  EXPECT_TRUE(stream.begin_send("m").ok());
  EXPECT_TRUE(stream.begin_receive().ok());
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, StatusCode::kDeadlineExceeded);
}

Task<> told_to_the_peer(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().report().finish());
  options.deadline = bench.deadline_in(absl::Seconds(10));
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.ask_status().ok());
  const Received received = co_await stream.receive();
  if (received.kind == Received::Kind::message) {
    const absl::StatusOr<PeerReport> report = PeerReport::parse(received.message.to_string());
    EXPECT_TRUE(report.ok());
    EXPECT_GT(report->remaining_ms.value_or(0), 0);
    // A wire may round up: gRPC core writes three digits of it.
    EXPECT_LE(report->remaining_ms.value_or(0), 10'100);
  }
  const CallStatus status = co_await stream.ended();
  if (status.code == StatusCode::kDeadlineExceeded) co_return;
  EXPECT_EQ(told(status), "OK");
  EXPECT_EQ(received.kind, Received::Kind::message);
}

Task<> none_is_none(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().report().finish());
  const PeerReport report = co_await receive_report(stream);
  EXPECT_FALSE(report.remaining_ms.has_value());
}

Task<> timer_goes_with_the_call(Bench& bench) {
  StreamOptions options = Bench::options(PeerScript().message("m").finish());
  const Deadline deadline = bench.deadline_in(absl::Milliseconds(100));
  options.deadline = deadline;
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.ask_status().ok());
  const Texts texts = co_await drain(stream);
  const CallStatus status = co_await stream.ended();
  if (status.ok()) {
    EXPECT_EQ(texts, (Texts{"m:m", "end"}));
  } else {
    EXPECT_EQ(status.code, StatusCode::kDeadlineExceeded);
  }
  const std::size_t events = stream.log().size();
  // Beyond the deadline: nothing comes of it any more.
  co_await sleep_until(bench.loop(), deadline.instant() + absl::Milliseconds(1));
  EXPECT_EQ(stream.log().size(), events) << stream.story();
}

}  // namespace

std::vector<Check> deadline_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C100", "T42 T40 T76", "ExpiredDeadlineReachesNobody", &already_expired);
  for (const int milliseconds : {1, 10, 30}) {
    checks.push_back(
        Check("C100", "T41", "DeadlineIn" + std::to_string(milliseconds) + "MillisecondsPasses",
              [milliseconds](Bench& bench) { return soon_expired(bench, milliseconds); }));
  }
  for (const Stage stage : all_stages) {
    checks.push_back(Check("C101", "T41 T33", "Deadline" + name_of(stage) + "EndsEverything",
                           [stage](Bench& bench) { return deadline_at_stage(bench, stage); }));
  }
  checks.push_back(
      Check("C102", "T80 T41", "DeadlineWithoutAConnection", &deadline_without_a_connection)
          .need(Need::nobody));
  checks.push_back(Check("C103", "T43", "PeerSeesTheRemainingTime", &told_to_the_peer)
                       .need(Need::deadline_on_wire));
  checks.emplace_back("C104", "T43", "PeerSeesNoDeadlineIfThereIsNone", &none_is_none);
  checks.emplace_back("C106", "T44 T40", "TimerGoesWithTheCall", &timer_goes_with_the_call);
  return checks;
}

}  // namespace weft::conformance
