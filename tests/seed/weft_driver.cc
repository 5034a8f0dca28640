// Plays the scenarios of scenarios.json with Weft, and prints what each step observed.
//
//   weft_driver SCENARIOS TARGET UNREACHABLE_TARGET SERVER_COMMAND...
//
// The twin of aio_driver.py: the same arguments, the same output.

#include <cstdio>
#include <fstream>
#include <iostream>

#include "scenario_player.h"

int main(int argc, char** argv) {
  using namespace weft::test;
  if (argc < 5) {
    std::cerr << "weft_driver SCENARIOS TARGET UNREACHABLE_TARGET SERVER_COMMAND...\n";
    return 2;
  }
  const Json scenarios = Json::parse(std::ifstream(argv[1]));
  const Surroundings surroundings(argv[2], argv[3],
                                  std::vector<std::string>(argv + 4, argv + argc));
  // Keeps gRPC from starting and ending with each scenario.
  const weft::GrpcEventLoop loop;
  Json observed = Json::object();
  for (const Json& scenario : scenarios.at("scenarios")) {
    observed[scenario.at("name").get<std::string>()] =
        ScenarioPlayer(scenario, surroundings).play();
  }
  std::cout << observed << '\n';
  return 0;
}
