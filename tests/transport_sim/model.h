#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chain.h"
#include "weft/transport_sim/explore.h"

namespace weft::test {

class ModelRun;

// A small program for the explorer alone: sources of events, which read and write objects, let each
// other happen and withdraw each other. It says what each event touches, and its outcome is its
// trace: the events in an order that is the same for all schedules that differ only by swaps of
// independent ones.
class Model {
 public:
  using Event = std::function<void(ModelRun&)>;

  class Source {
   public:
    std::vector<Event> events;
    bool starts_enabled = true;
    sim::EventClass event_class = sim::EventClass::network;
    std::uint32_t domain = 0;  // what its events may touch is touched by no other domain's
  };

  // Gives its number.
  std::size_t add(std::vector<Event> events) {
    sources.emplace_back().events = std::move(events);
    return sources.size() - 1;
  }
  sim::BodyFunction body() const;

  std::vector<Source> sources;
};

// One execution of a model.
class ModelRun {
 public:
  ModelRun(sim::World& world, const Model& model) : world_(world), model_(model) {
    for (std::size_t i = 0; i < model.sources.size(); ++i) {
      processes_.push_back(std::make_unique<Process>(*this, i));
    }
    for (std::size_t i = 0; i < model.sources.size(); ++i) {
      if (model.sources[i].starts_enabled) processes_[i]->let_happen();
    }
  }

  // --- for events ---
  std::uint64_t read(std::uint32_t object) {
    touch(object, sim::detail::Access::read);
    return values_[object];
  }
  void write(std::uint32_t object, std::uint64_t value = 1) {
    touch(object, sim::detail::Access::write);
    values_[object] = value;
  }
  void enable(std::size_t source) {
    touch(enabledness(source), sim::detail::Access::write);
    processes_[source]->let_happen();
  }
  void withdraw(std::size_t source) {
    touch(enabledness(source), sim::detail::Access::write);
    processes_[source]->end();
  }
  // Whichever of `count` comes last lets these sources begin; which one does is nobody's concern.
  void join(std::uint32_t where, std::size_t count, const std::vector<std::size_t>& next) {
    for (const std::size_t source : next) {
      const sim::detail::Object begins(sim::detail::ObjectKind::model, enabledness(source));
      happened_.back().footprint.touch(begins, sim::detail::Access::read);
    }
    world_.join(where + 1);
    if (++joined_[where] < count) return;
    world_.pass(where + 1);
    for (const std::size_t source : next) {
      world_.touch(sim::detail::ObjectKind::model, enabledness(source), sim::detail::Access::write);
      processes_[source]->let_happen();
    }
  }
  std::size_t choose(std::size_t count) {
    const std::size_t value = world_.choose(count, "value");
    happened_.back().text += "=" + std::to_string(value);
    return value;
  }

  // --- for the body ---
  Gate& over() { return over_; }
  bool nothing_can_happen() const {
    return std::none_of(processes_.begin(), processes_.end(), [](const auto& process) {
      return process->is_enabled() && !process->is_fault();
    });
  }
  std::string trace() const;

 private:
  class Process final : public sim::EventSource {
   public:
    Process(ModelRun& run, std::size_t number)
        : run_(run), number_(number), text_("s" + std::to_string(number)), name_(text_) {
      belongs_to(run.model_.sources[number].domain);
      cause_ = run.world_.new_cause();
    }
    void let_happen() {
      const Model::Source& source = run_.model_.sources[number_];
      if (!ended_ && next_ < source.events.size()) {
        run_.world_.enable(source.event_class, *this, cause_);
      }
    }
    void end() {
      ended_ = true;
      EventSource::withdraw();
    }
    sim::Label label() const override {
      return sim::Label(name_, static_cast<std::uint32_t>(next_ + 1));
    }
    bool declares_footprint() const override { return true; }
    bool is_fault() const {
      return run_.model_.sources[number_].event_class == sim::EventClass::fault;
    }
    void fire() override {
      const Model::Event& event = run_.model_.sources[number_].events[next_];
      run_.begin(text_ + "." + std::to_string(next_), number_);
      ++next_;
      let_happen();
      event(run_);
      run_.finish();
    }

   private:
    ModelRun& run_;
    std::size_t number_;
    std::string text_;
    sim::Label::Name name_;
    sim::Cause cause_ = 0;  // of all of its events, from the beginning
    std::size_t next_ = 0;
    bool ended_ = false;
  };

  class Happened {
   public:
    std::string text;
    sim::detail::Footprint footprint;
  };

  static std::uint32_t enabledness(std::size_t source) {
    return 1'000 + static_cast<std::uint32_t>(source);
  }
  void touch(std::uint32_t object, sim::detail::Access access) {
    world_.touch(sim::detail::ObjectKind::model, object, access);
    happened_.back().footprint.touch(sim::detail::Object(sim::detail::ObjectKind::model, object),
                                     access);
  }
  void begin(std::string text, std::size_t source) {
    happened_.emplace_back();
    happened_.back().text = std::move(text);
    touch(enabledness(source), sim::detail::Access::write);
  }
  // The last event needs all before it; without, the body would seem to end because of it alone.
  void finish() {
    world_.join(0);
    if (!nothing_can_happen()) return;
    world_.pass(0);
    over_.open();
  }

  sim::World& world_;
  const Model& model_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::map<std::uint32_t, std::uint64_t> values_;
  std::map<std::uint32_t, std::size_t> joined_;
  std::vector<Happened> happened_;
  Gate over_;
};

// The least order in which everything that depends on something comes behind it.
inline std::string ModelRun::trace() const {
  std::string text;
  std::vector<bool> told(happened_.size());
  for (std::size_t count = 0; count < happened_.size(); ++count) {
    const Happened* least = nullptr;
    for (std::size_t i = 0; i < happened_.size(); ++i) {
      bool ready = !told[i];
      for (std::size_t j = 0; ready && j < i; ++j) {
        ready = told[j] || !happened_[j].footprint.conflicts_with(happened_[i].footprint);
      }
      if (ready && (least == nullptr || happened_[i].text < least->text)) least = &happened_[i];
    }
    told[static_cast<std::size_t>(least - happened_.data())] = true;
    text += least->text + " ";
  }
  return text;
}

inline sim::BodyFunction Model::body() const {
  return [model = *this](sim::World& world) -> sim::Body {
    ModelRun run(world, model);
    if (!run.nothing_can_happen()) co_await run.over();
    world.outcome(run.trace());
  };
}

}  // namespace weft::test
