#include "json_writer.h"

#include <array>
#include <cstdio>

#include "timeline_layout.h"

namespace weft::sim::detail {
namespace {

std::string quoted(std::string_view any) {
  std::string json = "\"";
  bool first = true;
  for (const std::string& line : lines_of(std::string(any))) {
    if (!first) json += "\\n";
    first = false;
    for (const char c : line) {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
  }
  return json + "\"";
}

}  // namespace

void JsonWriter::begin_line(std::string_view key) {
  if (!is_first_) text_ += ',';
  if (depth_ > 0) text_ += '\n';
  is_first_ = false;
  text_.append(2 * depth_, ' ');
  if (key.empty()) return;
  text_ += quoted(key);
  text_ += ": ";
}

void JsonWriter::begin(std::string_view key, char bracket) {
  begin_line(key);
  text_ += bracket;
  ++depth_;
  is_first_ = true;
}

void JsonWriter::end(char bracket) {
  --depth_;
  if (!is_first_) {
    text_ += '\n';
    text_.append(2 * depth_, ' ');
  }
  text_ += bracket;
  is_first_ = false;
}

void JsonWriter::raw(std::string_view key, std::string_view json) {
  begin_line(key);
  text_ += json;
}

void JsonWriter::value(std::string_view key, std::string_view text) {
  raw(key, quoted(text));
}

void JsonWriter::value(std::string_view key, double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.17g", number);
  raw(key, text.data());
}

void JsonWriter::hash(std::string_view key, std::uint64_t hash) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "\"%016llx\"", static_cast<unsigned long long>(hash));
  raw(key, text.data());
}

}  // namespace weft::sim::detail
