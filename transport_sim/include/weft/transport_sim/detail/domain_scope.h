#pragma once

#include <cstdint>

#include "weft/transport_sim/world.h"

namespace weft::sim {

// As long as it lives, user code of this domain may run: the step touches it, and what is created
// belongs to it. Costs nothing while nothing is recorded.
class DomainScope {
 public:
  DomainScope() = default;
  DomainScope(World& world, std::uint32_t domain) {
    if (!world.recording()) return;
    world_ = &world;
    previous_ = world.enter_domain(domain);
  }
  DomainScope(const DomainScope&) = delete;
  DomainScope& operator=(const DomainScope&) = delete;
  ~DomainScope() {
    if (world_ != nullptr) world_->leave_domain(previous_);
  }

 private:
  World* world_ = nullptr;
  std::uint32_t previous_ = 0;
};

}  // namespace weft::sim
