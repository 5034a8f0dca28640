#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "weft/transport/recycled.h"
#include "weft/transport/transport.h"
#include "weft/transport_sim/detail/execution.h"
#include "weft/transport_sim/detail/footprint.h"
#include "weft/transport_sim/detail/invariant.h"
#include "weft/transport_sim/detail/recorded_memory.h"
#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/fault_plan.h"
#include "weft/transport_sim/server.h"
#include "weft/transport_sim/sim_event_loop.h"
#include "weft/transport_sim/sim_transport_options.h"
#include "weft/transport_sim/world_options.h"

namespace weft::sim {

class SimTransport;
class SimCall;
class Yield;
class WaitList;

class SharedNumber;
template <class T>
class Shared;

// One execution of a test: a clock, a loop, servers, connections, and all that may happen next.
//
//   world.server().unary_unary(say_hello, [](const Name& name) { return greeting(name); });
//   weft::Channel channel(world.transport(), world.loop());
//
// An explorer makes a fresh one for each execution of the body and lets it take every order of
// events; a World of its own (for benchmarks, for a debugger) takes the default order, which is the
// happy path. Everything in it is deterministic: the order of events is chosen, time stands still
// unless a timer fires, names are numbers in order of creation.
//
// Lifetime: outlives everything that was made from it. Threads: the one that made it.
class World : public Recycled {
 public:
  explicit World(const WorldOptions& options = WorldOptions());
  // For explorers.
  World(detail::Execution& execution, const WorldOptions& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  EventLoop& loop() { return loop_; }
  // Since the beginning.
  absl::Duration elapsed() const { return loop_.now() - Instant(); }

  // The server of this name, made when it is first asked for. It listens and knows no method.
  Server& server(std::string_view name = "server");
  // A new transport to the server of this name, not connected yet; its numbers in labels count from
  // 1. It is held to the rules by CheckedTransport, unless the options say otherwise.
  std::shared_ptr<Transport> transport(std::string_view server_name = "server",
                                       SimTransportOptions options = SimTransportOptions());

  // --- choices ---

  // A number below `alternatives`, every one of which is explored; 0 is the default. `what` names
  // the choice in traces.
  std::size_t choose(std::size_t alternatives, std::string_view what);
  // Awaits a step of its own: whatever may happen meanwhile is explored.
  Yield yield();
  // Lets these faults happen; see FaultPlan. Once, before the first transport is made.
  void allow(FaultPlan plan);

  // --- observations ---

  // How this execution went, for the table of outcomes. Unset: the statuses of the calls, in the
  // order of their creation.
  void outcome(std::string text) {
    touch(detail::ObjectKind::outcome, 0, detail::Access::write);
    execution_.outcome = std::move(text);
  }
  // Something that this code has seen. Reduced searches take two schedules for one if they differ
  // by the order of steps that have nothing in common; the audit of that compares this as well.
  void observe(std::uint64_t value);
  // Fails this execution; it goes on.
  void fail(std::string text) { execution_.fail(FailureKind::check, std::move(text)); }
  // Over all executions, `happened` must be true at least once under this name, or the exploration
  // fails: it did not reach what it is meant to test.
  void sometimes(std::string_view name, bool happened);
  // Must hold after every step of this execution, as long as the body is not over. Reduced searches
  // take it for code that looks at everything, so they leave out next to nothing ...
  void invariant(std::string name, absl::AnyInvocable<bool()> holds);
  // ... unless it says at which Shared objects it looks, and at nothing else.
  //   world.invariant("in order", {low, high}, [&] { return low.read() <= high.read(); });
  void invariant(std::string name, std::initializer_list<SharedNumber> reads,
                 absl::AnyInvocable<bool()> holds);
  // The number of executions that the whole exploration must have, if it ends well.
  void expect_schedules(std::size_t count) { execution_.expected_schedules = count; }
  // For traces, in the lane of the body.
  void note(std::string_view text) {
    if (tracing()) execution_.note("body", std::string(text));
  }

  // --- for parts of the simulator and explorers ---

  bool tracing() const { return execution_.trace() != nullptr; }
  void note(std::string actor, std::string text) {
    execution_.note(std::move(actor), std::move(text));
  }
  Cause new_cause() { return ++causes_; }
  void enable(EventClass event_class, EventSource& source, Cause cause) {
    if (recorder_ != nullptr && !source.declares_footprint()) {
      source.belongs_to(recorder_->domain());
    }
    lists_[static_cast<std::size_t>(event_class)].enable(source, cause);
  }
  // Caused now.
  void enable(EventClass event_class, EventSource& source) {
    enable(event_class, source, new_cause());
  }
  // The budget is spent.
  void withdraw_faults();
  void defer(LoopTask& task) { loop_.defer(task); }
  void arm(Timer& timer, Instant due) {
    if (recorder_ != nullptr) ++recorder_->named_timers;
    loop_.arm(timer, due);
  }

  // What the step that runs has to do with, for searches that want to know.
  bool recording() const { return recorder_ != nullptr; }
  void touch(detail::ObjectKind kind, std::uint32_t number, detail::Access access) {
    if (recorder_ != nullptr) recorder_->touch(detail::Object(kind, number), access);
  }
  void touch_user_code(std::uint32_t domain);
  // See Footprint.
  void join(std::uint32_t where) {
    if (recorder_ != nullptr) recorder_->footprint().join(where);
  }
  void pass(std::uint32_t where) {
    if (recorder_ != nullptr) recorder_->footprint().pass(where);
  }
  std::uint32_t domain() const { return recorder_ == nullptr ? 0 : recorder_->domain(); }
  std::uint32_t new_domain();
  std::uint32_t new_shared();
  void note_crossing() {
    if (recorder_ != nullptr) recorder_->note_crossing();
  }
  // See DomainScope.
  std::uint32_t enter_domain(std::uint32_t domain);
  void leave_domain(std::uint32_t previous) { switch_domain(previous); }
  // The body is over: what follows belongs to no step.
  void stop_recording();

  // Runs all that is ready. False if that does not come to an end within the bound.
  bool settle() {
    for (std::size_t tasks = 0; loop_.run_ready(); ++tasks) {
      if (tasks >= options_.most_tasks) return fail_to_settle(tasks);
    }
    note_generations();
    return true;
  }
  // Lets one event happen. False if nothing can, with faults left out: a program must not need one.
  bool step();
  void check_invariants() {
    if (!invariants_.empty()) look_at_invariants();
  }
  // Ends what the test left behind: events of the network happen in the default order and are not
  // decisions any more, no timer fires, then the peers are gone.
  void wind_up();
  // Whether something is left after wind_up() that should not be, and what.
  bool has_leftovers() const {
    return live_calls_ > 0 || live_transports_ > 0 || !loop_.timers_.empty();
  }
  std::vector<std::string> leftovers() const;
  // Coroutines that wait, as far as they are known.
  std::vector<SuspendedCoroutine> suspended() const;
  // The statuses of all calls in order of creation.
  std::string statuses_of_calls() const;

  detail::Execution& execution() { return execution_; }
  const WorldOptions& options() const { return options_; }
  FaultPlan& faults() { return faults_; }

 private:
  friend Server;
  friend SimCall;
  friend SimTransport;

  using Alternative = detail::Alternative;
  enum Numbered : std::uint32_t {
    calls_object,
    transports_object,
    yields_object,
    timers_object,
    domains_object,
    shared_objects,
    servers_object
  };

  World(std::unique_ptr<detail::Execution> own, detail::Execution* execution,
        const WorldOptions& options);

  EventList& list(EventClass event_class) { return lists_[static_cast<std::size_t>(event_class)]; }
  bool fail_to_settle(std::size_t tasks);
  bool is_due(detail::Invariant& invariant);
  void look_at_invariants();
  std::optional<std::size_t> decide();
  void gather();
  void add_timers();
  Label label_of(const Alternative& alternative) const;
  void trace_step(std::size_t choice);
  void happen(Alternative alternative);
  bool offer_to_recorder();
  void note_timers();
  void switch_domain(std::uint32_t domain);
  void fire_timer(Timer& timer);
  // Nothing is chosen any more, or ever was: the first of what can happen does.
  bool takes_first() const { return winding_up_ || own_execution_ != nullptr; }
  // Timers that were armed in this step descend from the timer that fired in it, if one did.
  void note_generations() {
    if (own_execution_ != nullptr) return;  // nothing is chosen there
    const auto armed = static_cast<std::size_t>(loop_.timers_.armed_so_far());
    if (generations_.size() >= armed) return;
    const detail::Unrecorded unrecorded;
    generations_.resize(armed, generation_);
  }
  std::uint32_t generation_of(const Timer& timer) const;
  const std::string& intern(std::string_view name);
  std::uint32_t new_call_number() {
    touch(detail::ObjectKind::numbering, calls_object, detail::Access::write);
    return ++calls_made_;
  }

  std::unique_ptr<detail::Execution> own_execution_;
  detail::Execution& execution_;
  detail::StepRecorder* recorder_;
  WorldOptions options_;
  SimEventLoop loop_;
  EventList lists_[4];
  // Memory of the execution's, reused.
  std::vector<Alternative>& alternatives_;
  std::vector<std::uint64_t>& labels_;
  std::vector<Timer*>& earliest_;
  std::vector<std::uint32_t>& generations_;  // of timers, by their order; see timer_bound
  std::uint32_t generation_ = 0;             // of timers that are armed in this step
  bool winding_up_ = false;
  FaultPlan faults_;
  std::vector<std::unique_ptr<Server>, RecyclingAllocator<std::unique_ptr<Server>>>
      servers_;  // by name
  std::set<std::string, std::less<>> names_;
  std::vector<detail::Invariant> invariants_;
  bool everything_is_looked_at_ = false;  // by one of them
  std::uint32_t calls_made_ = 0;
  std::uint32_t live_calls_ = 0;
  std::uint32_t transports_made_ = 0;
  std::uint32_t live_transports_ = 0;
  std::uint32_t yields_ = 0;
  std::unique_ptr<WaitList> waits_;  // when tracing
  Cause causes_ = 0;
  std::map<std::uint32_t, std::uint64_t> observed_;  // by domain: how much
  std::uint32_t shared_made_ = 0;
};

// What World::yield gives: await it once.
class [[nodiscard]] Yield {
 public:
  explicit Yield(World& world, std::uint32_t number) : world_(&world), number_(number) {}

  class Awaiter final : public EventSource {
   public:
    Awaiter(World& world, std::uint32_t number) : world_(world), number_(number) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      world_.enable(EventClass::network, *this);
    }
    void await_resume() const noexcept {}

    Label label() const override;
    void fire() override { handle_.resume(); }

   private:
    World& world_;
    std::uint32_t number_;
    std::coroutine_handle<> handle_;
  };
  Awaiter operator co_await() const { return Awaiter(*world_, number_); }

 private:
  World* world_;
  std::uint32_t number_;
};

// A floating action: it may happen once at any time from its construction to its destruction, and
// happens at the latest when nothing else but timers can.
//
//   weft::sim::Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
class Anytime final : public EventSource {
 public:
  Anytime(World& world, std::string_view label, absl::AnyInvocable<void() &&> action);

  bool happened() const { return happened_; }

  Label label() const override { return Label(name_); }
  void fire() override;

 private:
  std::string text_;
  Label::Name name_;
  absl::AnyInvocable<void() &&> action_;
  bool happened_ = false;
};

}  // namespace weft::sim
