#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model_families.h"

namespace weft::test::models {

// Programs without a closed form, whose numbers of traces other explorers have on record.

// Each of three opens the next one's way, if it was in time: four sources, one of which is read at
// the very end alone.
inline Model combination_lock() {
  enum : std::uint32_t { v, w, x, y, z };
  Model model;
  const auto stops_unless = [&model](std::uint32_t object) -> Model::Event {
    const std::size_t self = model.sources.size();
    return [object, self](ModelRun& run) {
      if (run.read(object) == 0) run.withdraw(self);
    };
  };
  model.add({writes(z)});
  model.add({writes(x), stops_unless(y), writes(w)});
  model.add({stops_unless(x), writes(y), stops_unless(v), reads(z)});
  model.add({stops_unless(w), writes(v)});
  return model;
}

// A reader goes from one object to the next as long as it comes after their writers, so the races
// on the later ones are seen only in some executions, where much sleeps already.
inline Model sleeping_races() {
  enum : std::uint32_t { w, x, y, z };
  Model model;
  model.add({writes(w)});
  model.add({writes(x)});
  model.add({writes(y)});
  model.add({reads(y), writes(z)});
  const std::size_t reader = model.sources.size();
  std::vector<Model::Event> path;
  for (const std::uint32_t object : {y, z, x}) {
    path.push_back([object, reader](ModelRun& run) {
      if (run.read(object) == 0) run.withdraw(reader);
    });
  }
  path.push_back(reads(w));
  model.add(std::move(path));
  return model;
}

// Workers look twice whether there is work. Producers add two digits each to a number, which says
// in the end to whom each gives some.
inline Model multi_producer(std::uint32_t workers, std::uint32_t producers) {
  Model model;
  for (std::uint32_t i = 0; i < workers; ++i) model.add({writes(1 + i), writes(1 + i)});
  for (std::uint32_t i = 0; i < producers; ++i) {
    auto number = std::make_shared<std::uint64_t>(0);
    const Model::Event adds_digit = [i, producers, number](ModelRun& run) {
      *number = run.read(0) * producers + i;
      run.write(0, *number);
    };
    model.add({adds_digit, adds_digit, [workers, number](ModelRun& run) {
                 run.write(1 + static_cast<std::uint32_t>(*number % workers));
               }});
  }
  return model;
}

// Threads say that they are free. Round by round, one source counts through their numbers while
// another takes the number that it sees and looks at that thread.
inline Model poke(std::uint32_t threads, std::uint32_t rounds) {
  Model model;
  for (std::uint32_t i = 0; i < threads; ++i) model.add({writes(1 + i)});
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const std::size_t first = model.sources.size();
    const Model::Event over = [round, rounds, first](ModelRun& run) {
      if (round + 1 < rounds) run.join(round, 2, {first + 2, first + 3});
    };
    std::vector<Model::Event> counts;
    for (std::uint32_t i = 1; i < threads; ++i) {
      counts.push_back([i, over, is_last = i + 1 == threads](ModelRun& run) {
        run.write(0, i);
        if (is_last) over(run);
      });
    }
    auto number = std::make_shared<std::uint32_t>(0);
    model.add(std::move(counts));
    model.add({[number](ModelRun& run) { *number = static_cast<std::uint32_t>(run.read(0)); },
               [number, over](ModelRun& run) {
                 run.write(1 + *number);
                 over(run);
               }});
    model.sources[first].starts_enabled = model.sources[first + 1].starts_enabled = round == 0;
  }
  return model;
}

}  // namespace weft::test::models
