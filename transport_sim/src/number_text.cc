#include "number_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace weft::sim::detail {

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::string percent(double share) {
  if (share <= 0) return "0%";
  if (share >= 1) return "100%";
  constexpr double least = 0.001;
  if (share < least) return "less than 0.1%";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f%%", std::min(share * 100, 99.9));
  return text.data();
}

}  // namespace weft::sim::detail
