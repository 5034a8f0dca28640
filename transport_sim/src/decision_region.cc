#include "decision_region.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "weft/transport_sim/label.h"

namespace weft::sim::detail {
namespace {

class PrefixChooser final : public Chooser {
 public:
  explicit PrefixChooser(const std::vector<std::uint32_t>& choices) : choices_(choices) {}
  std::size_t choose(const Decision& decision) override {
    return decision.number < choices_.size() ? choices_[decision.number] : 0;
  }

 private:
  const std::vector<std::uint32_t>& choices_;
};

}  // namespace

DecisionRegion::DecisionRegion(Runner& runner) {
  std::deque<DecisionPrefix> open(1);
  while (!open.empty() && prefixes_.size() + open.size() < Shard::prefixes_min) {
    const DecisionPrefix shortest = std::move(open.front());
    open.pop_front();
    for (DecisionPrefix& prefix : expand(runner, shortest)) {
      if (prefix.is_whole) {
        prefixes_.push_back(std::move(prefix));
      } else {
        open.push_back(std::move(prefix));
      }
    }
  }
  std::move(open.begin(), open.end(), std::back_inserter(prefixes_));
}

std::vector<DecisionPrefix> DecisionRegion::expand(Runner& runner, const DecisionPrefix& prefix) {
  PrefixChooser chooser(prefix.choices);
  runner.run(&chooser);
  const Execution& execution = runner.execution();
  const std::size_t decision = prefix.choices.size();
  std::vector<DecisionPrefix> longer(
      decision < execution.decisions() ? execution.alternatives()[decision] : 1, prefix);
  if (decision >= execution.decisions()) {
    longer.front().is_whole = true;
    return longer;
  }
  for (std::uint32_t choice = 0; choice < longer.size(); ++choice) {
    longer[choice].choices.push_back(choice);
    longer[choice].states.push_back(execution.states()[decision]);
    longer[choice].hash = mix_hash(execution.states()[decision], choice);
    longer[choice].weight /= static_cast<double>(longer.size());
  }
  return longer;
}

std::uint64_t DecisionRegion::hash() const {
  std::uint64_t all = prefixes_.size();
  for (const DecisionPrefix& prefix : prefixes_) all = mix_hash(all, prefix.hash);
  return all;
}

std::vector<DecisionPrefix> DecisionRegion::own_prefixes(Runner& runner, Report& report) {
  const Shard shard = runner.options().part;
  std::vector<DecisionPrefix> own(1);
  if (shard.is_whole()) return own;
  const DecisionRegion region(runner);
  own.clear();
  report.region.own_weight = 0;
  for (const DecisionPrefix& prefix : region.prefixes()) {
    if (!shard.owns(prefix.hash)) continue;
    own.push_back(prefix);
    report.region.own_hashes.push_back(prefix.hash);
    report.region.own_weight += prefix.weight;
  }
  report.region.prefixes = region.prefixes().size();
  report.region.own_prefixes = own.size();
  report.region.hash = region.hash();
  return own;
}

}  // namespace weft::sim::detail
