#pragma once

#include "weft/transport_sim/world.h"

namespace weft::test {

// The echo service in the simulator: the same answers as those of the real servers
// (tests/support/echo_server.cc describes them).
void serve_echo(sim::World& world, sim::Server& server);

}  // namespace weft::test
