#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "weft/transport_sim/detail/footprint.h"
#include "weft/transport_sim/detail/recorded_memory.h"

namespace weft::sim::detail {

// Something that may happen next, as a recorder sees it.
class Candidate {
 public:
  std::uint64_t label = 0;
  // Of the source; the same in all executions that have done the same so far.
  std::uint32_t process = 0;
  std::uint32_t domain = 0;
  bool is_fault = false;
};

// Follows an execution step by step and writes down what each has to do with. Searches that need no
// such thing have none, and pay a test of a pointer.
class StepRecorder {
 public:
  virtual ~StepRecorder() = default;

  // The step before is over. One of these happens now: the one that the chooser will say. False:
  // none, the execution is given up.
  virtual bool begin_step(std::span<const Candidate> candidates) = 0;

  void touch(Object object, Access access) {
    if (memory == nullptr) return footprint_.touch(object, access);
    const Unrecorded unrecorded;
    footprint_.touch(object, access);
  }
  Footprint& footprint() { return footprint_; }

  // Whose code runs, or ran last: what is created now belongs to it.
  std::uint32_t domain() const { return domain_; }
  void set_domain(std::uint32_t domain) { domain_ = domain; }
  // Domains have more in common than what everybody has with World.
  void note_crossing() { crosses_ = true; }
  bool crosses() const { return crosses_; }

  // What user code loads and stores, if that is recorded.
  RecordedMemory* memory = nullptr;
  // Frames of the step that runs are below.
  const void* stack_of_step = nullptr;
  // Of timers without a name, by their order.
  std::vector<std::uint32_t> timer_domains;
  std::uint32_t processes = 0;
  std::uint32_t domains = 0;
  std::uint32_t named_timers = 0;

 protected:
  void begin_execution() {
    footprint_.clear();
    domain_ = 0;
    crosses_ = false;
    timer_domains.clear();
    processes = domains = named_timers = 0;
  }

 private:
  Footprint footprint_;
  std::uint32_t domain_ = 0;
  bool crosses_ = false;
};

}  // namespace weft::sim::detail
