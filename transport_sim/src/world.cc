#include "weft/transport_sim/world.h"

#include <algorithm>
#include <utility>

#include "sim_call.h"
#include "sim_timer.h"
#include "sim_transport.h"
#include "wait_list.h"
#include "weft/transport/assert.h"
#include "weft/transport/checked_transport.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/recycled.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/shared.h"

namespace weft::sim {
namespace {

constexpr Label::Name timer_actor("timer");
constexpr Label::Name fires("fires");
constexpr Label::Name body_actor("body");
constexpr Label::Name yields("yield");

}  // namespace

std::string WorldOptions::to_string() const {
  return weft::detail::text("timers ", most_early_firings, ", steps ", most_steps, ", tasks ",
                            most_tasks, ", horizon ", absl::ToInt64Seconds(longest_time), "s");
}

World::World(const WorldOptions& options)
    : World(std::make_unique<detail::Execution>(), nullptr, options) {
  execution_.begin_unrecorded();
}

World::World(detail::Execution& execution, const WorldOptions& options)
    : World(nullptr, &execution, options) {
  if (!tracing()) return;
  waits_ = std::make_unique<WaitList>();
  loop_.set_wait_observer(waits_.get());
}

World::World(std::unique_ptr<detail::Execution> own, detail::Execution* execution,
             const WorldOptions& options)
    : own_execution_(std::move(own)),
      execution_(execution == nullptr ? *own_execution_ : *execution),
      recorder_(execution_.recorder()),
      options_(options),
      loop_(*this),
      alternatives_(execution_.alternatives_scratch),
      labels_(execution_.labels_scratch),
      earliest_(execution_.timers_scratch),
      generations_(execution_.generations_scratch) {
  generations_.clear();
  loop_.recorder_ = recorder_;
  if (recorder_ == nullptr || recorder_->memory == nullptr) return;
  recorder_->memory->exempt(this, sizeof *this);
  recorder_->memory->exempt(&execution_, sizeof execution_);
}

World::~World() {
  if (own_execution_ != nullptr) wind_up();
}

Server& World::server(std::string_view name) {
  auto place = servers_.begin();
  while (place != servers_.end() && (*place)->name() < name) ++place;
  if (place != servers_.end() && (*place)->name() == name) return **place;
  const auto number = static_cast<std::uint32_t>(servers_.size());
  touch(detail::ObjectKind::numbering, servers_object, detail::Access::write);
  return **servers_.insert(place, std::make_unique<Server>(*this, std::string(name), number));
}

std::shared_ptr<Transport> World::transport(std::string_view server_name,
                                            SimTransportOptions options) {
  touch(detail::ObjectKind::numbering, transports_object, detail::Access::write);
  std::shared_ptr<Transport> bare =
      SimTransport::create(*this, server(server_name), ++transports_made_, options);
  if (!options.checked) return bare;
  return make_recycled<CheckedTransport>(std::move(bare), [this](const RuleViolation& broken) {
    execution_.fail(FailureKind::rule_violation,
                    weft::detail::text(broken.rule, " was broken: ", broken.event, "\nin state ",
                                       broken.state));
  });
}

std::size_t World::choose(std::size_t alternatives, std::string_view what) {
  WEFT_ASSERT(alternatives > 0, what);
  if (winding_up_ || alternatives == 1) return 0;
  const detail::Unrecorded unrecorded;
  std::vector<std::uint64_t> labels;
  const std::uint64_t hash = stable_hash(what);
  for (std::size_t i = 0; i < alternatives; ++i) labels.push_back(mix_hash(hash, i));
  const std::size_t choice = execution_.decide(labels);
  if (Trace* trace = execution_.trace()) {
    TraceStep step;
    step.actor = "body";
    for (std::size_t i = 0; i < alternatives; ++i) {
      step.alternatives.push_back(weft::detail::text("choose ", what, " = ", i));
    }
    step.choice = choice;
    step.time = elapsed();
    trace->steps.push_back(std::move(step));
  }
  return choice;
}

Yield World::yield() {
  touch(detail::ObjectKind::numbering, yields_object, detail::Access::write);
  return Yield(*this, ++yields_);
}

Label Yield::Awaiter::label() const {
  return Label(body_actor, 0, yields, number_);
}

void World::allow(FaultPlan plan) {
  WEFT_ASSERT(transports_made_ == 0, "faults are allowed before the first transport is made");
  WEFT_ASSERT(faults_.faults().empty(), "faults are allowed once, by one plan of them all");
  faults_ = std::move(plan);
}

void World::withdraw_faults() {
  EventList& faults = list(EventClass::fault);
  while (EventSource* source = faults.first()) source->withdraw();
}

void World::sometimes(std::string_view name, bool happened) {
  for (auto& [known, seen] : execution_.sometimes) {
    if (known != name) continue;
    seen = seen || happened;
    return;
  }
  execution_.sometimes.emplace_back(std::string(name), happened);
}

void World::invariant(std::string name, absl::AnyInvocable<bool()> holds) {
  detail::Invariant& added = invariants_.emplace_back();
  added.name = std::move(name);
  added.holds = std::move(holds);
  everything_is_looked_at_ = true;
}

void World::invariant(std::string name, std::initializer_list<SharedNumber> reads,
                      absl::AnyInvocable<bool()> holds) {
  detail::Invariant& added = invariants_.emplace_back();
  added.name = std::move(name);
  added.holds = std::move(holds);
  added.looks_at_everything = false;
  for (const SharedNumber shared : reads) {
    added.reads.touch(detail::Object(detail::ObjectKind::shared, shared.value),
                      detail::Access::read);
  }
}

// What an invariant looks at alone stays as it is until a step writes that; such a step has looked
// at all of it.
bool World::is_due(detail::Invariant& invariant) {
  if (invariant.broken) return false;
  const bool first = !std::exchange(invariant.looked, true);
  if (recorder_ == nullptr || invariant.looks_at_everything) return true;
  if (!first && !recorder_->footprint().conflicts_with(invariant.reads)) return false;
  recorder_->footprint().add(invariant.reads);
  return true;
}

void World::look_at_invariants() {
  if (everything_is_looked_at_) touch(detail::ObjectKind::domain, 0, detail::Access::read);
  for (detail::Invariant& invariant : invariants_) {
    if (!is_due(invariant) || invariant.holds()) continue;
    invariant.broken = true;  // once is enough
    execution_.fail(FailureKind::invariant, invariant.name);
  }
}

bool World::fail_to_settle(std::size_t tasks) {
  execution_.fail(FailureKind::endless,
                  weft::detail::text("a step did not end within ", tasks,
                                     " tasks: something defers itself for ever"));
  return false;
}

std::uint32_t World::generation_of(const Timer& timer) const {
  return own_execution_ != nullptr ? 0 : generations_[timer.order()];
}

void World::gather() {
  note_generations();
  alternatives_.clear();
  for (const EventClass event_class : {EventClass::network, EventClass::action}) {
    const EventList& enabled = list(event_class);
    for (EventSource* source = enabled.first(); source != nullptr; source = enabled.next(*source)) {
      alternatives_.emplace_back(*source);
      if (takes_first()) return;
    }
  }
  if (!winding_up_ && !loop_.timers_.empty()) add_timers();
  if (winding_up_ || alternatives_.empty()) return;
  const EventList& faults = list(EventClass::fault);
  for (EventSource* source = faults.first(); source != nullptr; source = faults.next(*source)) {
    alternatives_.emplace_back(*source);
  }
}

// The earliest timers, which race if they are due at the same instant.
void World::add_timers() {
  if (loop_.timers_.next_due().instant() > Instant() + options_.longest_time) return;
  const bool idle = alternatives_.empty();
  earliest_.clear();
  loop_.timers_.collect_earliest(earliest_);
  for (Timer* timer : earliest_) {
    const bool early = generation_of(*timer) < options_.most_early_firings;
    if (idle || early) {
      alternatives_.emplace_back(*timer);
    } else {
      ++execution_.bounded_timers;
    }
  }
}

Label World::label_of(const Alternative& alternative) const {
  if (alternative.source != nullptr) return alternative.source->label();
  if (const SimTimer* timer = SimTimer::from(*alternative.timer)) return timer->label();
  return Label(timer_actor, static_cast<std::uint32_t>(alternative.timer->order() + 1), fires);
}

bool World::step() {
  const std::optional<std::size_t> choice = decide();
  if (!choice) return false;
  ++execution_.steps;
  if (tracing()) trace_step(*choice);
  happen(alternatives_[*choice]);
  return true;
}

// None: nothing can happen, or nobody wants to see it.
std::optional<std::size_t> World::decide() {
  const detail::Unrecorded unrecorded;
  gather();
  if (alternatives_.empty()) return std::nullopt;
  std::size_t choice = 0;
  if (!takes_first()) {
    labels_.resize(alternatives_.size());
    std::uint64_t* label = labels_.data();
    for (const Alternative& alternative : alternatives_) *label++ = label_of(alternative).hash();
    if (recorder_ != nullptr && !offer_to_recorder()) {
      execution_.give_up();
      return std::nullopt;
    }
    choice = execution_.decide(labels_);
  }
  return choice;
}

void World::trace_step(std::size_t choice) {
  TraceStep step;
  const std::size_t shown = winding_up_ ? 1 : alternatives_.size();
  for (std::size_t i = 0; i < shown; ++i) {
    step.alternatives.push_back(to_string(label_of(alternatives_[i])));
  }
  const Alternative& chosen = alternatives_[choice];
  step.choice = choice;
  step.actor = actor_of(label_of(chosen));
  step.time =
      chosen.timer == nullptr ? elapsed() : std::max(loop_.now(), chosen.timer->due()) - Instant();
  Trace& trace = *execution_.trace();
  if (std::find(trace.actors.begin(), trace.actors.end(), step.actor) == trace.actors.end()) {
    trace.actors.push_back(step.actor);
  }
  trace.steps.push_back(std::move(step));
}

void World::happen(Alternative alternative) {
  generation_ = 0;
  if (alternative.timer != nullptr) return fire_timer(*alternative.timer);
  EventSource& source = *alternative.source;
  source.withdraw();
  if (recorder_ == nullptr || source.declares_footprint()) return source.fire();
  const DomainScope scope(*this, source.domain_);
  source.fire();
}

void World::fire_timer(Timer& timer) {
  loop_.now_ = std::max(loop_.now_, timer.due());
  generation_ = generation_of(timer) + 1;
  if (recorder_ == nullptr) return loop_.timers_.fire(timer);
  touch(detail::ObjectKind::timers, 0, detail::Access::write);
  touch(detail::ObjectKind::clock, 0, detail::Access::write);
  if (generation_ > options_.most_early_firings) recorder_->footprint().touch_everything();
  if (SimTimer::from(timer) != nullptr) return loop_.timers_.fire(timer);
  const DomainScope scope(*this, recorder_->timer_domains[timer.order()]);
  loop_.timers_.fire(timer);
}

void World::wind_up() {
  winding_up_ = true;
  invariants_.clear();  // they may refer to what the body had
  for (std::size_t steps = 0; settle() && steps < options_.most_steps; ++steps) {
    if (!step()) break;
  }
  // What a handler leaves behind may ask for a server that is new.
  for (std::size_t i = 0; i < servers_.size(); ++i) servers_[i]->abandon();
  settle();
}

std::vector<std::string> World::leftovers() const {
  std::vector<std::string> found;
  if (live_calls_ > 0) {
    found.push_back(weft::detail::text(live_calls_, " of ", calls_made_, " calls never ended"));
  }
  if (live_transports_ > 0) {
    found.push_back(weft::detail::text(live_transports_, " transports are still held"));
  }
  if (!loop_.timers_.empty()) found.push_back("a timer is still armed");
  return found;
}

std::vector<SuspendedCoroutine> World::suspended() const {
  return waits_ == nullptr ? std::vector<SuspendedCoroutine>() : waits_->all();
}

std::string World::statuses_of_calls() const {
  return execution_.statuses_of_calls();
}

// --- what reduced searches want to know ---

bool World::offer_to_recorder() {
  note_timers();
  std::vector<detail::Candidate>& candidates = execution_.candidates_scratch;
  candidates.clear();
  for (std::size_t i = 0; i < alternatives_.size(); ++i) {
    const Alternative& alternative = alternatives_[i];
    detail::Candidate& candidate = candidates.emplace_back();
    candidate.label = labels_[i];
    if (alternative.timer != nullptr) {
      constexpr std::uint32_t is_timer = 1u << 31;
      candidate.process = is_timer | static_cast<std::uint32_t>(alternative.timer->order());
      continue;
    }
    EventSource& source = *alternative.source;
    if (source.process_ == 0) source.process_ = ++recorder_->processes;
    candidate.process = source.process_;
    candidate.domain = source.domain_;
    candidate.is_fault = source.list_ == &list(EventClass::fault);
  }
  return recorder_->begin_step(candidates);
}

// Arming timers does not depend on the arming of others, but for the numbers of those without a
// name. Disarming one shows in what can happen.
void World::note_timers() {
  const detail::Unrecorded unrecorded;
  std::vector<std::uint32_t>& domains = recorder_->timer_domains;
  const auto armed = static_cast<std::size_t>(loop_.timers_.armed_so_far());
  if (domains.size() == armed) return;
  const bool all_named = armed - domains.size() <= recorder_->named_timers;
  recorder_->named_timers = 0;
  touch(detail::ObjectKind::timers, 0, detail::Access::read);
  touch(detail::ObjectKind::numbering, timers_object,
        all_named ? detail::Access::read : detail::Access::write);
  domains.resize(armed, recorder_->domain());
}

std::uint32_t World::new_domain() {
  if (recorder_ == nullptr) return 0;
  touch(detail::ObjectKind::numbering, domains_object, detail::Access::write);
  return ++recorder_->domains;
}

std::uint32_t World::new_shared() {
  touch(detail::ObjectKind::numbering, shared_objects, detail::Access::write);
  note_crossing();
  return ++shared_made_;
}

// Invariants may look at everything.
void World::touch_user_code(std::uint32_t domain) {
  const bool is_recorded = recorder_ != nullptr && recorder_->memory != nullptr;
  if (!is_recorded) touch(detail::ObjectKind::domain, domain, detail::Access::write);
  if (everything_is_looked_at_) touch(detail::ObjectKind::domain, 0, detail::Access::write);
}

std::uint32_t World::enter_domain(std::uint32_t domain) {
  touch_user_code(domain);
  const std::uint32_t previous = recorder_->domain();
  switch_domain(domain);
  return previous;
}

void World::switch_domain(std::uint32_t domain) {
  if (recorder_ == nullptr || domain == recorder_->domain()) return;
  note_timers();
  loop_.seal(recorder_->domain());
  recorder_->set_domain(domain);
}

void World::stop_recording() {
  if (recorder_ == nullptr) return;
  note_timers();
  detail::RecordedMemory::current() = nullptr;
  recorder_ = nullptr;
  loop_.recorder_ = nullptr;
}

void World::observe(std::uint64_t value) {
  execution_.observe(value);
  if (recorder_ == nullptr) return;
  execution_.digest +=
      mix_hash(mix_hash(recorder_->domain(), value), ++observed_[recorder_->domain()]);
}

const std::string& World::intern(std::string_view name) {
  const auto found = names_.find(name);
  return found != names_.end() ? *found : *names_.emplace(name).first;
}

Anytime::Anytime(World& world, std::string_view label, absl::AnyInvocable<void() &&> action)
    : text_(label), name_(text_), action_(std::move(action)) {
  world.enable(EventClass::action, *this);
}

void Anytime::fire() {
  happened_ = true;
  std::move(action_)();
}

}  // namespace weft::sim
