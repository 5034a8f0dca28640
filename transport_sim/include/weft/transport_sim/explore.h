#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "weft/transport_sim/body.h"
#include "weft/transport_sim/explore_options.h"
#include "weft/transport_sim/report.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

// A test: called once for each execution, with a world of its own. Whatever it shares between
// executions makes it nondeterministic.
using BodyFunction = std::function<Body(World&)>;

namespace detail {

// The file of ExploreOptions::checkpoint stays until remove_checkpoint(): whoever keeps the report
// elsewhere does that in between.
Report explore_keeping_checkpoint(const ExploreOptions& options, const BodyFunction& body);
void remove_checkpoint(const ExploreOptions& options, const Report& report);

// A body of the simulator's own type as it is, anything else that can be awaited within one.
template <class Function>
BodyFunction to_body(Function function) {
  using Result = std::invoke_result_t<Function&, World&>;
  if constexpr (std::is_same_v<Result, Body>) {
    return BodyFunction(std::move(function));
  } else {
    return [function = std::move(function)](World& world) mutable -> Body {
      return [](Result awaitable) -> Body { co_await std::move(awaitable); }(function(world));
    };
  }
}

}  // namespace detail

// Runs `body`, a function from World& to Body or to any awaitable such as weft::Task<>, under every
// order of events, as far as the options say, and reports what it found: whether all of them were
// tried, how many there were, how they ended, and the simplest failure.
//
// Each execution replays from the beginning. The first one that fails ends the search; it is then
// shrunk to a schedule in which every deviation is needed, replayed to see that it is
// deterministic, and explained. Threads: runs on this thread alone. Not reentrant.
template <class Function>
Report explore(const ExploreOptions& options, Function body) {
  Report report = detail::explore_keeping_checkpoint(options, detail::to_body(std::move(body)));
  detail::remove_checkpoint(options, report);
  return report;
}

}  // namespace weft::sim
