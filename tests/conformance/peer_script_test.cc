// Scripts and reports come through text as they were, and a player does what a script says.

#include "weft/conformance/peer_script.h"

#include <gtest/gtest.h>

#include "weft/conformance/peer_player.h"
#include "weft/conformance/peer_report.h"

namespace weft::conformance {
namespace {

TEST(PeerScript, ComesThroughTextAsItWas) {
  const PeerScript script =
      PeerScript()
          .headers({{"k", "v,w;x:y=z%"}, {"k", ""}, {"bytes-bin", std::string("\0\xff", 2)}}, 17)
          .read()
          .messages(3, 10)
          .await("note 1")
          .finish(StatusCode::kNotFound, "nichts f\u00fcr dich\n", {{"t", "1"}}, 5);
  const absl::StatusOr<PeerScript> parsed = PeerScript::parse(script.to_string());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->to_string(), script.to_string());
  ASSERT_EQ(parsed->steps().size(), 5u);
  EXPECT_EQ(parsed->steps()[0].metadata, script.steps()[0].metadata);
  EXPECT_EQ(parsed->steps()[0].size, 17u);
  EXPECT_EQ(parsed->steps()[2].count, 3u);
  EXPECT_EQ(parsed->steps()[3].text, "note 1");
  EXPECT_EQ(parsed->steps()[4].code, StatusCode::kNotFound);
  EXPECT_EQ(parsed->steps()[4].text, "nichts f\u00fcr dich\n");
}

TEST(PeerScript, NamesEveryKindOfStep) {
  const PeerScript script = PeerScript()
                                .headers()
                                .read()
                                .read_all()
                                .echo()
                                .echo_all()
                                .message("m")
                                .messages(1, 2)
                                .report()
                                .finish()
                                .abort()
                                .wait_for_cancel()
                                .tell("a")
                                .await("b")
                                .go_away();
  const absl::StatusOr<PeerScript> parsed = PeerScript::parse(script.to_string());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  for (std::size_t i = 0; i < script.steps().size(); ++i) {
    EXPECT_EQ(parsed->steps().at(i).kind, script.steps()[i].kind) << i;
  }
}

TEST(PeerScript, ThatMakesNoSenseNamesTheStep) {
  for (const char* text : {"dance::0:0:0:;", "read;", "read::x:0:0:;", "message:%4:0:0:0:;",
                           "headers::0:0:0:key;", "message:%zz:0:0:0:;"}) {
    const absl::StatusOr<PeerScript> parsed = PeerScript::parse(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(PeerReport, ComesThroughTextAsItWas) {
  PeerReport report;
  report.authority = "host:1";
  report.remaining_ms = 1500;
  report.half_closed = true;
  report.messages = {{0, ""}, {100, "0:xx;"}};
  report.metadata = {{"k", "1"}, {"k", "2"}};
  const absl::StatusOr<PeerReport> parsed = PeerReport::parse(report.to_string());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->authority, "host:1");
  EXPECT_EQ(parsed->remaining_ms, 1500);
  EXPECT_TRUE(parsed->half_closed);
  EXPECT_EQ(parsed->messages, report.messages);
  EXPECT_EQ(parsed->metadata, report.metadata);
  EXPECT_FALSE(PeerReport::parse("nonsense").ok());
}

// Writes down what the player does; everything it sends is done at once.
class Paper final : public PeerWire {
 public:
  bool send_headers(Metadata) override { return write("headers"); }
  bool send_message(Bytes message) override { return write(message.to_string()); }
  void send_last(Bytes message, CallStatus status) override {
    write(message.to_string() + "+" + status.to_string());
  }
  void read() override { write("read"); }
  void finish(CallStatus status) override { write(status.to_string()); }
  void abort() override { write("abort"); }
  PeerReport request() override { return PeerReport(); }
  void go_away() override { write("go away"); }

  std::string text;

 private:
  bool write(const std::string& what) {
    text += what + ".";
    return true;
  }
};

class Player : public testing::Test {
 protected:
  void play(const PeerScript& script) { player.opened(script.to_string()); }

  Paper paper;
  PeerBoard board;
  PeerPlayer player{paper, board, [this] { player.noted(); }};
};

TEST_F(Player, DoesOneStepAfterTheOther) {
  play(PeerScript().headers().read().messages(2, 3).finish());
  EXPECT_EQ(paper.text, "headers.read.");
  player.message(Bytes::copy_of("m"));
  EXPECT_EQ(paper.text, "headers.read.0:x.1:x+OK.");
}

TEST_F(Player, SendsTheLastMessageWithTheEnd) {
  play(PeerScript().message("m").finish(StatusCode::kNotFound, "none").tell("through"));
  EXPECT_EQ(paper.text, "m+NOT_FOUND: none.");
  bool told = false;
  board.await("through", [&told] { told = true; });
  EXPECT_TRUE(told);
}

TEST_F(Player, EchoesUntilTheHalfClose) {
  play(PeerScript().echo_all().finish());
  player.message(Bytes::copy_of("one"));
  player.message(Bytes::copy_of("two"));
  player.half_closed();
  EXPECT_EQ(paper.text, "read.one.read.two.read.OK.");
}

TEST_F(Player, WaitsForItsNote) {
  play(PeerScript().await("go").message("m"));
  EXPECT_EQ(paper.text, "");
  board.tell("stay");
  board.tell("go");
  EXPECT_EQ(paper.text, "m.");
}

TEST_F(Player, TakesANoteThatIsThereAlready) {
  board.tell("go");
  play(PeerScript().await("go").message("m"));
  EXPECT_EQ(paper.text, "m.");
}

TEST_F(Player, GoesOnBehindTheWaitForACancel) {
  play(PeerScript().read().message("never").wait_for_cancel().go_away());
  EXPECT_TRUE(player.cares_for_cancel());
  player.cancelled();
  EXPECT_FALSE(player.cares_for_cancel());

  EXPECT_EQ(paper.text, "read.go away.CANCELLED: the client is gone.");
}

TEST_F(Player, IsSilentAtTheEndOfItsScript) {
  play(PeerScript().headers());
  EXPECT_EQ(paper.text, "headers.");
  EXPECT_FALSE(player.finished());
}

TEST_F(Player, EndsACallWhoseScriptMakesNoSense) {
  player.opened("dance");
  EXPECT_EQ(paper.text.substr(0, 16), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace weft::conformance
