#include "weft/transport_sim/detail/execution.h"

#include <algorithm>

#include "weft/transport/assert.h"
#include "weft/transport_sim/label.h"

namespace weft::sim {

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::assertion:
      return "assertion";
    case FailureKind::check:
      return "check";
    case FailureKind::exception:
      return "exception";
    case FailureKind::hang:
      return "hang";
    case FailureKind::endless:
      return "endless";
    case FailureKind::leak:
      return "leak";
    case FailureKind::rule_violation:
      return "rule violation";
    case FailureKind::invariant:
      return "invariant";
    case FailureKind::real_world:
      return "real world";
    case FailureKind::nondeterminism:
      return "nondeterminism";
    case FailureKind::divergence:
      return "divergence";
  }
  return "?";
}

namespace detail {

Execution::Execution() {
  constexpr std::size_t many = 32;  // decisions; most executions have fewer
  alternatives_.reserve(many);
  states_.reserve(many);
  schedule_.reserve(many);
}

std::uint64_t Execution::mix(std::uint64_t seed, std::uint64_t value) {
  return mix_hash(seed, value);
}

void Execution::begin(Chooser* chooser, Trace* trace, StepRecorder* recorder) {
  chooser_ = chooser;
  trace_ = trace;
  recorder_ = recorder;
  given_up_ = false;
  digest = 0;
  recorded_ = true;
  calls_.clear();
  hash_ = 0;
  alternatives_.clear();
  states_.clear();
  schedule_.clear();
  failures_.clear();
  outcome.clear();
  sometimes.clear();
  expected_schedules = 0;
  steps = 0;
  bounded_timers = 0;
}

void Execution::begin_unrecorded() {
  begin(nullptr, nullptr);
  recorded_ = false;
}

std::string Execution::statuses_of_calls() const {
  std::string text;
  for (const signed char call : calls_) {
    if (!text.empty()) text += ", ";
    text += call == unfinished ? "unfinished" : status_code_name(StatusCode(call));
  }
  return text;
}

std::size_t Execution::decide(std::span<const std::uint64_t> labels) {
  if (!recorded_) return 0;
  if (labels.size() == 1) {
    hash_ = mix(hash_, labels[0]);
    return 0;
  }
  std::uint64_t hash = hash_;  // the labels might lie in hash_, for all that the compiler knows
  for (const std::uint64_t label : labels) hash = mix(hash, label);
  hash_ = hash;
  std::size_t choice = 0;
  if (chooser_ != nullptr) {
    choice = chooser_->choose(Decision(decisions(), hash_, labels));
    WEFT_ASSERT(choice < labels.size(), choice, labels.size());
  }
  if (choice != 0) {
    schedule_.emplace_back(decisions(), static_cast<std::uint32_t>(choice), labels[choice]);
  }
  alternatives_.push_back(static_cast<std::uint32_t>(labels.size()));
  states_.push_back(hash_);
  hash_ = mix(hash_, labels[choice]);
  return choice;
}

void Execution::note(std::string actor, std::string text) {
  if (trace_ == nullptr || trace_->steps.empty()) return;
  if (std::find(trace_->actors.begin(), trace_->actors.end(), actor) == trace_->actors.end()) {
    trace_->actors.push_back(actor);
  }
  trace_->steps.back().notes.emplace_back(std::move(actor), std::move(text));
}

}  // namespace detail

}  // namespace weft::sim
