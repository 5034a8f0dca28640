#include "fields.h"

#include <charconv>

namespace weft::conformance {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_plain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
}

}  // namespace

std::string encode_field(std::string_view bytes) {
  std::string field;
  for (const char byte : bytes) {
    if (is_plain(byte)) {
      field.push_back(byte);
    } else {
      const auto value = static_cast<unsigned char>(byte);
      field.push_back('%');
      field.push_back(hex_digits[value / 16]);
      field.push_back(hex_digits[value % 16]);
    }
  }
  return field;
}

std::optional<std::string> decode_field(std::string_view field) {
  std::string bytes;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '%') {
      bytes.push_back(field[i]);
      continue;
    }
    if (i + 2 >= field.size()) return std::nullopt;
    const std::size_t high = hex_digits.find(field[i + 1]);
    const std::size_t low = hex_digits.find(field[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

std::string encode_metadata(const Metadata& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    if (!text.empty()) text.push_back(',');
    text += encode_field(key);
    text.push_back('=');
    text += encode_field(value);
  }
  return text;
}

std::optional<Metadata> decode_metadata(std::string_view text) {
  Metadata metadata;
  for (const std::string_view entry : split_fields(text, ',')) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    std::optional<std::string> key = decode_field(entry.substr(0, equals));
    std::optional<std::string> value = decode_field(entry.substr(equals + 1));
    if (!key.has_value() || !value.has_value()) return std::nullopt;
    metadata.add(*std::move(key), *std::move(value));
  }
  return metadata;
}

std::vector<std::string_view> split_fields(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  while (!text.empty() || !fields.empty()) {
    const std::size_t end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

std::optional<std::size_t> decode_number(std::string_view field) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return number;
}

}  // namespace weft::conformance
