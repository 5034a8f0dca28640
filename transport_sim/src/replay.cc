// One execution, as a token says.

#include <optional>

#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

// Follows a token: by label first, by index second.
class TokenChooser final : public Chooser {
 public:
  explicit TokenChooser(const Token& token) : token_(token) {}

  std::size_t choose(const Decision& decision) override {
    const auto& deviations = token_.deviations();
    if (next_ == deviations.size() || diverged_at_.has_value()) return extra(decision);
    const TokenDeviation& deviation = deviations[next_];
    if (deviation.decision != decision.number) return extra(decision);
    const auto fits = [&](std::size_t i) {
      return label_check(decision.labels[i]) == deviation.label_check;
    };
    if (deviation.choice < decision.labels.size() && fits(deviation.choice)) {
      ++next_;
      return deviation.choice;
    }
    for (std::size_t i = 1; i < decision.labels.size(); ++i) {
      if (!fits(i)) continue;
      ++next_;
      moved_ = true;
      return i;
    }
    diverged_at_ = decision.number;
    return 0;
  }

  // Once, at this decision, this alternative.
  void deviate_also(std::uint32_t decision, std::uint32_t choice) {
    extra_decision_ = decision;
    extra_choice_ = choice;
  }

  std::optional<std::uint32_t> diverged_at() const { return diverged_at_; }
  bool took_all() const { return next_ == token_.deviations().size(); }
  bool moved() const { return moved_; }
  std::size_t taken() const { return next_; }

 private:
  std::size_t extra(const Decision& decision) const {
    if (extra_choice_ == 0 || decision.number != extra_decision_) return 0;
    return extra_choice_ < decision.labels.size() ? extra_choice_ : 0;
  }

  const Token& token_;
  std::size_t next_ = 0;
  std::optional<std::uint32_t> diverged_at_;
  bool moved_ = false;
  std::uint32_t extra_decision_ = 0;
  std::uint32_t extra_choice_ = 0;
};

// What the token's next deviation found instead of its label.
std::string divergence_text(const Trace& trace, std::uint32_t decision, std::size_t deviation) {
  std::string text =
      weft::detail::text("the token does not fit this program any more: its ", deviation + 1,
                         ". deviation, at decision ", decision,
                         ", names something that cannot happen there. Possible are:");
  std::uint32_t number = 0;
  for (const TraceStep& step : trace.steps) {
    if (!step.is_decision() || number++ != decision) continue;
    for (const std::string& label : step.alternatives) {
      text += weft::detail::text("\n    ", label);
    }
  }
  return text;
}

// Schedules that differ from the token's by one deviation; the first that fails, if one does.
bool search_near(Runner& runner, const Token& token, Report& report) {
  TokenChooser base(token);
  runner.run(&base);
  const std::vector<std::uint32_t> alternatives = runner.execution().alternatives();
  for (std::uint32_t decision = 0; decision < alternatives.size(); ++decision) {
    for (std::uint32_t choice = 1; choice < alternatives[decision]; ++choice) {
      TokenChooser chooser(token);
      chooser.deviate_also(decision, choice);
      runner.run(&chooser);
      ++report.executions;
      if (!runner.failed()) continue;
      report.counterexample = explain(runner);
      ++report.failed_executions;
      return true;
    }
  }
  return false;
}

}  // namespace

void replay(Runner& runner, Report& report) {
  report.verdict = Verdict::replayed;
  absl::StatusOr<Token> token = Token::parse(runner.options().replay_token);
  if (!token.ok()) {
    report.problems.push_back(weft::detail::text("cannot replay: ", token.status().message()));
    return;
  }
  if (token->test() != runner.test_hash()) {
    report.problems.push_back(weft::detail::text(
        "cannot replay: the token belongs to another test, or to other options, than ",
        report.test_name, " (", report.conditions, ")"));
    return;
  }
  Counterexample example;
  TokenChooser chooser(*token);
  runner.run(&chooser, &example.trace);
  report.executions = 1;
  report.levels.assign(1, 1);
  report.outcomes[example.trace.outcome].count = 1;
  report.outcomes[example.trace.outcome].example = runner.token();
  const bool fits = chooser.took_all() && !chooser.diverged_at().has_value();
  if (!fits) {
    report.problems.push_back(
        chooser.diverged_at().has_value()
            ? divergence_text(example.trace, *chooser.diverged_at(), chooser.taken())
            : weft::detail::text(
                  "the token does not fit this program any more: the execution ended "
                  "after ",
                  runner.execution().decisions(), " decisions, before its ", chooser.taken() + 1,
                  ". deviation"));
    if (!runner.options().replays_near) return;
    if (search_near(runner, *token, report)) {
      report.problems.push_back("a schedule near it fails; see below");
    } else {
      report.problems.push_back("no schedule within one more deviation of it fails");
    }
    return;
  }
  if (chooser.moved()) {
    report.warnings.push_back("a deviation was found by its label, at another index");
  }
  const std::uint32_t checksum = execution_checksum(runner.execution().hash());
  if (token->checksum().has_value() && *token->checksum() != checksum) {
    report.warnings.push_back(
        "every deviation fits, but the program has changed elsewhere since the token was made");
  }
  if (!runner.failed()) {
    report.replayed_trace = std::move(example.trace);
    return;
  }
  report.failed_executions = 1;
  example.schedule = runner.execution().schedule();
  example.token = runner.token();
  example.failures = runner.execution().failures();
  report.counterexample = std::move(example);
}

}  // namespace weft::sim::detail
