#include "echo_peer.h"

#include <utility>

namespace weft::test {

Peer start_echo_server(std::string_view language, std::vector<std::string> arguments) {
  std::vector<std::string> command = {WEFT_ECHO_SERVER};
  if (language == "python") command = {WEFT_PYTHON, WEFT_ECHO_SERVER_PY};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Peer::start(std::move(command), {"PYTHONPATH=" WEFT_ECHO_PB2_DIR});
}

}  // namespace weft::test
