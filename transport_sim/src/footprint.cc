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

bool Footprint::passes_after(const Footprint& other) const {
  for (const std::uint32_t where : passes_) {
    if (std::find(other.joins_.begin(), other.joins_.end(), where) != other.joins_.end()) {
      return true;
    }
  }
  return false;
}

// Joins matter only within an execution.
void Footprint::add(const Footprint& other) {
  for (const std::uint32_t entry : other.entries_) add_entry(entry);
  everything_ = everything_ || other.everything_;
}

void StepSummary::add(const StepSummary& other) {
  label = other.label;
  footprint.add(other.footprint);
  for (const std::uint64_t one : other.disabled) {
    if (!disables(one)) disabled.push_back(one);
  }
}

bool ReductionFrame::take_next() {
  done[choice] = 1;
  if (kind == Kind::step) asleep.push_back(taken);
  taken = StepSummary();
  for (std::uint32_t i = 0; i < labels.size(); ++i) {
    if (planned[i] == 0 || done[i] != 0 || is_asleep(labels[i])) continue;
    choice = i;
    return true;
  }
  return false;
}

bool independent(const StepSummary& a, const StepSummary& b) {
  return !a.footprint.conflicts_with(b.footprint) && !a.footprint.is_everything() &&
         !b.footprint.is_everything() && !a.disables(b.label) && !b.disables(a.label);
}

}  // namespace weft::sim::detail
