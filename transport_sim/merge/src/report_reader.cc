#include "report_reader.h"

#include <cstdint>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

using nlohmann::json;
using weft::detail::text;

std::uint64_t read_hash(const json& value) {
  return std::stoull(value.get<std::string>(), nullptr, 16);
}

Verdict read_verdict(const std::string& name) {
  if (name == "complete") return Verdict::complete;
  if (name == "complete_within_bound") return Verdict::complete_within_bound;
  if (name == "incomplete") return Verdict::incomplete;
  if (name == "replayed") return Verdict::replayed;
  if (name == "failed") return Verdict::stopped_at_failure;
  throw std::runtime_error(text("\"", name, "\" is no verdict of a search that can be divided"));
}

void read_part(const json& part, Report& report) {
  report.shard = Shard(part.at("index"), part.at("count"));
  report.region.prefixes = part.at("prefixes");
  report.region.hash = read_hash(part.at("region"));
  report.region.own_weight = part.at("weight");
  for (const json& hash : part.at("own")) report.region.own_hashes.push_back(read_hash(hash));
  report.region.own_prefixes = report.region.own_hashes.size();
}

void read_outcomes(const json& all, Report& report) {
  for (const json& one : all.at("outcomes")) {
    Outcome& outcome = report.outcomes[one.at("outcome")];
    outcome.count += one.at("count").get<std::size_t>();
    outcome.example = one.at("example");
  }
  report.other_outcomes = all.at("other_outcomes");
  for (const auto& [name, seen] : all.at("sometimes").items()) {
    report.sometimes[name] = seen.get<bool>();
  }
}

// Kinds are for people here.
Failure read_failure(const json& one) {
  return Failure(FailureKind::check,
                 text(one.at("kind").get<std::string>(), ": ", one.at("text").get<std::string>()));
}

void read_counterexample(const json& one, Report& report) {
  if (one.is_null()) return;
  Counterexample& example = report.counterexample.emplace();
  example.token = one.at("token");
  example.deterministic = one.at("deterministic");
  example.shrinking_was_cut_short = one.at("shrinking_was_cut_short");
  example.found_with_deviations = one.at("found_with_deviations");
  for (const json& failure : one.at("failures")) {
    example.failures.push_back(read_failure(failure));
  }
  for (const json& fact : one.at("facts")) {
    example.facts.emplace_back(fact.at("happened").get<std::string>(),
                               fact.at("before").get<std::string>());
  }
}

Report read(const json& all) {
  if (all.at("format") != "weft simulator report") throw std::runtime_error("it is no report");
  if (all.at("version") != 1) {
    throw std::runtime_error(text("its version is ", all.at("version").dump(), ", not 1"));
  }
  Report report;
  report.test_name = all.at("test");
  report.verdict = read_verdict(all.at("verdict"));
  report.build = all.at("build");
  report.search = all.at("search");
  report.conditions = all.at("conditions");
  if (!all.at("bound").is_null()) report.bound = all.at("bound");
  read_part(all.at("part"), report);
  report.executions = all.at("executions");
  report.blocked_executions = all.at("blocked_executions");
  report.failed_executions = all.at("failed_executions");
  report.open_schedules = all.at("open_schedules");
  report.tree_weight = all.at("tree_weight");
  report.levels = all.at("levels").get<std::vector<std::size_t>>();
  report.level_sizes = all.at("level_sizes").get<std::vector<std::size_t>>();
  read_outcomes(all, report);
  report.steps = all.at("steps");
  report.bounded_timers = all.at("bounded_timers");
  report.checked_twice = all.at("checked_twice");
  report.audited_swaps = all.at("audited_swaps");
  report.expected = all.at("expected_schedules");
  report.problems = all.at("problems").get<std::vector<std::string>>();
  report.warnings = all.at("warnings").get<std::vector<std::string>>();
  read_counterexample(all.at("counterexample"), report);
  report.replay_command = all.at("replay_command");
  report.resume_command = all.at("resume_command");
  report.resumed_at = all.at("resumed_at");
  report.real_time = absl::Seconds(all.at("seconds").get<double>());
  return report;
}

}  // namespace

absl::StatusOr<Report> read_report(std::string_view json_text) {
  try {
    return read(json::parse(json_text.begin(), json_text.end()));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

}  // namespace weft::sim
