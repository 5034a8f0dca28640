#pragma once

#include <cstdint>
#include <vector>

namespace weft::sim {

// One step off the default path of an execution: at its `decision`th decision (counted from 0; a
// moment with a single alternative is none) not the first alternative was taken, but another one.
class Deviation {
 public:
  Deviation() = default;
  Deviation(std::uint32_t at_decision, std::uint32_t alternative, std::uint64_t hash_of_label)
      : decision(at_decision), choice(alternative), label_hash(hash_of_label) {}

  std::uint32_t decision = 0;
  std::uint32_t choice = 0;      // index into the alternatives there; never 0
  std::uint64_t label_hash = 0;  // of the alternative's label; see label.h

  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// A whole execution, as it differs from the default one: deviations in order of their decisions.
// The empty schedule is the happy path.
using Schedule = std::vector<Deviation>;

}  // namespace weft::sim
