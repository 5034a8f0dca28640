#pragma once

#include <memory>
#include <optional>

#include "weft/transport_sim/detail/crash_note.h"
#include "weft/transport_sim/detail/execution.h"
#include "weft/transport_sim/detail/watchdog.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/token.h"

namespace weft::sim::detail {

// Takes the decisions of a schedule, and the default everywhere else. Which alternative a deviation
// means is known by its label first, by its index second.
class ScheduleChooser final : public Chooser {
 public:
  // `aligned`: a deviation that is not offered at its decision is taken at the first later one that
  // offers it. Otherwise it is missed.
  explicit ScheduleChooser(const Schedule& schedule, bool aligned = false)
      : schedule_(schedule), aligned_(aligned) {}

  std::size_t choose(const Decision& decision) override;
  // How many deviations were taken.
  std::size_t taken() const { return next_; }
  bool took_all() const { return next_ == schedule_.size(); }

 private:
  const Schedule& schedule_;
  bool aligned_;
  std::size_t next_ = 0;
};

// Runs executions of one body, one after the other, and judges each.
class Runner {
 public:
  Runner(const ExploreOptions& options, const BodyFunction& body);

  // One execution. What is known of it is in execution(), until the next one.
  void run(Chooser* chooser, Trace* trace = nullptr, StepRecorder* recorder = nullptr);

  Execution& execution() { return execution_; }
  bool failed() { return !execution_.failures().empty(); }
  const ExploreOptions& options() const { return options_; }
  std::uint32_t test_hash() const { return test_hash_; }
  std::string token() const {
    return make_token(test_hash_, execution_.schedule(), execution_.hash()).to_string();
  }

 private:
  class RecordingChooser;

  void play(World& world);
  // Steps until the body is done; false if that does not happen.
  bool drive(World& world, Body& body);
  void hang(World& world);

  const ExploreOptions& options_;
  const BodyFunction& body_;
  std::uint32_t test_hash_;
  const std::shared_ptr<Execution> shared_execution_ = std::make_shared<Execution>();
  Execution& execution_ = *shared_execution_;
  CrashNote crash_note_;
  Watchdog watchdog_;
  TokenWriter written_ahead_;
};

// What RealWorldGuard calls; the context is an Execution.
void report_real_world(void* execution, const char* what, const char* where) noexcept;

}  // namespace weft::sim::detail
