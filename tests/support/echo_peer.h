#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peer.h"

namespace weft::test {

// One of the test servers of this directory: "cpp" or "python". Arguments are described in
// echo_server.cc.
Peer start_echo_server(std::string_view language, std::vector<std::string> arguments = {});

}  // namespace weft::test
