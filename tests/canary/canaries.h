#pragma once

#include <array>
#include <string>
#include <string_view>

#include "broken_client.h"
#include "weft/transport_sim/explore.h"

namespace weft::test {

// A defect of BrokenClient, and a body in which it shows in some orders of events.
class Canary {
 public:
  using BodyOf = sim::Body (*)(sim::World&, Defect);

  Canary(Defect its_defect, std::string_view title, BodyOf its_body)
      : defect(its_defect), name(title), body(its_body) {}

  // All schedules of the body, or what the options say instead, under this canary's name. With its
  // defect, or with another or none.
  sim::Report explore(Defect with, sim::ExploreOptions options = sim::ExploreOptions()) const;
  sim::Report explore() const { return explore(defect); }
  // One schedule, with its defect.
  sim::Report replay(std::string_view token) const;
  // The token of any schedule.
  std::string token_of(const sim::Schedule& schedule) const;

  Defect defect;
  std::string name;
  BodyOf body;
};

// All of them, in the order of Defect.
const std::array<Canary, 10>& canaries();
const Canary& canary(Defect defect);

}  // namespace weft::test
