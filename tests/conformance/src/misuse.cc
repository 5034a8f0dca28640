// C060-C069: verbs that must be refused, on the transport itself: refusing is its own duty.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

// Refused with a usage error that names the rule (T25).
void expect_refused(const absl::Status& status, const char* rule) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_NE(status.ToString().find(rule), std::string::npos) << status;
}

Task<> second_receive(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().await(bench.note("go")).messages(2, 10).finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  expect_refused(stream.begin_receive(), "T20");
  expect_refused(stream.begin_receive(), "T20");
  Task<> go = bench.give("go");
  co_await std::move(go);
  const Received first = co_await stream.received();
  EXPECT_EQ(told(first), "m:" + numbered_message(0, 10));  // T27: still the one that was pending
  const Texts rest = co_await drain(stream);
  EXPECT_EQ(rest, (Texts{"m:" + numbered_message(1, 10), "end"}));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> second_send(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read_all().report().finish());
  EXPECT_TRUE(stream.begin_send("one").ok());
  expect_refused(stream.begin_send("two"), "T21");
  co_await stream.sent();
  co_await stream.close();
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.messages.size(), 1u);
  EXPECT_EQ(stream.count("send"), 1u);
}

Task<> after_the_close(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().read_all().report().finish());
  EXPECT_TRUE(stream.begin_close().ok());
  expect_refused(stream.begin_close(), "T22");
  expect_refused(stream.begin_send("late"), "T22");
  const PeerReport report = co_await receive_report(stream);
  EXPECT_TRUE(report.messages.empty());
  co_await stream.closed();
  expect_refused(stream.begin_close(), "T22");
  EXPECT_EQ(stream.count("close"), 1u);
}

Task<> second_start(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().message("m").finish());
  expect_refused(stream.start(), "T03");
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, (Texts{"m:m", "end"}));
  expect_refused(stream.start(), "T03");
  EXPECT_EQ(stream.count("start"), 1u);
}

Task<> second_status(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish());
  EXPECT_TRUE(stream.ask_status().ok());
  expect_refused(stream.ask_status(), "T24");
  co_await stream.ended();
  expect_refused(stream.ask_status(), "T24");
}

Task<> before_the_start(Bench& bench) {
  ObservedStream stream = bench.open(Bench::options(PeerScript().echo_all().finish()));
  expect_refused(stream.begin_send("early"), "T03");
  expect_refused(stream.begin_close(), "T03");
  expect_refused(stream.begin_receive(), "T03");
  expect_refused(stream.ask_status(), "T03");
  EXPECT_TRUE(stream.start().ok());
  Task<> exchange = echo(stream, "m");
  co_await std::move(exchange);
  co_await stream.close();
  EXPECT_TRUE(stream.ask_status().ok());
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "OK");
}

Task<> never_used(Bench& bench) {
  ObservedStream created = bench.open(Bench::options(PeerScript().finish()));
  created.drop();
  ObservedStream idle = bench.start(PeerScript().finish());
  co_await idle.headers();
  EXPECT_FALSE(idle.has("status"));
}

Task<> after_the_end(Bench& bench, bool by_cancel) {
  PeerScript script;
  ObservedStream stream = bench.start(by_cancel ? script.wait_for_cancel() : script.finish());
  if (by_cancel) stream.cancel();
  co_await stream.status();
  for (int i = 0; i < 2; ++i) {
    const OperationResult sent = co_await stream.send("m");
    EXPECT_EQ(sent, OperationResult::failed);
    const Received received = co_await stream.receive();
    EXPECT_NE(received.kind, Received::Kind::message);
  }
  co_await stream.close();
  EXPECT_FALSE(stream.cancel());
  expect_refused(stream.start(), "T03");
  expect_refused(stream.ask_status(), "T24");
  expect_refused(stream.begin_close(), "T22");
}

Check misuse(std::string id, std::string rules, std::string claim, Check::Body body) {
  return Check(std::move(id), std::move(rules), std::move(claim),
               [body = std::move(body)](Bench& bench) {
                 bench.use(bench.connect_bare());
                 return body(bench);
               });
}

}  // namespace

std::vector<Check> misuse_checks() {
  std::vector<Check> checks;
  checks.push_back(
      misuse("C060", "T20 T25 T27 TG9", "SecondReceiveIsRefusedAndSpendsNothing", &second_receive));
  checks.push_back(misuse("C061", "T21 T25", "SecondSendIsRefused", &second_send));
  checks.push_back(misuse("C062", "T22 T25", "NothingIsSentBehindAClose", &after_the_close));
  checks.push_back(misuse("C063", "T03 T25", "SecondStartIsRefused", &second_start));
  checks.push_back(misuse("C064", "T24 T25", "SecondRequestOfTheStatusIsRefused", &second_status));
  checks.push_back(misuse("C065", "T03 T25", "VerbsBeforeTheStartAreRefused", &before_the_start));
  checks.push_back(misuse("C068", "T06", "UnusedStreamsCostNothing", &never_used));
  checks.push_back(misuse("C069", "T26 T36", "VerbsAfterAnOkCompletePromptly",
                          [](Bench& bench) { return after_the_end(bench, false); }));
  checks.push_back(misuse("C069", "T26 T36", "VerbsAfterACancelCompletePromptly",
                          [](Bench& bench) { return after_the_end(bench, true); }));
  return checks;
}

}  // namespace weft::conformance
