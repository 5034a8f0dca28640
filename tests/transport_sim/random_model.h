#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "model.h"

namespace weft::test {

// What one event of a random model does. What it touches besides may depend on a value that it
// reads, or that it asks for.
class RandomEvent {
 public:
  void operator()(ModelRun& run) const {
    bool odd = false;
    for (const auto& [object, writes] : accesses) odd ^= access(run, object, writes);
    if (asks) odd ^= run.choose(2) == 1;
    if (odd) {
      for (const auto& [object, writes] : if_odd) access(run, object, writes);
    }
    for (const std::size_t source : enables) run.enable(source);
    for (const std::size_t source : withdraws) run.withdraw(source);
  }

  std::vector<std::pair<std::uint32_t, bool>> accesses;
  std::vector<std::pair<std::uint32_t, bool>> if_odd;
  bool asks = false;
  std::vector<std::size_t> enables;
  std::vector<std::size_t> withdraws;
  std::uint64_t number = 0;

 private:
  bool access(ModelRun& run, std::uint32_t object, bool writes) const {
    if (!writes) return run.read(object) % 2 == 1;
    run.write(object, number);
    return false;
  }
};

// Two to four sources with up to nine events in all, three objects. One in four models has events
// that ask for values.
inline bool random_model_asks(std::uint32_t seed) {
  return seed % 4 == 3;
}
inline Model random_model(std::uint32_t seed) {
  std::mt19937 random(seed);  // its values are the same everywhere, unlike those of distributions
  const auto below = [&random](std::uint32_t end) { return random() % end; };
  Model model;
  const std::size_t count = 2 + below(3);
  std::size_t left = 9;
  for (std::size_t source = 0; source < count; ++source) {
    std::vector<Model::Event> events;
    const std::size_t length = std::min<std::size_t>(1 + below(count == 2 ? 4 : 3), left);
    for (std::size_t i = 0; i < length; ++i) {
      RandomEvent event;
      event.number = random();
      for (std::uint32_t n = below(3); n > 0; --n) event.accesses.emplace_back(below(3), below(2));
      if (below(3) == 0) event.if_odd.emplace_back(below(3), below(2));
      event.asks = below(5) == 0 && random_model_asks(seed);
      if (below(6) == 0) event.enables.push_back(below(static_cast<std::uint32_t>(count)));
      if (below(4) == 0) event.withdraws.push_back(below(static_cast<std::uint32_t>(count)));
      events.emplace_back(std::move(event));
    }
    left -= length;
    model.add(std::move(events));
    model.sources.back().starts_enabled = below(4) != 0;
    if (below(4) == 0) model.sources.back().event_class = sim::EventClass::action;
  }
  return model;
}

}  // namespace weft::test
