#pragma once

// The replay token: a schedule as a short text that people paste, "cs1~4e4a~c-bg2.a-cpw~odj6".
//
//   cs1      this format; another one has another number
//   4e4a     20 bits: the test, and the options under which the token means something
//   c-bg2    a deviation: 2 ("c") decisions after the previous one, or after the beginning, the
//            alternative 1 ("b") was taken, whose label_check is "g2". Any number, joined by '.'
//   odj6     20 bits: checksum of the whole execution, or "-" where it had not ended yet
//
// All digits are of a-z2-7, 'a' being 0, most significant first; a number has no leading zeros. So
// there is one text for a token, and it is the same with every compiler.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/transport_sim/schedule.h"

namespace weft::sim {

// 10 bits that recognise a label. Two different labels have the same ones once in 1024.
std::uint32_t label_check(std::uint64_t label_hash);

// 20 bits that recognise a test. `options` is a text of all that changes which decisions there are
// or what their alternatives are.
std::uint32_t test_hash(std::string_view test_name, std::string_view options);

// 20 bits that recognise an execution, of a hash of the labels and the numbers of alternatives.
std::uint32_t execution_checksum(std::uint64_t execution_hash);

// A Deviation as far as a token knows it: its label can be recognised, not recovered.
class TokenDeviation {
 public:
  TokenDeviation() = default;
  TokenDeviation(std::uint32_t at_decision, std::uint32_t alternative, std::uint32_t check_of_label)
      : decision(at_decision), choice(alternative), label_check(check_of_label) {}

  std::uint32_t decision = 0;
  std::uint32_t choice = 0;  // never 0 within a token
  std::uint32_t label_check = 0;

  friend bool operator==(const TokenDeviation&, const TokenDeviation&) = default;
};

// A value: what parse() makes of a text, to_string() makes into that text again, and the reverse.
class Token {
 public:
  // The default execution of test 0.
  Token() = default;
  // `test` and `checksum` have 20 bits, a label_check 10; decisions increase, and no choice is 0.
  Token(std::uint32_t test, std::vector<TokenDeviation> deviations,
        std::optional<std::uint32_t> checksum);

  // INVALID_ARGUMENT says what is wrong and in which column, counted from 1 in `text` as it is
  // given. Only white space around the token is accepted beside it.
  static absl::StatusOr<Token> parse(std::string_view text);

  std::uint32_t test() const { return test_; }
  const std::vector<TokenDeviation>& deviations() const { return deviations_; }
  // Absent if the token was written before its execution ended.
  std::optional<std::uint32_t> checksum() const { return checksum_; }

  std::string to_string() const;

  friend bool operator==(const Token&, const Token&) = default;

 private:
  std::uint32_t test_ = 0;
  std::vector<TokenDeviation> deviations_;
  std::optional<std::uint32_t> checksum_;
};

// `test` is a test_hash; without an `execution_hash` the checksum stays open.
Token make_token(std::uint32_t test, const Schedule& schedule,
                 std::optional<std::uint64_t> execution_hash);

// Keeps the token of a running execution readable, for the case that it never ends. It never
// allocates, and writes each deviation once.
class TokenWriter {
 public:
  static constexpr std::size_t text_bytes = 1024;  // of the longest text, with its NUL

  // As after begin(0). Writes into `memory`, of text_bytes and outliving it, or into its own.
  explicit TokenWriter(char* memory = nullptr);
  TokenWriter(const TokenWriter&) = delete;
  TokenWriter& operator=(const TokenWriter&) = delete;

  // A new execution, without deviations so far.
  void begin(std::uint32_t test);
  // The next deviation: later than the one before, and `choice` is not 0.
  void add(std::uint32_t decision, std::uint32_t choice, std::uint64_t label_hash);
  // Nothing is running: the text is empty until the next begin().
  void clear() { text_[0] = '\0'; }

  // The token's text with an open checksum. The pointer never changes, and what it points to is a
  // whole token at any moment: for a signal handler that interrupts add() or begin() too. Another
  // thread needs its own reason to see the latest one.
  const char* c_str() const { return text_; }
  // There was no room for a deviation. The text has those before it and none after it.
  bool truncated() const { return truncated_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<char[]> own_;
  char* text_;
  std::size_t length_ = 0;           // without the open checksum
  std::uint64_t next_decision_ = 0;  // the earliest that may deviate
  std::atomic<bool> truncated_ = false;
};

}  // namespace weft::sim
