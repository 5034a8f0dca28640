// C110-C121: flow control, limits, hints.

#include <gtest/gtest.h>

#include <memory>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

Task<> exactly_what_is_asked_for(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().messages(5, 10).finish());
  const Received first = co_await stream.receive();
  EXPECT_EQ(told(first), "m:" + numbered_message(0, 10));
  // Time for more to come.
  Task<> other = echo_once(bench, *bench.transport(), "m");
  co_await std::move(other);
  EXPECT_EQ(stream.count("receive message"), 1u);
  const Texts rest = co_await drain(stream);
  EXPECT_EQ(rest.size(), 5u);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> pushed_back(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().await(bench.note("go")).read_all().report().finish());
  co_await stream.headers();
  EXPECT_TRUE(stream.begin_send(bench.large_message()).ok());
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_FALSE(stream.has("send")) << stream.story();
  Task<> go = bench.give("go");
  co_await std::move(go);
  const OperationResult sent = co_await stream.sent();
  EXPECT_EQ(sent, OperationResult::ok);
  co_await stream.close();
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.messages.size(), 1u);
  if (!report.messages.empty()) {
    EXPECT_EQ(report.messages[0].size, bench.large_bytes());
  }
}

Task<> receiver_pushes_back(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().headers().messages(2, bench.large_bytes()).finish());
  co_await stream.headers();
  Task<> step = bench.step();
  co_await std::move(step);
  EXPECT_EQ(stream.count("receive message"), 0u);
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts, numbered(2, bench.large_bytes()));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> larger_than_the_window(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  const OperationResult sent = co_await stream.send(bench.large_message());
  EXPECT_EQ(sent, OperationResult::ok);
  const Received received = co_await stream.received();
  EXPECT_EQ(received.message.size(), bench.large_bytes());
  EXPECT_EQ(told(received), "m:" + bench.large_message());
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> close_behind_unread_messages(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().read().report().read().read_all().report().finish());
  EXPECT_TRUE(stream.begin_send("one").ok());
  co_await stream.sent();
  EXPECT_TRUE(stream.begin_send("two").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const PeerReport first = co_await receive_report(stream);
  EXPECT_FALSE(first.half_closed);
  EXPECT_EQ(first.messages.size(), 1u);
  const PeerReport second = co_await receive_report(stream);
  EXPECT_TRUE(second.half_closed);
  EXPECT_EQ(second.messages.size(), 2u);
}

// Neither side reads at first, and both have more to send than goes through.
Task<> both_blocked(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript()
                                          .headers()
                                          .messages(1, bench.large_bytes())
                                          .finish(StatusCode::kAborted, "enough"));
  EXPECT_TRUE(stream.ask_status().ok());
  co_await stream.headers();
  EXPECT_TRUE(stream.begin_send(bench.large_message()).ok());
  Task<> step = bench.step();
  co_await std::move(step);
  const Received received = co_await stream.receive();
  EXPECT_EQ(received.message.size(), bench.large_bytes());
  co_await stream.sent();
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "ABORTED: enough");
}

constexpr std::size_t limit = 100;

Task<> receive_limit(Bench& bench, std::size_t before, std::size_t size) {
  bench.use(bench.connect(ConnectOptions().receive_limit(limit)));
  ObservedStream stream = bench.start(
      PeerScript().messages(before, 10).messages(1, size).finish(StatusCode::kOk, "sent"));
  EXPECT_TRUE(stream.ask_status().ok());
  const Texts texts = co_await drain(stream);
  const CallStatus status = co_await stream.ended();
  if (size <= limit) {
    EXPECT_EQ(texts.size(), before + 2);
    EXPECT_EQ(told(status), "OK: sent");
  } else {
    EXPECT_LE(texts.size(), before + 1);
    EXPECT_EQ(status.code, StatusCode::kResourceExhausted);
  }
}

Task<> send_limit(Bench& bench, std::size_t size) {
  bench.use(bench.connect(ConnectOptions().send_limit(limit)));
  ObservedStream stream = bench.start(PeerScript().echo_all().finish());
  const OperationResult first = co_await stream.send("small");
  EXPECT_EQ(first, OperationResult::ok);
  const OperationResult second = co_await stream.send(numbered_message(0, size));
  EXPECT_EQ(second, size <= limit ? OperationResult::ok : OperationResult::failed);
  co_await stream.close();
  co_await drain(stream);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, size <= limit ? StatusCode::kOk : StatusCode::kResourceExhausted);
}

Task<> buffered(Bench& bench, bool flushed_by_the_next) {
  ObservedStream stream = bench.start(PeerScript().read_all().report().finish());
  EXPECT_TRUE(stream.begin_send("hinted", SendOptions().buffer_hint()).ok());
  co_await stream.sent();
  if (flushed_by_the_next) co_await stream.send("next");
  co_await stream.close();
  const PeerReport report = co_await receive_report(stream);
  EXPECT_EQ(report.messages.size(), flushed_by_the_next ? 2u : 1u);
}

Task<> compressed(Bench& bench, Compression algorithm, bool not_this_message) {
  StreamOptions options = Bench::options(PeerScript().echo_all().finish());
  options.compression = algorithm;
  ObservedStream stream = bench.start(std::move(options));
  const std::string text(10'000, 'x');
  EXPECT_TRUE(stream.begin_send(text, SendOptions().no_compression(not_this_message)).ok());
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:" + text);
  co_await stream.close();
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

// Bytes that can be asked whether somebody has them still.
class Tracked {
 public:
  explicit Tracked(std::shared_ptr<std::string> text) : text_(std::move(text)) {}
  std::size_t size() const { return text_->size(); }
  std::size_t slice_count() const { return 1; }
  std::string_view slice(std::size_t) const { return *text_; }
  char* mutable_data() { return text_->data(); }

 private:
  std::shared_ptr<std::string> text_;
};

Task<> buffers_are_released(Bench& bench) {
  auto text = std::make_shared<std::string>(bench.large_bytes(), 'x');
  const std::weak_ptr<std::string> kept = text;
  ObservedStream stream = bench.start(PeerScript().headers().wait_for_cancel());
  co_await stream.headers();
  EXPECT_TRUE(stream.begin_send(Bytes::wrap(Tracked(std::move(text)))).ok());
  Task<> step = bench.step();
  co_await std::move(step);
  stream.cancel();
  co_await stream.status();
  stream.drop();
  co_await bench.all_completed();
  // A transport may let go of them behind its own work: what comes after that is another call.
  Task<> next = echo_once(bench, *bench.transport(), "m");
  co_await std::move(next);
  EXPECT_TRUE(kept.expired());
}

}  // namespace

std::vector<Check> flow_control_checks() {
  std::vector<Check> checks;
  checks.push_back(Check("C110", "T50 TG9", "OneReceiveIsOneMessage", &exactly_what_is_asked_for));
  checks.emplace_back("C111", "T51", "SenderIsPushedBackAndReleased", &pushed_back);
  checks.emplace_back("C112", "T50 T51", "ReceiverThatDoesNotAskGetsNothing",
                      &receiver_pushes_back);
  checks.emplace_back("C113", "T52", "MessageLargerThanTheWindowPasses", &larger_than_the_window);
  checks.emplace_back("C114", "T13 T22", "HalfCloseIsSeenBehindTheMessages",
                      &close_behind_unread_messages);
  checks.emplace_back("C115", "T53", "StatusComesThoughBothSidesAreBlocked", &both_blocked);
  const auto receive = [&](const char* claim, std::size_t before, std::size_t size) {
    checks.push_back(Check("C116", "T55", claim, [before, size](Bench& bench) {
                       return receive_limit(bench, before, size);
                     }).need(Need::receive_limit));
  };
  receive("ReceivedMessageAtTheLimitPasses", 0, limit);
  receive("FirstReceivedMessageOverTheLimitEndsTheCall", 0, limit + 1);
  receive("LaterReceivedMessageOverTheLimitEndsTheCall", 1, limit + 1);
  checks.push_back(Check("C116", "T55", "SentMessageAtTheLimitPasses", [](Bench& bench) {
                     return send_limit(bench, limit);
                   }).need(Need::send_limit));
  checks.push_back(Check("C116", "T55", "SentMessageOverTheLimitEndsTheCall", [](Bench& bench) {
                     return send_limit(bench, limit + 1);
                   }).need(Need::send_limit));
  checks.push_back(Check("C117", "T54", "HintedSendIsFlushedByTheNext",
                         [](Bench& bench) { return buffered(bench, true); }));
  checks.push_back(Check("C117", "T54", "HintedSendIsFlushedByTheClose",
                         [](Bench& bench) { return buffered(bench, false); }));
  const auto compress = [&](const char* claim, Compression algorithm, bool not_this) {
    checks.push_back(Check("C120", "T09 T13", claim, [algorithm, not_this](Bench& bench) {
                       return compressed(bench, algorithm, not_this);
                     }).need(Need::compression));
  };
  compress("GzipArrivesAsItWas", Compression::gzip, false);
  compress("DeflateArrivesAsItWas", Compression::deflate, false);
  compress("UncompressedMessageOfACompressedCallArrives", Compression::gzip, true);
  checks.emplace_back("C121", "T08", "CancelReleasesQueuedBuffers", &buffers_are_released);
  return checks;
}

}  // namespace weft::conformance
