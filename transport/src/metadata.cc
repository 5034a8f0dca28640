#include "weft/transport/metadata.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "weft/transport/detail/text.h"

namespace weft {
namespace {

bool is_key_byte(unsigned char byte) {
  return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || byte == '-' || byte == '_' ||
         byte == '.';
}

bool is_value_byte(unsigned char byte) {
  return byte >= 0x20 && byte <= 0x7e;
}

// Unprintable bytes as \xNN, always with two digits.
std::string escaped(std::string_view text) {
  std::string readable;
  for (const unsigned char byte : text) {
    if (is_value_byte(byte)) {
      readable.push_back(static_cast<char>(byte));
    } else {
      readable += absl::StrFormat("\\x%02x", byte);
    }
  }
  return readable;
}

// "byte 0x0a at position 3"
std::string located(std::string_view text, std::string_view::const_iterator at) {
  return absl::StrFormat("byte 0x%02x at position %d", static_cast<unsigned char>(*at),
                         at - text.begin());
}

absl::Status validate_key(std::string_view key) {
  if (key.empty()) return absl::InternalError("illegal metadata: empty key");
  const auto illegal = std::find_if_not(key.begin(), key.end(), is_key_byte);
  if (illegal != key.end()) {
    return absl::InternalError(detail::text("illegal metadata key \"", escaped(key), "\": ",
                                            located(key, illegal), " is not one of a-z 0-9 - _ ."));
  }
  if (key.starts_with("grpc-")) {
    return absl::InternalError(detail::text("illegal metadata key \"", key,
                                            "\": names that begin with \"grpc-\" are reserved"));
  }
  return absl::OkStatus();
}

absl::Status validate_value(std::string_view key, std::string_view value) {
  if (is_binary_key(key)) return absl::OkStatus();
  const auto illegal = std::find_if_not(value.begin(), value.end(), is_value_byte);
  if (illegal == value.end()) return absl::OkStatus();
  return absl::InternalError(
      detail::text("illegal metadata value for key \"", key, "\": ", located(value, illegal),
                   " is not printable ASCII (a key that ends in \"-bin\" carries bytes)"));
}

}  // namespace

void Metadata::set(std::string_view key, std::string value) {
  for (Entry& entry : entries_) {
    if (entry.first == key) {
      entry.second = std::move(value);
      return;
    }
  }
  add(std::string(key), std::move(value));
}

void Metadata::set_all(std::string_view key, const std::vector<std::string>& values) {
  remove_all(key);
  for (const std::string& value : values) add(std::string(key), value);
}

bool Metadata::remove_first(std::string_view key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [key](const Entry& entry) { return entry.first == key; });
  if (found == entries_.end()) return false;
  entries_.erase(found);
  return true;
}

std::size_t Metadata::remove_all(std::string_view key) {
  return std::erase_if(entries_, [key](const Entry& entry) { return entry.first == key; });
}

std::optional<std::string_view> Metadata::get(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Metadata::get_all(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : entries_) {
    if (name == key) values.push_back(value);
  }
  return values;
}

absl::Status Metadata::validate_entries() const {
  for (const auto& [key, value] : entries_) {
    if (absl::Status status = validate_key(key); !status.ok()) return status;
    if (absl::Status status = validate_value(key, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string Metadata::to_string() const {
  std::string text = "Metadata((";
  for (const auto& [key, value] : entries_) {
    if (!text.ends_with("((")) text += ", ";
    text += detail::text("('", escaped(key), "', '", escaped(value), "')");
  }
  // One pair is written as a tuple of one, with its comma.
  return text + (entries_.size() == 1 ? ",))" : "))");
}

Metadata operator+(Metadata a, const Metadata& b) {
  a.entries_.insert(a.entries_.end(), b.entries_.begin(), b.entries_.end());
  return a;
}

}  // namespace weft
