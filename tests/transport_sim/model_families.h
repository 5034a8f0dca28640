#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chain.h"
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

}  // namespace weft::test
