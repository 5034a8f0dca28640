#pragma once

#include <cstdint>

namespace weft::bench {

// Whether at_full_load() measures. Measuring takes a walk through the heap.
void watch_full_load(bool watch);

// For clients to call while everything that a workload asks for is under way.
void at_full_load();

// The bytes of this process's heap in use when at_full_load() was called last.
std::uint64_t heap_at_full_load();

std::uint64_t heap_in_use();

}  // namespace weft::bench
