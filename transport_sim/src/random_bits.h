#pragma once

#include <cstddef>
#include <cstdint>

#include "weft/transport_sim/label.h"

namespace weft::sim::detail {

// Numbers that are the same on every machine: splitmix64.
class RandomBits {
 public:
  explicit RandomBits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  // Below `end`; the bias is far below what any sample can show.
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>((next() >> 32) * end >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace weft::sim::detail
