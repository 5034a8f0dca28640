#include "merge.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using weft::detail::text;

using Problems = std::vector<std::string>;

bool is_reduced(const Report& report) {
  return report.search.starts_with("reduced");
}

// Everything that all parts of one search have in common.
void check_search(const std::vector<PartReport>& parts, Problems& problems) {
  const PartReport& first = parts.front();
  for (const PartReport& part : parts) {
    const auto compare = [&](std::string_view what, const auto& own, const auto& of_first) {
      if (own == of_first) return;
      problems.push_back(
          text(part.file, ": ", what, " ", own, ", but ", first.file, " has ", of_first));
    };
    compare("it is of test", part.report.test_name, first.report.test_name);
    compare("it is of build", part.report.build, first.report.build);
    compare("its search is", part.report.search, first.report.search);
    compare("it ran under", part.report.conditions, first.report.conditions);
    compare("its number of parts is", part.report.shard.count, first.report.shard.count);
    compare("its region's number of prefixes is", part.report.region.prefixes,
            first.report.region.prefixes);
    compare("its region's hash is", part.report.region.hash, first.report.region.hash);
  }
}

void check_each_is_there_once(const std::vector<PartReport>& parts, Problems& problems) {
  const std::size_t count = parts.front().report.shard.count;
  std::map<std::size_t, std::string> files;
  for (const PartReport& part : parts) {
    const std::size_t index = part.report.shard.index;
    if (index >= count) {
      problems.push_back(text(part.file, ": there is no part ", index, " of ", count));
      continue;
    }
    const auto [earlier, is_new] = files.emplace(index, part.file);
    if (!is_new) {
      problems.push_back(
          text("part ", index, " is there twice: ", earlier->second, " and ", part.file));
    }
  }
  for (std::size_t index = 0; index < count; ++index) {
    if (!files.contains(index)) {
      problems.push_back(text("part ", index, " of ", count, " is missing"));
    }
  }
}

void check_each_is_complete(const std::vector<PartReport>& parts, Problems& problems) {
  for (const PartReport& part : parts) {
    const std::string who = text("part ", part.report.shard.index, " (", part.file, ")");
    switch (part.report.verdict) {
      case Verdict::complete:
      case Verdict::complete_within_bound:
        break;
      case Verdict::incomplete:
        problems.push_back(text(who, " is incomplete: at least ", part.report.open_schedules,
                                " of its schedules were not executed"));
        break;
      default:
        problems.push_back(text(who, " is not complete: ", to_string(part.report.verdict)));
    }
    for (const std::string& problem : part.report.problems) {
      problems.push_back(text(who, ": ", problem));
    }
  }
}

void check_prefixes(const std::vector<PartReport>& parts, Problems& problems) {
  std::map<std::uint64_t, std::size_t> owners;
  std::size_t owned = 0;
  for (const PartReport& part : parts) {
    for (const std::uint64_t hash : part.report.region.own_hashes) {
      ++owned;
      if (!part.report.shard.owns(hash)) {
        problems.push_back(text(part.file, ": it has a prefix of another part"));
      }
      owners.emplace(hash, part.report.shard.index);
    }
  }
  const std::size_t prefixes = parts.front().report.region.prefixes;
  if (owned != prefixes || owners.size() != prefixes) {
    problems.push_back(text("together the parts have ", owned, " prefixes, ", owners.size(),
                            " different ones, of the region's ", prefixes));
  }
}

// Holds whatever the prefixes are; a reduced search executes a part of the tree only.
void check_weights(const Report& all, Problems& problems) {
  constexpr double rounding = 1e-6;
  const bool is_whole_tree = all.verdict == Verdict::complete && !is_reduced(all);
  if (!is_whole_tree || std::abs(all.tree_weight - 1) < rounding) return;
  problems.push_back(text("together the parts executed ", std::to_string(all.tree_weight),
                          " of the tree of decisions, not all of it"));
}

void check_expectations(const Report& all, Problems& problems) {
  for (const auto& [name, seen] : all.sometimes) {
    if (!seen) problems.push_back(text("\"", name, "\" should happen sometimes, and never did"));
  }
  // A reduced search has a number of its own.
  if (is_reduced(all)) return;
  if (all.expected != 0 && all.expected != all.executions) {
    problems.push_back(
        text("expected ", all.expected, " schedules, but there are ", all.executions));
  }
}

void add_levels(const std::vector<std::size_t>& levels, std::vector<std::size_t>& sum) {
  if (sum.size() < levels.size()) sum.resize(levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i) sum[i] += levels[i];
}

void add(const Report& part, Report& all) {
  all.executions += part.executions;
  all.blocked_executions += part.blocked_executions;
  all.failed_executions += part.failed_executions;
  all.open_schedules += part.open_schedules;
  all.tree_weight += part.tree_weight;
  all.steps += part.steps;
  all.bounded_timers += part.bounded_timers;
  all.checked_twice += part.checked_twice;
  all.audited_swaps += part.audited_swaps;
  all.other_outcomes += part.other_outcomes;
  all.real_time += part.real_time;
  if (part.expected != 0) all.expected = part.expected;
  add_levels(part.levels, all.levels);
  add_levels(part.level_sizes, all.level_sizes);
  for (const auto& [name, outcome] : part.outcomes) {
    Outcome& sum = all.outcomes[name];
    if (sum.count == 0) sum.example = outcome.example;
    sum.count += outcome.count;
  }
  for (const auto& [name, seen] : part.sometimes) {
    bool& ever = all.sometimes[name];
    ever = ever || seen;
  }
  if (part.verdict == Verdict::complete_within_bound) {
    all.verdict = Verdict::complete_within_bound;
    all.bound = part.bound;
  }
  const auto deviations = [](const Report& report) { return report.counterexample->facts.size(); };
  if (part.counterexample.has_value() &&
      (!all.counterexample.has_value() || deviations(part) < deviations(all))) {
    all.counterexample = part.counterexample;
    all.replay_command = part.replay_command;
  }
}

}  // namespace

Report merge_parts(const std::vector<PartReport>& parts) {
  Report all;
  if (parts.empty()) {
    all.problems.emplace_back("there is no report of a part");
    return all;
  }
  const Report& first = parts.front().report;
  all.test_name = first.test_name;
  all.build = first.build;
  all.search = first.search;
  all.mode = is_reduced(first) ? SearchMode::reduced : SearchMode::levels;
  all.verdict = Verdict::complete;
  for (const PartReport& part : parts) add(part.report, all);
  all.conditions = text(first.conditions, "; ", first.shard.count, " parts of ",
                        first.region.prefixes, " prefixes, build ", first.build);
  check_search(parts, all.problems);
  check_each_is_there_once(parts, all.problems);
  check_each_is_complete(parts, all.problems);
  if (first.shard.count > 1) check_prefixes(parts, all.problems);
  if (all.problems.empty()) check_weights(all, all.problems);
  if (all.problems.empty()) {
    if (all.verdict == Verdict::complete && !is_reduced(all)) all.tree_weight = 1;
    check_expectations(all, all.problems);
    return all;
  }
  all.verdict = all.counterexample.has_value() ? Verdict::stopped_at_failure : Verdict::incomplete;
  return all;
}

}  // namespace weft::sim
