#include "weft/transport_sim/detail/footprint.h"

#include <algorithm>
#include <bitset>
#include <vector>

#include "reduction_frame.h"

namespace weft::sim::detail {

namespace {

// Which objects may be among some entries: what recorded memory makes many of.
class Filter {
 public:
  explicit Filter(const std::vector<std::uint32_t>& entries) {
    for (const std::uint32_t entry : entries) bits_.set(place_of(entry));
  }
  bool may_have(std::uint32_t entry) const { return bits_.test(place_of(entry)); }

 private:
  static constexpr std::size_t places = 8192;
  static std::size_t place_of(std::uint32_t entry) { return (entry >> 1) * 0x9e3779b1u >> 19; }

  std::bitset<places> bits_;
};

bool has_conflict(const std::vector<std::uint32_t>& entries, std::uint32_t with) {
  for (const std::uint32_t entry : entries) {
    if (entry >> 1 == with >> 1 && ((entry | with) & 1) != 0) return true;
  }
  return false;
}

}  // namespace

bool Footprint::really_conflicts_with(const Footprint& other) const {
  constexpr std::size_t many = 32;
  if (entries_.size() < many || other.entries_.size() < many) {
    return std::any_of(other.entries_.begin(), other.entries_.end(),
                       [&](std::uint32_t theirs) { return has_conflict(entries_, theirs); });
  }
  const Filter filter(entries_);
  return std::any_of(other.entries_.begin(), other.entries_.end(), [&](std::uint32_t theirs) {
    return filter.may_have(theirs) && has_conflict(entries_, theirs);
  });
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
