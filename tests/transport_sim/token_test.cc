// Tokens: one text for a schedule, the same everywhere; whatever is not one is refused precisely.

#include "weft/transport_sim/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "weft/transport_sim/label.h"

namespace weft::sim {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Lt;
using testing::StartsWith;

constexpr std::uint32_t number_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t test_id = 922496;  // "4e4a"
const std::uint64_t execution = stable_hash("execution");

const Schedule two{Deviation(2, 1, stable_hash("call1.cancel")),
                   Deviation(3, 2, stable_hash("call2.deadline"))};
const Schedule four{two[0], two[1], Deviation(1000, 31, stable_hash("fault.reset")),
                    Deviation(number_max, number_max, stable_hash("timer1"))};

// Small numbers mostly, as in real schedules, and now and then any.
class Random {
 public:
  std::uint64_t any() { return engine_(); }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(any() % limit); }
  std::uint32_t bits(unsigned count) { return below(std::uint32_t{1} << count); }

  Schedule schedule(std::uint32_t deviations_max) {
    Schedule schedule;
    std::uint64_t decision = 0;
    for (std::uint32_t left = below(deviations_max + 1); left > 0; --left) {
      decision += bits(below(32));
      if (decision > number_max) break;
      schedule.emplace_back(static_cast<std::uint32_t>(decision++), 1 + bits(below(32)), any());
    }
    return schedule;
  }

 private:
  std::mt19937_64 engine_{20240229};
};

// Why, after the text itself: "column 1: ...".
std::string refusal(std::string_view text) {
  const absl::StatusOr<Token> token = Token::parse(text);
  if (token.ok()) return "accepted";
  EXPECT_EQ(token.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(token.status().message());
  return message.substr(message.find("\": column ") + 3);
}

TEST(Token, HasThisText) {
  EXPECT_EQ(make_token(test_id, {}, std::nullopt).to_string(), "cs1~4e4a~~-");
  EXPECT_EQ(make_token(test_id, {}, execution).to_string(), "cs1~4e4a~~odj6");
  EXPECT_EQ(make_token(test_id, two, std::nullopt).to_string(), "cs1~4e4a~c-bg2.a-cpw~-");
  EXPECT_EQ(make_token(test_id, two, execution).to_string(), "cs1~4e4a~c-bg2.a-cpw~odj6");
  EXPECT_EQ(make_token(test_id, four, execution).to_string(),
            "cs1~4e4a~c-bg2.a-cpw.7e-7nr.d7777aw-d777777mx~odj6");
  EXPECT_EQ(Token().to_string(), "cs1~aaaa~~-");
  EXPECT_EQ(Token((1u << 20) - 1, {TokenDeviation(0, 1, 1023)}, 0).to_string(),
            "cs1~7777~a-b77~aaaa");
}

TEST(Token, HashesAreTheseEverywhere) {
  EXPECT_EQ(test_hash("Chat.SurvivesACancel", "faults=1"), test_id);
  EXPECT_EQ(test_hash("", ""), 927055u);
  EXPECT_EQ(label_check(0), 0u);
  EXPECT_EQ(label_check(~std::uint64_t{0}), 15u);
  EXPECT_EQ(label_check(0x0123456789abcdef), 277u);
  EXPECT_EQ(label_check(stable_hash("call1.cancel")), 218u);
  EXPECT_EQ(execution_checksum(0), 0u);
  EXPECT_EQ(execution_checksum(~std::uint64_t{0}), 1048560u);
  EXPECT_EQ(execution_checksum(0x0123456789abcdef), 824880u);
}

TEST(Token, EveryBitOfAHashCounts) {
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_NE(label_check(std::uint64_t{1} << bit), 0u) << bit;
    EXPECT_NE(execution_checksum(std::uint64_t{1} << bit), 0u) << bit;
  }
}

TEST(Token, TheTestsNameAndItsOptionsBothCountAndAreNotInterchangeable) {
  EXPECT_NE(test_hash("a", "b"), test_hash("b", "a"));
  EXPECT_NE(test_hash("a", "a"), test_hash("b", "b"));
  EXPECT_NE(test_hash("ab", ""), test_hash("a", "b"));
  EXPECT_NE(test_hash("a", ""), test_hash("a", "faults=1"));
}

// 4000 labels over 1024 checks: were the bits badly mixed, some checks would have very many.
TEST(Token, ChecksOfLikeLabelsAreSpreadEvenly) {
  static constexpr Label::Name call("call");
  static constexpr Label::Name events[] = {Label::Name("cancel"), Label::Name("message"),
                                           Label::Name("deadline"), Label::Name("status")};
  std::array<int, 1024> labels{};
  for (std::uint32_t number = 1; number <= 100; ++number) {
    for (const Label::Name& event : events) {
      for (std::uint32_t ordinal = 1; ordinal <= 10; ++ordinal) {
        ++labels[label_check(Label(call, number, event, ordinal).hash())];
      }
    }
  }
  EXPECT_THAT(labels, Each(Lt(17)));
}

TEST(Token, IsReadBackFromItsText) {
  const absl::StatusOr<Token> token = Token::parse("cs1~4e4a~c-bg2.a-cpw~odj6");
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->test(), test_id);
  EXPECT_THAT(token->deviations(),
              ElementsAre(TokenDeviation(2, 1, label_check(two[0].label_hash)),
                          TokenDeviation(3, 2, label_check(two[1].label_hash))));
  EXPECT_EQ(token->checksum(), execution_checksum(execution));
}

TEST(Token, SurvivesBeingWrittenAndReadWhateverItIs) {
  Random random;
  for (int round = 0; round < 20000; ++round) {
    std::optional<std::uint64_t> hash;
    if (random.bits(1) == 0) hash = random.any();
    const Token token = make_token(random.bits(20), random.schedule(12), hash);
    const absl::StatusOr<Token> read = Token::parse(token.to_string());
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(*read, token) << token.to_string();
  }
}

// Texts that are nearly tokens: refused, or the one text of what was read.
TEST(Token, NoOtherTextMeansTheSame) {
  constexpr std::string_view characters = "abcdz27~-.A1 ";
  Random random;
  int accepted = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text = make_token(random.bits(20), random.schedule(3), random.any()).to_string();
    for (std::uint32_t edits = 1 + random.bits(1); edits > 0; --edits) {
      const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
      const char c = characters[random.below(static_cast<std::uint32_t>(characters.size()))];
      const std::uint32_t kind = random.below(3);
      text.replace(at, kind == 0 ? 0 : 1, kind == 1 ? 0 : 1, c);
    }
    const absl::StatusOr<Token> token = Token::parse(text);
    if (!token.ok()) continue;
    ++accepted;
    const std::size_t begin = text.find_first_not_of(' ');
    ASSERT_EQ(token->to_string(), text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Token, WhiteSpaceAroundItIsIgnored) {
  EXPECT_EQ(Token::parse(" \t\ncs1~4e4a~c-bg2~-\r\n")->to_string(), "cs1~4e4a~c-bg2~-");
}

TEST(Token, RefusesAnEmptyText) {
  EXPECT_EQ(refusal(""), "column 1: the text is empty, not a schedule token");
  EXPECT_EQ(refusal(" \n"), "column 3: the text is empty, not a schedule token");
}

TEST(Token, RefusesAForeignText) {
  constexpr std::string_view why = "not a schedule token: it must begin with \"cs1~\"";
  EXPECT_EQ(refusal("  Hello"), "column 3: " + std::string(why));
  for (const char* text : {"c", "cs", "cs1", "cs~", "cs1abcd~~-", "csx~abcd~~-", "cs12", "~", "-",
                           "4e4a~c-bg2~-", "'cs1~4e4a~c-bg2~-'", "\"cs1~4e4a~c-bg2~-\""}) {
    EXPECT_EQ(refusal(text), "column 1: " + std::string(why)) << text;
  }
}

TEST(Token, RefusesAnotherVersionsText) {
  const auto version = [](std::string_view text) {
    return "made by a different version of this format: \"" + std::string(text) +
           "\" instead of \"cs1~\"";
  };
  EXPECT_EQ(refusal(" cs2~4e4a~~-"), "column 2: " + version("cs2~"));
  EXPECT_EQ(refusal("cs10~whatever"), "column 1: " + version("cs10~"));
  EXPECT_EQ(refusal("CS0~"), "column 1: " + version("cs0~"));
}

TEST(Token, RefusesUpperCase) {
  EXPECT_EQ(refusal("CS1~4E4A~~-"), "column 1: 'C' is upper case: schedule tokens are lower case");
  EXPECT_THAT(refusal("cS1~4e4a~~-"), StartsWith("column 2: 'S' is upper case"));
  EXPECT_THAT(refusal("cs1~4e4A~~-"), StartsWith("column 8: 'A' is upper case"));
  EXPECT_THAT(refusal(" cs1~4e4a~C-bg2~-"), StartsWith("column 11: 'C' is upper case"));
  EXPECT_THAT(refusal("cs1~4e4a~c-bG2~-"), StartsWith("column 13: 'G' is upper case"));
  EXPECT_THAT(refusal("cs1~4e4a~~odJ6"), StartsWith("column 13: 'J' is upper case"));
}

TEST(Token, RefusesATruncatedText) {
  const auto cut_off = [](std::size_t column, std::string_view where) {
    return "column " + std::to_string(column) +
           ": the schedule token is cut off: " + std::string(where);
  };
  EXPECT_EQ(refusal("cs1~"), cut_off(5, "within its test"));
  EXPECT_EQ(refusal("cs1~4e4"), cut_off(8, "within its test"));
  EXPECT_EQ(refusal("cs1~4e4a"), cut_off(9, "its deviations and its checksum are missing"));
  EXPECT_EQ(refusal("cs1~4e4a~"), cut_off(10, "its deviations and its checksum are missing"));
  EXPECT_EQ(refusal("cs1~4e4a~c"), cut_off(11, "within a deviation"));
  EXPECT_EQ(refusal("cs1~4e4a~c-"), cut_off(12, "within a deviation"));
  EXPECT_EQ(refusal("cs1~4e4a~c-b"), cut_off(13, "within a deviation"));
  EXPECT_EQ(refusal("cs1~4e4a~c-bg"), cut_off(14, "within a deviation"));
  EXPECT_EQ(refusal("cs1~4e4a~c-bg2"), cut_off(15, "its checksum is missing"));
  EXPECT_EQ(refusal("cs1~4e4a~c-bg2."), cut_off(16, "within a deviation"));
  EXPECT_EQ(refusal("cs1~4e4a~c-bg2~"), cut_off(16, "its checksum is missing"));
  EXPECT_EQ(refusal(" cs1~4e4a~~ "), cut_off(12, "its checksum is missing"));
}

TEST(Token, RefusesACharacterOutsideTheAlphabet) {
  EXPECT_EQ(refusal("cs1~4e1a~~-"), "column 7: '1' where a digit (a-z 2-7) of the test must be");
  EXPECT_EQ(refusal("cs1~4e4a8~-"), "column 9: '8' where '~' after the test must be");
  EXPECT_EQ(refusal("cs1~4e4a~0-bg2~-"),
            "column 10: '0' where the gap (a-z 2-7) of a deviation must be");
  EXPECT_EQ(refusal("cs1~4e4a~c9-bg2~-"),
            "column 11: '9' where '-' between a deviation's gap and its choice must be");
  EXPECT_EQ(refusal("cs1~4e4a~c-!bg2~-"),
            "column 12: '!' where a digit (a-z 2-7) of a deviation's choice must be");
  EXPECT_EQ(refusal("cs1~4e4a~c-bg2,a-cpw~-"),
            "column 15: ',' where '.' or '~' after a deviation must be");
  EXPECT_EQ(refusal("cs1~4e4a~~o1j6"),
            "column 12: '1' where a digit (a-z 2-7) of the checksum must be");
  EXPECT_THAT(refusal("cs1~4e4a~c-b g2~-"), StartsWith("column 13: ' ' where"));
  EXPECT_THAT(refusal("cs1~4e4a~c\xe2\x80\x93z"), StartsWith("column 11: byte 0xe2 where"));
  EXPECT_THAT(refusal(std::string("cs1~4e4a~c-b\0~-", 15)),
              StartsWith("column 13: byte 0x00 where"));
}

TEST(Token, RefusesMissingPartsOfADeviation) {
  EXPECT_THAT(refusal("cs1~4e4a~-bg2~-"), StartsWith("column 10: '-' where the gap"));
  EXPECT_THAT(refusal("cs1~4e4a~.a-cpw~-"), StartsWith("column 10: '.' where the gap"));
  EXPECT_THAT(refusal("cs1~4e4a~c-bg2..a-cpw~-"), StartsWith("column 16: '.' where the gap"));
  EXPECT_THAT(refusal("cs1~4e4a~c-bg2.~-"), StartsWith("column 16: '~' where the gap"));
  EXPECT_THAT(refusal("cs1~4e4a~cbg2~-"), StartsWith("column 14: '~' where '-' between"));
  EXPECT_THAT(refusal("cs1~4e4a~c-b-g2~-"), StartsWith("column 13: '-' where a digit"));
  EXPECT_THAT(refusal("cs1~4e4a~c-bg2-a~-"), StartsWith("column 15: '-' where '.' or '~'"));
  for (const char* text :
       {"cs1~4e4a~c-~-", "cs1~4e4a~c-b~-", "cs1~4e4a~c-bg~-", "cs1~4e4a~c-bg.a-cpw~-"}) {
    EXPECT_EQ(refusal(text),
              "column 12: a choice and two characters of its label must be after a deviation's '-'")
        << text;
  }
}

TEST(Token, RefusesChoiceZeroAndSuperfluousLeadingZeros) {
  EXPECT_EQ(refusal("cs1~4e4a~c-ag2~-"), "column 12: the choice is 0: that is no deviation");
  const std::string gap = "column 10: the gap has a superfluous leading zero ('a')";
  const std::string choice = "column 12: the choice has a superfluous leading zero ('a')";
  EXPECT_EQ(refusal("cs1~4e4a~ac-bg2~-"), gap);
  EXPECT_EQ(refusal("cs1~4e4a~aa-bg2~-"), gap);
  EXPECT_EQ(refusal("cs1~4e4a~c-abg2~-"), choice);
  EXPECT_EQ(refusal("cs1~4e4a~c-aag2~-"), choice);
}

TEST(Token, RefusesNumbersBeyond32Bits) {
  const std::string gap = "column 10: the gap is more than 4294967295";
  const std::string choice = "column 12: the choice is more than 4294967295";
  EXPECT_EQ(refusal("cs1~4e4a~eaaaaaa-bg2~-"), gap);
  EXPECT_EQ(refusal("cs1~4e4a~c-eaaaaaag2~-"), choice);
  // So long that 64 bits do not hold it either, and what they would keep of it is small.
  EXPECT_EQ(refusal("cs1~4e4a~baaaaaaaaaaaaab-bg2~-"), gap);
  EXPECT_EQ(refusal("cs1~4e4a~c-baaaaaaaaaaaaabg2~-"), choice);
}

TEST(Token, RefusesDecisionsBeyond32Bits) {
  const std::string why =
      ": the deviation is at decision 4294967296, which is more than 4294967295";
  EXPECT_EQ(refusal("cs1~4e4a~d777777-bg2.a-cpw~-"), "column 22" + why);
  EXPECT_EQ(refusal("cs1~4e4a~a-bg2.d777777-cpw~-"), "column 16" + why);
  EXPECT_EQ(refusal("cs1~4e4a~a-bg2.d777776-cpw~-"), "accepted");
}

TEST(Token, RefusesATestOrAChecksumOfAnotherLength) {
  EXPECT_EQ(refusal("cs1~4e4~~-"), "column 5: the test has 3 characters instead of 4");
  EXPECT_EQ(refusal("cs1~~~-"), "column 5: the test has 0 characters instead of 4");
  EXPECT_EQ(refusal("cs1~4e4aa~~-"), "column 5: the test has 5 characters instead of 4");
  EXPECT_EQ(refusal("cs1~4e4aa"), "column 5: the test has 5 characters instead of 4");
  EXPECT_EQ(refusal("cs1~4e4a~~odj"), "column 11: the checksum has 3 characters instead of 4");
  EXPECT_EQ(refusal("cs1~4e4a~~odj66"), "column 11: the checksum has 5 characters instead of 4");
}

TEST(Token, RefusesTextAfterIt) {
  const auto more = [](std::string_view text) {
    return ": there is more text, \"" + std::string(text) +
           "\", after the end of the schedule token";
  };
  EXPECT_EQ(refusal("cs1~4e4a~~odj6 twice "), "column 15" + more(" twice"));
  EXPECT_EQ(refusal("cs1~4e4a~~-a"), "column 12" + more("a"));
  EXPECT_EQ(refusal("cs1~4e4a~~odj6~"), "column 15" + more("~"));
  EXPECT_EQ(refusal("cs1~4e4a~~--"), "column 12" + more("-"));
}

TEST(Token, RefusalsBeginWithTheTextThatWasGiven) {
  const auto message = [](std::string_view text) {
    return std::string(Token::parse(text).status().message());
  };
  EXPECT_EQ(message(" cs1~4e4\n"),
            "\" cs1~4e4\\n\": column 9: the schedule token is cut off: within its test");
  EXPECT_THAT(message("cs1~\xff"), StartsWith("\"cs1~\\xff\": column 5: "));
  EXPECT_THAT(message(std::string(1000, 'x')),
              StartsWith('"' + std::string(80, 'x') + "...\": column 1: "));
}

TEST(TokenDeathTest, IsNotMadeOfASchedulesOutOfOrder) {
  EXPECT_DEATH(make_token(0, {two[1], two[0]}, std::nullopt), "next_decision");
  EXPECT_DEATH(make_token(0, {two[0], two[0]}, std::nullopt), "next_decision");
  EXPECT_DEATH(make_token(0, {Deviation(0, 0, 0)}, std::nullopt), "choice");
  EXPECT_DEATH(make_token(1u << 20, {}, std::nullopt), "test");
}

TEST(TokenWriter, ShowsAValidTokenAfterEveryStepAtOnePlace) {
  TokenWriter writer;
  const char* const text = writer.c_str();
  EXPECT_STREQ(text, "cs1~aaaa~~-");
  writer.begin(test_id);
  EXPECT_STREQ(text, "cs1~4e4a~~-");
  writer.add(2, 1, stable_hash("call1.cancel"));
  EXPECT_STREQ(text, "cs1~4e4a~c-bg2~-");
  writer.add(3, 2, stable_hash("call2.deadline"));
  EXPECT_STREQ(text, "cs1~4e4a~c-bg2.a-cpw~-");
  writer.begin(1);
  EXPECT_STREQ(text, "cs1~aaab~~-");
  EXPECT_EQ(writer.c_str(), text);
}

TEST(TokenWriter, WritesWhatATokenWithAnOpenChecksumIs) {
  Random random;
  TokenWriter writer;
  for (int round = 0; round < 20000; ++round) {
    const std::uint32_t test = random.bits(20);
    const Schedule schedule = random.schedule(12);
    writer.begin(test);
    for (const Deviation& deviation : schedule) {
      writer.add(deviation.decision, deviation.choice, deviation.label_hash);
    }
    ASSERT_EQ(writer.c_str(), make_token(test, schedule, std::nullopt).to_string());
    ASSERT_FALSE(writer.truncated());
  }
}

TEST(TokenWriter, KeepsAValidBeginningWhenThereIsNoMoreRoom) {
  Schedule kept;
  TokenWriter writer;
  writer.begin(test_id);
  for (std::uint32_t i = 0; !writer.truncated(); ++i) {
    ASSERT_EQ(writer.c_str(), make_token(test_id, kept, std::nullopt).to_string());
    const Deviation deviation(i * 1025, number_max - i, i * 0x9e3779b97f4a7c15u);
    writer.add(deviation.decision, deviation.choice, deviation.label_hash);
    if (!writer.truncated()) kept.push_back(deviation);
  }
  const std::string full = make_token(test_id, kept, std::nullopt).to_string();
  EXPECT_EQ(writer.c_str(), full);
  EXPECT_GT(full.size(), TokenWriter::text_bytes - 20);

  // What would have room alone is left out too, or the gaps would be wrong.
  ASSERT_LT(full.size() + std::string_view(".a-baa").size(), TokenWriter::text_bytes);
  writer.add(kept.back().decision + 1026, 1, 0);
  EXPECT_EQ(writer.c_str(), full);

  writer.begin(test_id);
  EXPECT_FALSE(writer.truncated());
  EXPECT_STREQ(writer.c_str(), "cs1~4e4a~~-");
}

// 167 deviations make a text of 1012 characters, so that one of 11 is the longest that fits, NUL
// included: ".", "-", one digit for the choice, two for the label, and six for the gap.
TEST(TokenWriter, UsesItsRoomToTheLastByte) {
  const auto text_size = [](std::uint32_t last_gap, bool truncated) {
    TokenWriter writer;
    writer.begin(test_id);
    std::uint32_t decision = 0;
    for (; decision < 167; ++decision) writer.add(decision, 1, 0);
    writer.add(decision + last_gap, 1, 0);
    EXPECT_EQ(writer.truncated(), truncated);
    return std::string_view(writer.c_str()).size();
  };
  EXPECT_EQ(text_size((1u << 30) - 1, false), TokenWriter::text_bytes - 1);
  EXPECT_EQ(text_size(1u << 30, true), 1012u);
}

TEST(TokenWriterDeathTest, RefusesDeviationsOutOfOrder) {
  TokenWriter writer;
  writer.add(3, 1, 0);
  EXPECT_DEATH(writer.add(3, 1, 0), "next_decision_");
  EXPECT_DEATH(writer.add(4, 0, 0), "choice");
  EXPECT_DEATH(writer.begin(1u << 20), "test");
}

}  // namespace
}  // namespace weft::sim
