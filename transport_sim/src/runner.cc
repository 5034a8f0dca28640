#include "runner.h"

#include <exception>
#include <memory>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport/recycled.h"
#include "weft/transport_sim/detail/real_world_guard.h"

namespace weft::sim::detail {
namespace {

std::string stuck_text(const ExploreOptions& options) {
  return weft::detail::text("weft: ", options.test_name, ": a step has run for more than ",
                            absl::ToInt64Milliseconds(options.longest_step),
                            " ms: the body never suspends\n");
}

// What is left after a leak refers to its world, and that to its execution.
void keep_for_ever(std::unique_ptr<World> world, std::shared_ptr<Execution> execution) {
  static auto* const executions = new std::vector<std::shared_ptr<Execution>>();
  static auto* const worlds = new std::vector<std::unique_ptr<World>>();
  executions->push_back(std::move(execution));
  worlds->push_back(std::move(world));
}

}  // namespace

std::size_t ScheduleChooser::choose(const Decision& decision) {
  if (took_all()) return 0;
  const Deviation& deviation = schedule_[next_];
  const bool here = decision.number == deviation.decision;
  if (!here && !(aligned_ && decision.number > deviation.decision)) return 0;
  const std::size_t count = decision.labels.size();
  if (deviation.choice < count && decision.labels[deviation.choice] == deviation.label_hash) {
    ++next_;
    return deviation.choice;
  }
  for (std::size_t i = 1; i < count; ++i) {
    if (decision.labels[i] != deviation.label_hash) continue;
    ++next_;
    return i;
  }
  return 0;
}

// Between the real chooser and the execution: writes every deviation down before it is taken.
class Runner::RecordingChooser final : public Chooser {
 public:
  RecordingChooser(Runner& runner, Chooser& chooser) : runner_(runner), chooser_(chooser) {}

  std::size_t choose(const Decision& decision) override {
    const std::size_t choice = chooser_.choose(decision);
    if (choice != 0) {
      runner_.written_ahead_.add(decision.number, static_cast<std::uint32_t>(choice),
                                 decision.labels[choice]);
    }
    return choice;
  }

 private:
  Runner& runner_;
  Chooser& chooser_;
};

Runner::Runner(const ExploreOptions& options, const BodyFunction& body)
    : options_(options),
      body_(body),
      test_hash_(sim::test_hash(options.test_name, options.world_options.to_string())),
      crash_note_(options.crash_path, options.test_name, options.command_prefix),
      watchdog_(options.longest_step, stuck_text(options)),
      written_ahead_(crash_note_.token_buffer()) {
  written_ahead_.clear();
}

void Runner::run(Chooser* chooser, Trace* trace, StepRecorder* recorder) {
  const Schedule none;
  ScheduleChooser defaults(none);
  RecordingChooser recording(*this, chooser == nullptr ? defaults : *chooser);
  execution_.begin(&recording, trace, recorder);
  written_ahead_.begin(test_hash_);
  if (options_.test_probe != nullptr) options_.test_probe->begin_execution();
  const std::ptrdiff_t balance = recycled_balance();
  watchdog_.arm();
  auto world = std::make_unique<World>(execution_, options_.world_options);
  {
    const RealWorldGuard guard(&report_real_world, &execution_);
    play(*world);
  }
  watchdog_.disarm();
  if (execution_.outcome.empty()) execution_.outcome = world->statuses_of_calls();
  if (!world->has_leftovers()) {
    world.reset();
    if (recycled_balance() != balance) {
      execution_.fail(FailureKind::leak,
                      weft::detail::text(recycled_balance() - balance,
                                         " coroutine frames or parts of calls are left"));
    }
  } else {
    for (const std::string& leftover : world->leftovers()) {
      execution_.fail(FailureKind::leak, leftover);
    }
    keep_for_ever(std::move(world), shared_execution_);
  }
  if (options_.test_probe != nullptr) options_.test_probe->end_execution(execution_.failures());
  // What follows when an execution is torn down in its middle is nobody's failure.
  if (execution_.given_up()) execution_.failures().clear();
  written_ahead_.clear();
  execution_.end();
  if (trace == nullptr) return;
  trace->failed = failed();
  trace->outcome =
      failed() ? std::string(execution_.failures().front().site()) : execution_.outcome;
  trace->token = token();
}

void Runner::play(World& world) {
  if (Trace* trace = execution_.trace()) {
    TraceStep beginning;
    beginning.actor = "body";
    beginning.alternatives.push_back("body.start");
    trace->actors.push_back("body");
    trace->steps.push_back(std::move(beginning));
  }
  if (StepRecorder* recorder = execution_.recorder()) {
    recorder->stack_of_step = __builtin_frame_address(0);
  }
  Body body = body_(world);
  body.start();
  const bool over = drive(world, body);
  world.stop_recording();
  if (over) {
    try {
      if (std::exception_ptr error = body.take_error()) std::rethrow_exception(error);
    } catch (const std::exception& error) {
      execution_.fail(FailureKind::exception,
                      weft::detail::text("an exception left the body: ", error.what()));
    } catch (...) {
      execution_.fail(FailureKind::exception, "an exception of unknown type left the body");
    }
  }
  world.note(body.done() ? "the body is over" : "the body is given up");
  body = Body();
  world.wind_up();
}

bool Runner::drive(World& world, Body& body) {
  for (;;) {
    watchdog_.beat();
    if (!world.settle()) return false;
    if (body.done()) return true;
    world.check_invariants();
    if (execution_.steps >= options_.world_options.most_steps) {
      execution_.fail(FailureKind::endless, weft::detail::text("the body did not end within ",
                                                               execution_.steps, " steps"));
      return false;
    }
    if (!world.step()) {
      if (!execution_.given_up()) hang(world);
      return false;
    }
  }
}

void Runner::hang(World& world) {
  std::string text = weft::detail::text(
      "the body waits for something that can never happen (calls: ", world.statuses_of_calls(),
      ")");
  if (Trace* trace = execution_.trace()) {
    trace->suspended = world.suspended();
    for (const SuspendedCoroutine& coroutine : trace->suspended) {
      text += weft::detail::text("\n  suspended: ", coroutine.awaitable);
      if (!coroutine.subject.empty()) text += weft::detail::text(" of ", coroutine.subject);
      if (!coroutine.location.empty()) text += weft::detail::text(" at ", coroutine.location);
    }
  }
  execution_.fail(FailureKind::hang, std::move(text));
}

void report_real_world(void* execution, const char* what, const char* where) noexcept {
  auto& failures = static_cast<Execution*>(execution)->failures();
  constexpr std::size_t enough = 8;
  if (failures.size() >= enough) return;
  static_cast<Execution*>(execution)->fail(
      FailureKind::real_world,
      weft::detail::text("the real world was asked: ", what, "\n  by ", where));
}

}  // namespace weft::sim::detail
