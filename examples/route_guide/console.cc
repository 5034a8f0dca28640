#include "console.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace routeguide {
namespace {

constexpr std::size_t columns = 96;
constexpr std::size_t field_name_width = 9;
const std::string indent = "   ";

constexpr const char* bold = "1";
constexpr const char* faint = "2";
constexpr const char* green = "32";
constexpr const char* red = "31";

std::size_t character_count(const std::string& utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

// At spaces; a word that is longer than the width has a line to itself.
std::string wrapped(const std::string& text, std::size_t width, const std::string& line_break) {
  std::istringstream words(text);
  std::string result;
  std::size_t column = 0;
  for (std::string word; words >> word;) {
    const std::size_t length = character_count(word);
    if (column > 0 && column + 1 + length > width) {
      result += line_break;
      column = 0;
    } else if (column > 0) {
      result += ' ';
      ++column;
    }
    result += word;
    column += length;
  }
  return result;
}

}  // namespace

std::string pad(const std::string& utf8, std::size_t width) {
  const std::size_t count = character_count(utf8);
  return count < width ? utf8 + std::string(width - count, ' ') : utf8;
}

Console::Console() : colours_(::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

void Console::title(const std::string& text) {
  std::cout << coloured(bold, text) << '\n';
}

void Console::heading(const std::string& name, const std::string& what_it_is) {
  std::cout << '\n' << coloured(bold, name) << ": " << what_it_is << '\n';
  differences_before_section_ = differences_;
}

// Flushed, so that a person sees things when they happen.
void Console::line(const std::string& text) {
  std::cout << indent << text << std::endl;
}

void Console::faint_line(const std::string& text) {
  line(coloured(faint, text));
}

void Console::paragraph(const std::string& text) {
  line(wrapped(text, columns - indent.size(), '\n' + indent));
}

void Console::block(const std::string& lines) {
  std::cout << '\n' << lines << std::endl;
}

void Console::field(const std::string& name, const std::string& text) {
  const std::string line_break = '\n' + indent + std::string(field_name_width, ' ');
  line(coloured(faint, pad(name, field_name_width)) +
       wrapped(text, columns - indent.size() - field_name_width, line_break));
}

bool Console::expect(bool holds, const std::string& claim) {
  return holds || differs("not so: " + claim);
}

bool Console::expect_ok(const std::string& what, const absl::Status& status) {
  return status.ok() || differs(what + " failed: " + status.ToString());
}

bool Console::differs(const std::string& text) {
  ++differences_;
  line(coloured(red, "differs: ") + text);
  return false;
}

void Console::conclude(const std::string& claim) {
  if (differences_ == differences_before_section_) line(coloured(green, "ok: ") + claim);
}

int Console::finish() {
  const bool good = differences_ == 0;
  std::cout << '\n' << coloured(good ? green : red, good ? "demo: OK" : "demo: FAILED") << '\n';
  return good ? 0 : 1;
}

std::string Console::coloured(const char* colour, const std::string& text) const {
  return colours_ ? "\033[" + std::string(colour) + "m" + text + "\033[0m" : text;
}

}  // namespace routeguide
