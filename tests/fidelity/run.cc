#include "run.h"

#include "proxied_setting.h"
#include "weft/transport_sim/fault_plan.h"
#include "weft/transport_sim/world.h"
#include "words.h"

namespace weft::test {

Task<> Run::pause() {
  if (real_ != nullptr) {
    co_await real_->pause();
  } else {
    co_await setting_.world()->yield();
  }
}

std::size_t Run::choose(std::size_t alternatives, std::string_view what) {
  return real_ != nullptr ? real_->choose(alternatives)
                          : setting_.world()->choose(alternatives, what);
}

void Run::may_lose_connection() {
  if (real_ != nullptr) return real_->cut_connection();
  sim::FaultPlan plan;
  plan.may(sim::fault::connection_lost()).may(sim::fault::connection_refused());
  setting_.world()->allow(std::move(plan));
}

void Run::add(std::string& outcome, std::string_view word) {
  if (!outcome.empty()) outcome += ' ';
  outcome += word;
}

std::string Run::text_of(const CallStatus& status) {
  return word_of(status);
}

}  // namespace weft::test
