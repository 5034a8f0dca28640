#pragma once

#include <cstddef>
#include <string>

namespace weft::sim::detail {

// "1,204"
std::string with_commas(std::size_t number);
// "21.4%" of a share between 0 and 1. What is neither nothing nor all is not shown as either.
std::string percent(double share);

}  // namespace weft::sim::detail
