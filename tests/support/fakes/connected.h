#pragma once

#include "weft/transport_sim/sim_transport_options.h"

namespace weft::test {

// For bodies that are about calls, not about connecting.
inline sim::SimTransportOptions connected() {
  return sim::SimTransportOptions().connected();
}

}  // namespace weft::test
