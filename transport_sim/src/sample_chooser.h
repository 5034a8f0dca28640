#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "random_bits.h"
#include "runner.h"
#include "weft/transport_sim/detail/step_recorder.h"
#include "weft/transport_sim/sampling_options.h"

namespace weft::sim::detail {

// Draws one schedule after the other.
class SampleChooser final : public Chooser, public StepRecorder {
 public:
  explicit SampleChooser(const SamplingOptions& options) : options_(options), random_(0) {}

  // Everything about the run with this number follows from the seed and what earlier runs showed.
  void begin_run(std::size_t number);

  bool begin_step(std::span<const Candidate> candidates) override;
  std::size_t choose(const Decision& decision) override;

 private:
  // The indices of those that this run does not leave out.
  void keep_allowed(std::span<const Candidate> candidates);
  std::size_t pick(std::span<const Candidate> candidates);
  std::size_t highest(std::span<const Candidate> candidates);
  std::uint64_t& priority_of(std::uint32_t process);
  void learn();
  bool may_race(std::uint64_t label) const;

  const SamplingOptions& options_;
  RandomBits random_;
  std::uint64_t left_out_ = 0;  // a seed for the faults that this run leaves out
  std::size_t steps_ = 0;
  std::size_t most_steps_ = 1;        // of any run so far
  std::vector<std::size_t> changes_;  // the steps at which the running actor falls behind
  std::unordered_map<std::uint32_t, std::uint64_t> priorities_;  // by process
  std::unordered_map<std::uint64_t, Footprint> known_;           // by label
  std::uint64_t taken_ = 0;                                      // the label of the last step
  std::uint32_t taken_process_ = 0;
  std::vector<std::size_t> allowed_;
  std::optional<std::size_t> chosen_;
};

}  // namespace weft::sim::detail
