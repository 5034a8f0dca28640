#pragma once

#include <cstdint>

namespace weft::bench {

// How many blocks this process has asked the heap for so far: every thread, every library, operator
// new included. Counted by standing in for the C library's allocation functions.
std::uint64_t allocation_count();

}  // namespace weft::bench
