#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weft::sim {

// Valid UTF-8 on one line, whatever comes in: control characters, characters that change the
// direction of writing and bytes that are no UTF-8 become "\n", "\x1b", "\u{202e}", "\xff".
std::string printable(std::string_view text);

// Columns of a terminal that `text`, printable, takes.
std::size_t display_width(std::string_view text);

// `text`, printable, in pieces of at most `columns`, broken at spaces where there are any.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace weft::sim
