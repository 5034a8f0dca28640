#include <limits>

#include "json_writer.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

using detail::JsonWriter;

// Names of the format, which do not change with those of people.
std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::complete:
      return "complete";
    case Verdict::complete_within_bound:
      return "complete_within_bound";
    case Verdict::incomplete:
      return "incomplete";
    case Verdict::replayed:
      return "replayed";
    case Verdict::stopped_at_failure:
      return "failed";
    case Verdict::sampled:
      return "sampled";
  }
  return "?";
}

template <class Items>
void write_all(JsonWriter& json, std::string_view key, const Items& items) {
  json.begin(key, '[');
  for (const auto& item : items) json.value("", item);
  json.end(']');
}

void write_part(JsonWriter& json, const Report& report) {
  json.begin("part", '{');
  json.value("index", report.shard.index);
  json.value("count", report.shard.count);
  json.value("prefixes", report.region.prefixes);
  json.hash("region", report.region.hash);
  json.value("weight", report.region.own_weight);
  json.begin("own", '[');
  for (const std::uint64_t hash : report.region.own_hashes) json.hash("", hash);
  json.end(']');
  json.end('}');
}

void write_outcomes(JsonWriter& json, const Report& report) {
  json.begin("outcomes", '[');
  for (const auto& [name, outcome] : report.outcomes) {
    json.begin("", '{');
    json.value("outcome", name);
    json.value("count", outcome.count);
    json.value("example", outcome.example);
    json.end('}');
  }
  json.end(']');
  json.value("other_outcomes", report.other_outcomes);
  json.begin("sometimes", '{');
  for (const auto& [name, seen] : report.sometimes) json.value(name, seen);
  json.end('}');
}

void write_sample(JsonWriter& json, const Report& report) {
  json.value("sampling", report.sampling);
  json.value("sampled_executions", report.sampled_executions);
  if (!report.estimate.has_value()) return json.null("estimate");
  json.begin("estimate", '{');
  json.value("probes", report.estimate->probes);
  json.value("mean", report.estimate->mean);
  json.value("standard_error", report.estimate->standard_error);
  json.end('}');
}

void write_counterexample(JsonWriter& json, const Report& report) {
  if (!report.counterexample.has_value()) return json.null("counterexample");
  const Counterexample& example = *report.counterexample;
  json.begin("counterexample", '{');
  json.value("token", example.token);
  json.value("deterministic", example.deterministic);
  json.value("shrinking_was_cut_short", example.shrinking_was_cut_short);
  json.value("found_with_deviations", example.found_with_deviations);
  json.begin("failures", '[');
  for (const Failure& failure : example.failures) {
    json.begin("", '{');
    json.value("kind", to_string(failure.kind));
    json.value("text", failure.text);
    json.end('}');
  }
  json.end(']');
  json.begin("facts", '[');
  for (const OrderingFact& fact : example.facts) {
    json.begin("", '{');
    json.value("happened", fact.happened);
    json.value("before", fact.before);
    json.end('}');
  }
  json.end(']');
  json.end('}');
}

}  // namespace

std::string report_json(const Report& report) {
  JsonWriter json;
  json.begin("", '{');
  json.value("format", "weft simulator report");
  json.value("version", 1u);
  json.value("test", report.test_name);
  json.value("verdict", verdict_name(report.verdict));
  json.value("ok", report.ok());
  json.value("build", report.build);
  json.value("search", report.search);
  json.value("conditions", report.conditions);
  json.value("flags", report.flags);
  if (report.verdict == Verdict::complete_within_bound) {
    json.value("bound", report.bound);
  } else {
    json.null("bound");
  }
  write_part(json, report);
  json.value("executions", report.executions);
  json.value("blocked_executions", report.blocked_executions);
  json.value("failed_executions", report.failed_executions);
  json.value("open_schedules", report.open_schedules);
  json.value("tree_weight", report.tree_weight);
  write_all(json, "levels", report.levels);
  write_all(json, "level_sizes", report.level_sizes);
  write_outcomes(json, report);
  write_sample(json, report);
  json.value("steps", report.steps);
  json.value("bounded_timers", report.bounded_timers);
  json.value("checked_twice", report.checked_twice);
  json.value("audited_swaps", report.audited_swaps);
  json.value("expected_schedules", report.expected);
  write_all(json, "problems", report.problems);
  write_all(json, "warnings", report.warnings);
  write_counterexample(json, report);
  json.value("replay_command", report.replay_command);
  json.value("resume_command", report.resume_command);
  json.value("resumed_at", report.resumed_at);
  json.value("seconds", absl::ToDoubleSeconds(report.real_time));
  json.end('}');
  return json.take();
}

}  // namespace weft::sim
