#pragma once

#include <cstdint>
#include <string>

#include "weft/transport/detail/text.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/label.h"

namespace weft::test {

// A body with a decision tree of its own for each seed: after each choice it goes on or ends, with
// up to four alternatives, as a hash of its choices so far says. Its outcome names its path, so
// each is there once.
inline sim::BodyFunction choice_tree(std::uint64_t seed, std::size_t depth) {
  return [seed, depth](sim::World& world) -> sim::Body {
    std::uint64_t history = sim::mix_hash(seed, depth);
    std::string path;
    for (std::size_t i = 0; i < depth; ++i) {
      const std::uint64_t here = sim::mix_hash(history, i);
      if (i > 2 && here % 16 == 0) break;
      const std::size_t choice = world.choose((i > 2 ? 1 : 2) + (here >> 8) % 3, "branch");
      detail::append_text(path, choice);
      history = sim::mix_hash(here, choice);
    }
    world.outcome(path);
    co_return;
  };
}

}  // namespace weft::test
