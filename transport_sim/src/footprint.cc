#include "weft/transport_sim/detail/footprint.h"

#include <algorithm>

#include "reduction_frame.h"

namespace weft::sim::detail {

bool Footprint::really_conflicts_with(const Footprint& other) const {
  for (const std::uint32_t mine : entries_) {
    for (const std::uint32_t theirs : other.entries_) {
      if (mine >> 1 == theirs >> 1 && ((mine | theirs) & 1) != 0) return true;
    }
  }
  return false;
}

bool Footprint::joins_with(const Footprint& other) const {
  for (const std::uint32_t where : joins_) {
    if (std::find(other.joins_.begin(), other.joins_.end(), where) != other.joins_.end()) {
      return true;
    }
  }
  return false;
}

void Footprint::add(const Footprint& other) {
  for (const std::uint32_t entry : other.entries_) add_entry(entry);
  for (const std::uint32_t where : other.joins_) {
    if (std::find(joins_.begin(), joins_.end(), where) == joins_.end()) joins_.push_back(where);
  }
  everything_ = everything_ || other.everything_;
}

void StepSummary::add(const StepSummary& other) {
  label = other.label;
  footprint.add(other.footprint);
  for (const std::uint64_t one : other.disabled) {
    if (!disables(one)) disabled.push_back(one);
  }
}

bool independent(const StepSummary& a, const StepSummary& b) {
  return !a.footprint.conflicts_with(b.footprint) && !a.footprint.is_everything() &&
         !b.footprint.is_everything() && !a.disables(b.label) && !b.disables(a.label);
}

}  // namespace weft::sim::detail
