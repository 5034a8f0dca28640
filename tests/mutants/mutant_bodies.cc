// Explores the bodies, one line of JSON for each body, search and number of faults:
//
//   weft_mutant_bodies [--body=NAME]... [--search=NAME]... [--seconds=LIMIT of each]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "isolated_search.h"

namespace weft::test {
namespace {

template <sim::SearchMode mode>
sim::ExploreOptions exactly() {
  return sim::ExploreOptions().mode(mode).step_time_limit(absl::Seconds(5));
}

// 1,000 runs.
template <sim::SamplingOptions::Strategy strategy>
sim::ExploreOptions sampled() {
  return exactly<sim::SearchMode::sample>().sampling(sim::SamplingOptions().strategy(strategy));
}

constexpr SearchKind searches[] = {
    {"levels", &exactly<sim::SearchMode::levels>},
    {"reduced", &exactly<sim::SearchMode::reduced>},
    {"random", &sampled<sim::SamplingOptions::Strategy::random_walk>},
    {"POS", &sampled<sim::SamplingOptions::Strategy::partial_order>},
    {"PCT(3)", &sampled<sim::SamplingOptions::Strategy::priorities>},
};

class Choice {
 public:
  std::vector<std::string_view> bodies;
  std::vector<std::string_view> kinds;
  absl::Duration time_limit = absl::Seconds(60);

  // False if it is nothing that can be chosen.
  bool add(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view name = argument.substr(0, equals);
    const std::string_view value = argument.substr(equals + 1);
    if (name == "--body") {
      bodies.push_back(value);
    } else if (name == "--search") {
      kinds.push_back(value);
    } else if (name == "--seconds") {
      time_limit = absl::Seconds(std::atoi(std::string(value).c_str()));
    } else {
      return false;
    }
    return true;
  }
};

bool is_among(std::string_view name, const std::vector<std::string_view>& chosen) {
  return chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
}

void search_all(const Choice& choice) {
  for (const MutantBody& body : mutant_bodies()) {
    if (!is_among(body.name, choice.bodies)) continue;
    for (const SearchKind& kind : searches) {
      if (!is_among(kind.name, choice.kinds)) continue;
      for (const std::size_t faults : {0, 1}) {
        std::puts(search_isolated(body, kind, faults, choice.time_limit).c_str());
        std::fflush(stdout);
      }
    }
  }
}

}  // namespace
}  // namespace weft::test

int main(int argc, char** argv) {
  weft::test::Choice choice;
  for (int i = 1; i < argc; ++i) {
    if (choice.add(argv[i])) continue;
    std::fprintf(stderr, "unknown argument %s\n", argv[i]);
    return 2;
  }
  weft::test::search_all(choice);
  return 0;
}
