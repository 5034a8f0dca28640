#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::sim {

// One of several parts of a search, for as many processes or machines. Every one of them plans the
// same root region of the tree of decisions: prefixes of schedules, breadth first, until there are
// at least `prefixes_min`, which all schedules have one of. A part executes what begins with its
// prefixes, which are those whose hash, modulo the count, is its index. So nothing is executed by
// two, and the parts' numbers of complete executions add up to that of the whole.
class Shard {
 public:
  static constexpr std::size_t prefixes_min = 64;

  Shard() = default;
  Shard(std::size_t index_of_part, std::size_t count_of_parts)
      : index(index_of_part), count(count_of_parts) {}

  bool is_whole() const { return count == 1; }
  bool owns(std::uint64_t prefix_hash) const { return prefix_hash % count == index; }

  std::size_t index = 0;
  std::size_t count = 1;
};

// What a part knows of the region that all parts have planned: two parts belong to the same search
// only if theirs are the same but for what they own.
class ShardedRegion {
 public:
  std::size_t prefixes = 0;      // all of them
  std::size_t own_prefixes = 0;  // of this part
  std::uint64_t hash = 0;        // of all of them
  std::vector<std::uint64_t> own_hashes;
  // The share of the tree of decisions that this part has; see Report::tree_weight.
  double own_weight = 1;
};

}  // namespace weft::sim
