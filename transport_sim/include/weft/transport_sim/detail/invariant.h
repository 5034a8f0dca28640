#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "weft/transport_sim/detail/footprint.h"

namespace weft::sim::detail {

// What holds between any two steps of a world.
class Invariant {
 public:
  std::string name;
  absl::AnyInvocable<bool()> holds;
  bool looks_at_everything = true;
  Footprint reads;  // otherwise
  bool looked = false;
  bool broken = false;
};

}  // namespace weft::sim::detail
