#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "weft/transport_sim/detail/execution.h"

namespace weft::sim::detail {

// A deviation as a search needs it: the labels are the execution's.
class PathStep {
 public:
  PathStep() = default;
  PathStep(std::uint32_t at_decision, std::uint32_t alternative)
      : decision(at_decision), choice(alternative) {}

  std::uint32_t decision = 0;
  std::uint32_t choice = 0;

  template <class Archive>
  void archive(Archive& archive) {
    archive(decision, choice);
  }
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

// An executed schedule that has decisions after those at which it may not differ: its last
// deviation, or the prefix that it was begun with. Its children deviate once more, at one of these.
// How many alternatives each has is not kept: the first child that deviates there sees it.
class Parent {
 public:
  Parent() = default;

  // The decision after the last deviation.
  std::uint32_t after_path() const { return path.empty() ? 0 : path.back().decision + 1; }

  void clear() {
    path.clear();
    first_decision = decisions = last_state_hash = 0;
  }

  std::vector<PathStep> path;
  std::uint32_t first_decision = 0;   // at which a child may deviate
  std::uint32_t decisions = 0;        // of the whole execution; more than first_decision
  std::uint32_t last_state_hash = 0;  // folded from the state at the last of them

  template <class Archive>
  void archive(Archive& archive) {
    archive(path, first_decision, decisions, last_state_hash);
  }
};

// 32 bits of a state, enough to recognise it.
constexpr std::uint32_t short_state(std::uint64_t state) {
  return static_cast<std::uint32_t>(state ^ (state >> 32));
}

// The parents of one level in the order in which they were executed, first in, first out; about ten
// bytes for each, because neighbours share most of their paths. All have equally many deviations.
class Frontier {
 public:
  Frontier() = default;

  void push(const Parent& parent);
  bool empty() const { return count_ == 0; }
  // The oldest one, into `parent`, whose memory is reused. Its own is given back.
  void pop(Parent& parent);

  // Memory that the parents take.
  std::size_t bytes() const { return chunks_.size() * chunk_bytes; }

  template <class Archive>
  void archive(Archive& archive) {
    std::uint64_t chunks = chunks_.size();
    archive(count_, read_, last_pushed_, last_popped_, chunks);
    chunks_.resize(chunks);
    for (std::string& chunk : chunks_) archive(chunk);
  }

 private:
  static constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;

  std::uint32_t read_number();

  std::list<std::string> chunks_;  // no parent is split between two
  std::size_t read_ = 0;           // of the first chunk
  std::size_t count_ = 0;
  std::vector<PathStep> last_pushed_;
  std::vector<PathStep> last_popped_;
};

// Follows a path, and takes the default everywhere else.
class PathChooser final : public Chooser {
 public:
  explicit PathChooser(const std::vector<PathStep>& path) : path_(path) {}

  void rewind() {
    next_ = 0;
    lost_ = false;
  }
  std::size_t choose(const Decision& decision) override {
    if (next_ == path_.size() || path_[next_].decision != decision.number) return 0;
    const PathStep& step = path_[next_++];
    if (step.choice < decision.labels.size()) return step.choice;
    lost_ = true;
    return 0;
  }
  // Whether all of it could be followed.
  bool followed() const { return next_ == path_.size() && !lost_; }

 private:
  const std::vector<PathStep>& path_;
  std::size_t next_ = 0;
  bool lost_ = false;
};

}  // namespace weft::sim::detail
