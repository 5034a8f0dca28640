#include "weft/transport_sim/token.h"

#include <array>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/label.h"

namespace weft::sim {
namespace {

constexpr std::string_view prefix = "cs1~";
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view open_checksum = "~-";
constexpr std::string_view parts_missing = "its deviations and its checksum are missing";
constexpr int digit_bits = 5;

constexpr std::size_t test_digits = 4;
constexpr std::size_t checksum_digits = 4;
constexpr std::size_t label_digits = 2;
constexpr std::size_t head_length = prefix.size() + test_digits + 1;
// '.', gap, '-', choice, label check
constexpr std::size_t deviation_length_max = 1 + 7 + 1 + 7 + label_digits;
static_assert(head_length + open_checksum.size() < TokenWriter::text_bytes);

constexpr std::uint64_t number_max = std::numeric_limits<std::uint32_t>::max();

constexpr bool fits(std::uint32_t value, std::size_t digits) {
  return value >> (digits * digit_bits) == 0;
}

// The pieces of `value` that have so many digits, xored: every bit of it takes part.
std::uint32_t folded(std::uint64_t value, std::size_t digits) {
  const std::size_t bits = digits * digit_bits;
  std::uint64_t result = 0;
  for (; value != 0; value >>= bits) result ^= value & ((std::uint64_t{1} << bits) - 1);
  return static_cast<std::uint32_t>(result);
}

// The put functions write at `out`, without a NUL, and return the end of what they wrote.

char* put_text(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_digits(char* out, std::uint32_t value, std::size_t digits) {
  for (std::size_t left = digits; left > 0; --left) {
    *out++ = alphabet[(value >> ((left - 1) * digit_bits)) & 31];
  }
  return out;
}

char* put_number(char* out, std::uint32_t value) {
  if (value < alphabet.size()) {
    *out = alphabet[value];
    return out + 1;
  }
  std::size_t digits = 1;
  for (std::uint32_t rest = value >> digit_bits; rest != 0; rest >>= digit_bits) ++digits;
  return put_digits(out, value, digits);
}

char* put_head(char* out, std::uint32_t test) {
  out = put_digits(put_text(out, prefix), test, test_digits);
  *out++ = '~';
  return out;
}

char* put_deviation(char* out, bool first, std::uint32_t gap, std::uint32_t choice,
                    std::uint32_t check) {
  if (!first) *out++ = '.';
  out = put_number(out, gap);
  *out++ = '-';
  return put_digits(put_number(out, choice), check, label_digits);
}

// One store, after all that was written before it: no signal handler sees half of it. Unaligned
// ones are one instruction, too, on x86-64 and AArch64.
template <std::size_t Bytes, std::size_t Size>
void store_at_once(char* out, const std::array<char, Size>& text) {
  static_assert((Bytes == 4 || Bytes == 8) && Bytes <= Size);
  std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t> word;
  std::memcpy(&word, text.data(), Bytes);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(out, &word, Bytes);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_max = 80;
  return detail::text('"', absl::CHexEscape(detail::as_absl(text.substr(0, shown_max))),
                      text.size() > shown_max ? "...\"" : "\"");
}

// Reads a text from left to right and refuses it at the first place where it is not a token.
class Parser {
 public:
  explicit Parser(std::string_view text) : given_(text) {
    const absl::string_view rest = absl::StripLeadingAsciiWhitespace(detail::as_absl(text));
    at_ = text.size() - rest.size();
    end_ = at_ + absl::StripTrailingAsciiWhitespace(rest).size();
  }

  absl::StatusOr<Token> token() {
    if (absl::Status status = read_prefix(); !status.ok()) return status;
    std::uint32_t test = 0;
    if (absl::Status status = read_test(test); !status.ok()) return status;
    std::vector<TokenDeviation> deviations;
    if (absl::Status status = read_deviations(deviations); !status.ok()) return status;
    std::optional<std::uint32_t> checksum;
    if (absl::Status status = read_checksum(checksum); !status.ok()) return status;
    return Token(test, std::move(deviations), checksum);
  }

 private:
  bool at_end() const { return at_ == end_; }
  bool at(char c) const { return !at_end() && given_[at_] == c; }
  std::size_t column() const { return at_ + 1; }

  absl::Status error(std::size_t column, std::string_view what) const {
    return absl::InvalidArgumentError(
        detail::text(quoted(given_), ": column ", column, ": ", what));
  }

  absl::Status cut_off(std::string_view missing) const {
    return error(column(), detail::text("the schedule token is cut off: ", missing));
  }

  absl::Status wrong_length(std::string_view name, std::size_t begin, std::size_t expected) const {
    return error(begin + 1,
                 detail::text(name, " has ", at_ - begin, " characters instead of ", expected));
  }

  // Of the character that is next.
  absl::Status unexpected(std::string_view expected) const {
    const auto c = static_cast<unsigned char>(given_[at_]);
    if (absl::ascii_isupper(c)) {
      return error(column(), detail::text('\'', given_[at_],
                                          "' is upper case: schedule tokens are lower case"));
    }
    const std::string name =
        absl::ascii_isprint(c) ? absl::StrFormat("'%c'", c) : absl::StrFormat("byte 0x%02x", c);
    return error(column(), detail::text(name, " where ", expected, " must be"));
  }

  // The digits that are next, possibly none.
  std::string_view digits() {
    const std::size_t begin = at_;
    while (!at_end() && alphabet.find(given_[at_]) != std::string_view::npos) ++at_;
    return given_.substr(begin, at_ - begin);
  }

  static std::uint64_t value_of(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits) value = value << digit_bits | alphabet.find(c);
    return value;
  }

  absl::Status read_prefix() {
    const std::string_view token = given_.substr(at_, end_ - at_);
    if (token.empty()) return error(column(), "the text is empty, not a schedule token");
    const std::string lower = absl::AsciiStrToLower(detail::as_absl(token.substr(0, 20)));
    if (lower.starts_with(prefix)) {
      for (const char c : prefix) {
        if (!at(c)) return unexpected("lower case");
        ++at_;
      }
      return absl::OkStatus();
    }
    const std::size_t number_end = lower.find_first_not_of("0123456789", 2);
    if (lower.starts_with("cs") && number_end != std::string::npos && number_end > 2 &&
        lower[number_end] == '~') {
      return error(column(),
                   detail::text("made by a different version of this format: \"",
                                lower.substr(0, number_end + 1), "\" instead of \"", prefix, '"'));
    }
    return error(column(),
                 detail::text("not a schedule token: it must begin with \"", prefix, '"'));
  }

  absl::Status read_test(std::uint32_t& test) {
    const std::size_t begin = at_;
    const std::string_view read = digits();
    if (at_end() && read.size() < test_digits) return cut_off("within its test");
    if (read.size() > test_digits || (read.size() < test_digits && at('~'))) {
      return wrong_length("the test", begin, test_digits);
    }
    if (at_end()) return cut_off(parts_missing);
    if (read.size() < test_digits) return unexpected("a digit (a-z 2-7) of the test");
    if (!at('~')) return unexpected("'~' after the test");
    ++at_;
    test = static_cast<std::uint32_t>(value_of(read));
    return absl::OkStatus();
  }

  // Ends behind the '~' after the deviations.
  absl::Status read_deviations(std::vector<TokenDeviation>& deviations) {
    std::uint64_t next_decision = 0;
    if (at_end()) return cut_off(parts_missing);
    while (deviations.empty() ? !at('~') : at('.')) {
      if (!deviations.empty()) ++at_;
      TokenDeviation& read = deviations.emplace_back();
      if (absl::Status status = read_decision(next_decision, read.decision); !status.ok()) {
        return status;
      }
      next_decision = std::uint64_t{read.decision} + 1;
      if (absl::Status status = read_choice(read); !status.ok()) return status;
    }
    if (at_end()) return cut_off("its checksum is missing");
    if (!at('~')) return unexpected("'.' or '~' after a deviation");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status read_decision(std::uint64_t next_decision, std::uint32_t& decision) {
    const std::size_t begin = at_;
    const std::string_view read = digits();
    if (at_end()) return cut_off("within a deviation");
    if (!at('-')) {
      return unexpected(read.empty() ? "the gap (a-z 2-7) of a deviation"
                                     : "'-' between a deviation's gap and its choice");
    }
    if (read.empty()) return unexpected("the gap (a-z 2-7) of a deviation");
    std::uint32_t gap = 0;
    if (absl::Status status = number("the gap", begin, read, gap); !status.ok()) return status;
    if (next_decision + gap > number_max) {
      return error(begin + 1, detail::text("the deviation is at decision ", next_decision + gap,
                                           ", which is more than ", number_max));
    }
    decision = static_cast<std::uint32_t>(next_decision + gap);
    ++at_;
    return absl::OkStatus();
  }

  absl::Status read_choice(TokenDeviation& deviation) {
    const std::size_t begin = at_;
    const std::string_view read = digits();
    if (at_end() && read.size() <= label_digits) return cut_off("within a deviation");
    if (read.size() <= label_digits) {
      if (!at('.') && !at('~')) return unexpected("a digit (a-z 2-7) of a deviation's choice");
      return error(begin + 1,
                   "a choice and two characters of its label must be after a deviation's '-'");
    }
    const std::size_t choice_digits = read.size() - label_digits;
    absl::Status status =
        number("the choice", begin, read.substr(0, choice_digits), deviation.choice);
    if (!status.ok()) return status;
    if (deviation.choice == 0) return error(begin + 1, "the choice is 0: that is no deviation");
    deviation.label_check = static_cast<std::uint32_t>(value_of(read.substr(choice_digits)));
    return absl::OkStatus();
  }

  absl::Status read_checksum(std::optional<std::uint32_t>& checksum) {
    if (at_end()) return cut_off("its checksum is missing");
    const std::size_t begin = at_;
    if (at('-')) {
      ++at_;
    } else {
      const std::string_view read = digits();
      if (read.size() > checksum_digits || (read.size() < checksum_digits && at_end())) {
        return wrong_length("the checksum", begin, checksum_digits);
      }
      if (read.size() < checksum_digits) return unexpected("a digit (a-z 2-7) of the checksum");
      checksum = static_cast<std::uint32_t>(value_of(read));
    }
    if (!at_end()) {
      return error(column(),
                   detail::text("there is more text, ", quoted(given_.substr(at_, end_ - at_)),
                                ", after the end of the schedule token"));
    }
    return absl::OkStatus();
  }

  absl::Status number(std::string_view name, std::size_t begin, std::string_view read,
                      std::uint32_t& value) const {
    if (read.size() > 1 && read.front() == alphabet.front()) {
      return error(begin + 1, detail::text(name, " has a superfluous leading zero ('a')"));
    }
    constexpr std::size_t digits_max = 7;
    if (read.size() > digits_max || value_of(read) > number_max) {
      return error(begin + 1, detail::text(name, " is more than ", number_max));
    }
    value = static_cast<std::uint32_t>(value_of(read));
    return absl::OkStatus();
  }

  std::string_view given_;
  std::size_t at_;   // of the next character
  std::size_t end_;  // of the token within given_
};

}  // namespace

std::uint32_t label_check(std::uint64_t label_hash) {
  return folded(label_hash, label_digits);
}

std::uint32_t test_hash(std::string_view test_name, std::string_view options) {
  // The name is mixed on its own first: mixing two values does not tell which is which.
  const std::uint64_t name = mix_hash(0, stable_hash(test_name));
  return folded(mix_hash(name, stable_hash(options)), test_digits);
}

std::uint32_t execution_checksum(std::uint64_t execution_hash) {
  return folded(execution_hash, checksum_digits);
}

Token::Token(std::uint32_t test, std::vector<TokenDeviation> deviations,
             std::optional<std::uint32_t> checksum)
    : test_(test), deviations_(std::move(deviations)), checksum_(checksum) {
  WEFT_ASSERT(fits(test_, test_digits), test_);
  WEFT_ASSERT(fits(checksum_.value_or(0), checksum_digits), *checksum_);
  std::uint64_t next_decision = 0;
  for (const TokenDeviation& deviation : deviations_) {
    WEFT_ASSERT(deviation.decision >= next_decision, deviation.decision, next_decision);
    WEFT_ASSERT(deviation.choice != 0, deviation.decision);
    WEFT_ASSERT(fits(deviation.label_check, label_digits), deviation.label_check);
    next_decision = std::uint64_t{deviation.decision} + 1;
  }
}

absl::StatusOr<Token> Token::parse(std::string_view text) {
  return Parser(text).token();
}

std::string Token::to_string() const {
  std::array<char, deviation_length_max> piece;
  static_assert(head_length <= deviation_length_max);
  std::string text(piece.data(), put_head(piece.data(), test_));
  std::uint64_t next_decision = 0;
  for (const TokenDeviation& deviation : deviations_) {
    const auto gap = static_cast<std::uint32_t>(deviation.decision - next_decision);
    text.append(piece.data(), put_deviation(piece.data(), next_decision == 0, gap, deviation.choice,
                                            deviation.label_check));
    next_decision = std::uint64_t{deviation.decision} + 1;
  }
  if (!checksum_) return text.append(open_checksum);
  text.push_back('~');
  return text.append(piece.data(), put_digits(piece.data(), *checksum_, checksum_digits));
}

Token make_token(std::uint32_t test, const Schedule& schedule,
                 std::optional<std::uint64_t> execution_hash) {
  std::vector<TokenDeviation> deviations;
  deviations.reserve(schedule.size());
  for (const Deviation& deviation : schedule) {
    deviations.emplace_back(deviation.decision, deviation.choice,
                            label_check(deviation.label_hash));
  }
  std::optional<std::uint32_t> checksum;
  if (execution_hash) checksum = execution_checksum(*execution_hash);
  return Token(test, std::move(deviations), checksum);
}

TokenWriter::TokenWriter(char* memory)
    : own_(memory == nullptr ? std::make_unique<char[]>(text_bytes) : nullptr),
      text_(memory == nullptr ? own_.get() : memory) {
  put_text(text_, prefix);
  begin(0);
}

void TokenWriter::begin(std::uint32_t test) {
  WEFT_ASSERT(fits(test, test_digits), test);
  std::array<char, test_digits + 1 + open_checksum.size() + 1> rest;
  char* const rest_end = put_digits(rest.data(), test, test_digits);
  *rest_end = '~';
  *put_text(rest_end + 1, open_checksum) = '\0';
  store_at_once<8>(text_ + prefix.size(), rest);
  text_[0] = prefix[0];
  length_ = head_length;
  next_decision_ = 0;
  truncated_.store(false, std::memory_order_relaxed);
}

void TokenWriter::add(std::uint32_t decision, std::uint32_t choice, std::uint64_t label_hash) {
  WEFT_ASSERT(decision >= next_decision_, decision, next_decision_);
  WEFT_ASSERT(choice != 0, decision);
  const auto gap = static_cast<std::uint32_t>(decision - next_decision_);
  const bool first = next_decision_ == 0;
  next_decision_ = std::uint64_t{decision} + 1;
  if (truncated()) return;

  std::array<char, deviation_length_max + open_checksum.size() + 1> added;
  char* const added_end = put_deviation(added.data(), first, gap, choice, label_check(label_hash));
  *put_text(added_end, open_checksum) = '\0';
  const auto added_length = static_cast<std::size_t>(added_end - added.data());
  const std::size_t added_bytes = added_length + open_checksum.size() + 1;
  if (length_ + added_bytes > text_bytes) return truncated_.store(true, std::memory_order_relaxed);
  // What follows the text's NUL first. Then the shortest deviation is longer than the "~-" and the
  // NUL that it replaces.
  constexpr std::size_t at_once = 4;
  char* const at = text_ + length_;
  std::memcpy(at + at_once, added.data() + at_once, added_bytes - at_once);
  store_at_once<at_once>(at, added);
  length_ += added_length;
}

}  // namespace weft::sim
