#pragma once

#include <memory>

#include "weft/conformance/peer_board.h"
#include "weft/transport_sim/peer_call.h"
#include "weft/transport_sim/server.h"

namespace weft::conformance {

// What a simulated server does with a call of the suite: the interpreter of its script.
// Lifetime: the server outlives it.
std::unique_ptr<sim::PeerProgram> make_sim_peer(sim::Server& server,
                                                std::shared_ptr<PeerBoard> board);

}  // namespace weft::conformance
