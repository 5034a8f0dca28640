#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "bodies.h"
#include "weft/transport_sim/explore_options.h"

namespace weft::test {

// A way to search. The one by levels meets the searches with a bound on its way: what it finds with
// two deviations is what a search with at most two finds, after as many executions.
class SearchKind {
 public:
  using Options = sim::ExploreOptions (*)();
  std::string_view name;
  Options options;
};

// Explores a body in a process of its own, because a mutant may crash or hang it, and gives what
// came of it as one line of JSON: verdict ("complete", "sampled", "killed", "crashed", "hung",
// "incomplete"), executions up to the failing one, failure, tokens, deviations, faults, seconds.
std::string search_isolated(const MutantBody& body, const SearchKind& kind, std::size_t faults,
                            absl::Duration time_limit);

}  // namespace weft::test
