// Every schedule, depth first: the oracle of the other searches.

#include <vector>

#include "decision_region.h"
#include "search.h"
#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

class BruteForce final : public Chooser {
 public:
  BruteForce(Runner& runner, Report& report)
      : runner_(runner), report_(report), log_(runner, report) {}

  void run();

  std::size_t choose(const Decision& decision) override {
    return decision.number < choices_.size() ? choices_[decision.number] : 0;
  }

  template <class Archive>
  void archive(Archive& archive) {
    archive(prefix_, choices_);
  }

 private:
  // To the last decision that has another alternative, else to the next prefix. False: there is
  // none.
  bool advance(const std::vector<std::uint32_t>& alternatives);

  Runner& runner_;
  Report& report_;
  SearchLog log_;
  std::vector<DecisionPrefix> prefixes_;
  std::size_t prefix_ = 0;
  std::vector<std::uint32_t> choices_;  // of the next schedule; defaults beyond its end
};

void BruteForce::run() {
  prefixes_ = DecisionRegion::own_prefixes(runner_, report_);
  if (!prefixes_.empty()) choices_ = prefixes_.front().choices;
  if (!log_.resume(*this)) return;
  while (prefix_ < prefixes_.size()) {
    if (!log_.within_budget()) {
      report_.verdict = Verdict::incomplete;
      report_.open_schedules = 1;
      log_.save(*this);
      return;
    }
    runner_.run(this);
    const std::size_t deviations = runner_.execution().schedule().size();
    if (report_.levels.size() <= deviations) report_.levels.resize(deviations + 1);
    ++report_.levels[deviations];
    const std::vector<std::uint32_t> alternatives = runner_.execution().alternatives();
    if (!log_.record(*this) || !advance(alternatives)) break;
    log_.save_if_due(*this);
    if (log_.is_time_to_say()) log_.say("depth first");
  }
  report_.verdict = log_.stopped() ? Verdict::stopped_at_failure : Verdict::complete;
  if (!log_.stopped()) log_.whole_tree();
}

bool BruteForce::advance(const std::vector<std::uint32_t>& alternatives) {
  const std::size_t fixed = prefixes_[prefix_].choices.size();
  choices_.resize(alternatives.size(), 0);
  while (choices_.size() > fixed && choices_.back() + 1 >= alternatives[choices_.size() - 1]) {
    choices_.pop_back();
  }
  if (choices_.size() > fixed) {
    ++choices_.back();
    return true;
  }
  if (++prefix_ == prefixes_.size()) return false;
  choices_ = prefixes_[prefix_].choices;
  return true;
}

}  // namespace

void search_brute_force(Runner& runner, Report& report) {
  BruteForce(runner, report).run();
}

}  // namespace weft::sim::detail
