#pragma once

// Strings between the standard library and Abseil: Debian builds Abseil with a string_view of its
// own, which does not convert to or from std::string_view.

#include <concepts>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace weft::detail {

inline absl::string_view as_absl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}
inline std::string_view as_std(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

// Appends a string, a character or an integer (in decimal) to `text`.
template <class Part>
void append_text(std::string& text, const Part& part) {
  if constexpr (std::same_as<Part, absl::string_view>) {
    text.append(part.data(), part.size());
  } else if constexpr (std::convertible_to<const Part&, std::string_view>) {
    text.append(std::string_view(part));
  } else if constexpr (std::same_as<Part, char>) {
    text.push_back(part);
  } else if constexpr (std::same_as<Part, bool>) {
    text.append(part ? "true" : "false");
  } else {
    static_assert(std::integral<Part>, "text() takes strings, characters and integers");
    text.append(std::to_string(part));
  }
}

// The parts one after the other.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string joined;
  (append_text(joined, parts), ...);
  return joined;
}

}  // namespace weft::detail
