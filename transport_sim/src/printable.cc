#include "printable.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace weft::sim {
namespace {

// A character at the beginning of some bytes. `size` 0: they begin with no character of UTF-8.
class Character {
 public:
  Character() = default;
  Character(std::uint32_t character_code, std::size_t bytes) : code(character_code), size(bytes) {}
  std::uint32_t code = 0;
  std::size_t size = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return Character(lead, 1);
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return Character();
  std::uint32_t code = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return Character();
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> least_of_length{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least_of_length[size] || surrogate || code > 0x10ffff) return Character();
  return Character(code, size);
}

class Range {
 public:
  constexpr Range(std::uint32_t from, std::uint32_t to) : first(from), last(to) {}
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t count>
bool within(std::uint32_t code, const std::array<Range, count>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

// What would move, hide or reorder the text around it.
bool is_unprintable(std::uint32_t code) {
  static constexpr std::array unprintable_ranges{
      Range(0x00, 0x1f),     Range(0x7f, 0x9f),     Range(0xad, 0xad),     Range(0x61c, 0x61c),
      Range(0x200b, 0x200f), Range(0x2028, 0x202e), Range(0x2060, 0x2069), Range(0xfeff, 0xfeff),
      Range(0xfff9, 0xfffb), Range(0xfffe, 0xffff)};
  return within(code, unprintable_ranges);
}

// Roughly: combining marks take no column, East Asian characters and pictures take two.
std::size_t columns_of(std::uint32_t code) {
  static constexpr std::array combining_marks{Range(0x300, 0x36f), Range(0x1ab0, 0x1aff),
                                              Range(0x20d0, 0x20ff), Range(0xfe00, 0xfe0f)};
  static constexpr std::array wide_ranges{Range(0x1100, 0x115f),   Range(0x2e80, 0xa4cf),
                                          Range(0xac00, 0xd7a3),   Range(0xf900, 0xfaff),
                                          Range(0xfe30, 0xfe6f),   Range(0xff00, 0xff60),
                                          Range(0x1f300, 0x1faff), Range(0x20000, 0x3fffd)};
  return within(code, combining_marks) ? 0 : within(code, wide_ranges) ? 2 : 1;
}

// Bytes at the beginning of `text` that fit into `columns`; at least one character's.
std::size_t bytes_within(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const Character character = first_character(text.substr(end));
    used += columns_of(character.code);
    if (used > columns && end > 0) break;
    end += std::max<std::size_t>(character.size, 1);
  }
  return end;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t size = std::max<std::size_t>(character.size, 1);
    if (character.size == 0 || (size == 1 && is_unprintable(character.code))) {
      if (text[0] == '\n') {
        shown += "\\n";
      } else if (text[0] == '\t') {
        shown += "\\t";
      } else {
        absl::StrAppendFormat(&shown, "\\x%02x", static_cast<unsigned char>(text[0]));
      }
    } else if (is_unprintable(character.code)) {
      absl::StrAppendFormat(&shown, "\\u{%x}", character.code);
    } else {
      shown.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return shown;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += columns_of(character.code);
    text.remove_prefix(std::max<std::size_t>(character.size, 1));
  }
  return columns;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (display_width(text) > columns) {
    std::size_t end = bytes_within(text, columns);
    // A space right behind the last column that fits is as good a place as one within.
    const std::size_t space = text.substr(0, end + 1).rfind(' ');
    if (space != std::string_view::npos && space > 0) end = space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  text.remove_suffix(text.size() - std::min(text.find_last_not_of(' ') + 1, text.size()));
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

}  // namespace weft::sim
