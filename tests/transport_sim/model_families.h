#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chain.h"
#include "model.h"
#include "weft/transport_sim/explore.h"

namespace weft::test {

// Chains of these lengths, on objects of their own.
inline sim::BodyFunction chains(std::vector<std::size_t> lengths) {
  return [=](sim::World& world) -> sim::Body {
    Gate all_done;
    std::size_t left = lengths.size();
    std::vector<std::unique_ptr<Chain>> running;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const std::size_t length = lengths[i];
      running.push_back(std::make_unique<Chain>(world, "chain" + std::to_string(i + 1) + ".event",
                                                length,
                                                [&all_done, &left, length](std::size_t happened) {
                                                  if (happened == length && --left == 0)
                                                    all_done.open();
                                                }));
    }
    co_await all_done;
  };
}

inline sim::BodyFunction independent(std::size_t count, std::size_t length) {
  return chains(std::vector<std::size_t>(count, length));
}

// K chains of m events, and one event that touches all of them.
inline sim::BodyFunction cancel_all(std::size_t count, std::size_t length) {
  std::vector<std::size_t> lengths(count, length);
  lengths.push_back(1);
  return chains(std::move(lengths));
}

// One call: inbound metadata, r messages, status; w write completions; t terminals, each of which,
// like the status, ends the call and withdraws the rest.
class Cut {
 public:
  Cut(sim::World& world, std::size_t number, std::size_t messages, std::size_t writes,
      std::size_t terminals, std::function<void()> ended)
      : ended_(std::move(ended)) {
    const std::string call = "call" + std::to_string(number) + ".";
    parts_.push_back(std::make_unique<Chain>(world, call + "inbound", messages + 2,
                                             [this, messages](std::size_t happened) {
                                               if (happened == messages + 2) end();
                                             }));
    parts_.push_back(std::make_unique<Chain>(world, call + "written", writes));
    for (std::size_t i = 0; i < terminals; ++i) {
      parts_.push_back(std::make_unique<Chain>(
          world, call + "terminal" + std::to_string(i), 1, [this](std::size_t) { end(); },
          sim::EventClass::action));
    }
  }

 private:
  void end() {
    for (const auto& part : parts_) part->withdraw();
    ended_();  // may destroy this
  }

  std::function<void()> ended_;
  std::vector<std::unique_ptr<Chain>> parts_;
};

inline sim::BodyFunction cuts(std::size_t calls, std::size_t messages, std::size_t writes,
                              std::size_t terminals) {
  return [=](sim::World& world) -> sim::Body {
    Gate all_done;
    std::size_t left = calls;
    std::vector<std::unique_ptr<Cut>> running;
    for (std::size_t i = 0; i < calls; ++i) {
      running.push_back(std::make_unique<Cut>(world, i + 1, messages, writes, terminals, [&] {
        if (--left == 0) all_done.open();
      }));
    }
    co_await all_done;
  };
}

// --- the same and more as models, which say what they touch ---

namespace models {

inline Model::Event reads(std::uint32_t object) {
  return [object](ModelRun& run) { run.read(object); };
}
inline Model::Event writes(std::uint32_t object) {
  return [object](ModelRun& run) { run.write(object); };
}

inline Model independent(std::uint32_t count, std::size_t length) {
  Model model;
  for (std::uint32_t i = 0; i < count; ++i) {
    model.add(std::vector<Model::Event>(length, writes(i)));
  }
  return model;
}

// Each writes the same object once, or adds to it.
inline Model writers(std::size_t count) {
  Model model;
  for (std::size_t i = 0; i < count; ++i) model.add({writes(0)});
  return model;
}

inline Model readers(std::size_t count, std::size_t writer_count = 1) {
  Model model;
  for (std::size_t i = 0; i < writer_count; ++i) model.add({writes(0)});
  for (std::size_t i = 0; i < count; ++i) model.add({reads(0)});
  return model;
}

// Each adds to both, one after the other.
inline Model two_counters(std::size_t count) {
  Model model;
  for (std::size_t i = 0; i < count; ++i) model.add({writes(0), writes(1)});
  return model;
}

// Each reads, and writes what it has made of it.
inline Model increments(std::size_t count) {
  Model model;
  for (std::size_t i = 0; i < count; ++i) model.add({reads(0), writes(0)});
  return model;
}

// One that fails has only read.
inline Model compare_and_swaps(std::size_t count) {
  Model model;
  for (std::uint32_t i = 0; i < count; ++i) {
    model.add({[i](ModelRun& run) {
      if (run.read(0) == 0) run.write(0, i + 1);
    }});
  }
  return model;
}

// A reader looks for the last zero of an array, from its end; each writer makes an element one more
// than the one before it.
inline Model last_zero(std::uint32_t count) {
  Model model;
  std::vector<Model::Event> reader;
  for (std::uint32_t i = count + 1; i-- > 0;) {
    reader.push_back([i](ModelRun& run) {
      if (run.read(i) == 0) run.withdraw(0);
    });
  }
  model.add(std::move(reader));
  for (std::uint32_t i = 1; i <= count; ++i) {
    auto seen = std::make_shared<std::uint64_t>(0);
    model.add({[i, seen](ModelRun& run) { *seen = run.read(i - 1); },
               [i, seen](ModelRun& run) { run.write(i, *seen + 1); }});
  }
  return model;
}

inline Model cancel_all(std::uint32_t count, std::size_t length) {
  Model model = independent(count, length);
  model.add({[count](ModelRun& run) {
    for (std::uint32_t i = 0; i < count; ++i) run.write(i);
  }});
  return model;
}

// Chains that have only their last events in common.
inline Model shared_tail(std::uint32_t count, std::size_t length) {
  Model model = independent(count, length);
  for (std::uint32_t i = 0; i < count; ++i) {
    model.sources[i].events.back() = [i, count](ModelRun& run) {
      run.write(i);
      run.write(count);
    };
  }
  return model;
}

// See Cut. With `together`, every event touches what all calls have in common.
inline Model cuts(std::uint32_t calls, std::size_t messages, std::size_t written,
                  std::size_t terminals, bool together = false) {
  Model model;
  for (std::uint32_t call = 0; call < calls; ++call) {
    const std::uint32_t object = together ? 0 : call;
    const std::size_t first = model.sources.size();
    const std::size_t last = first + 1 + terminals;
    const Model::Event end = [object, first, last](ModelRun& run) {
      run.write(object);
      for (std::size_t i = first; i <= last; ++i) run.withdraw(i);
    };
    std::vector<Model::Event> inbound(messages + 1, writes(object));
    inbound.push_back(end);
    model.add(std::move(inbound));
    model.add(std::vector<Model::Event>(written, writes(object)));
    for (std::size_t i = 0; i < terminals; ++i) model.add({end});
    for (std::size_t i = first; i <= last; ++i) {
      model.sources[i].domain = together ? 0 : call + 1;
      if (i > first + 1) model.sources[i].event_class = sim::EventClass::action;
    }
  }
  return model;
}

// One call, where what comes too late still comes, and is dropped.
inline Model late(std::size_t inbound, std::size_t terminals) {
  Model model;
  model.add(std::vector<Model::Event>(inbound, writes(0)));
  for (std::size_t i = 0; i < terminals; ++i) model.add({writes(0)});
  return model;
}

}  // namespace models

}  // namespace weft::test
