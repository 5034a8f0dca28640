#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "model_families.h"
#include "recorded_families.h"

namespace weft::test {

// A model whose numbers are known, in closed form or by other explorers' records.
class Family {
 public:
  // Numbers of schedules without a closed form.
  static constexpr std::size_t few = 0;
  static constexpr std::size_t many = std::numeric_limits<std::size_t>::max();

  Family(std::string its_name, Model its_model, std::size_t its_traces, std::size_t its_schedules,
         std::size_t most_blocked)
      : name(std::move(its_name)),
        model(std::move(its_model)),
        traces(its_traces),
        schedules(its_schedules),
        blocked_max(most_blocked) {}

  std::string name;
  Model model;
  std::size_t traces;
  std::size_t schedules;
  // Executions that the reduced search gives up depend on its order, so they are bounded only.
  std::size_t blocked_max;

  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

// WEFT_LONG_SEARCHES=1 asks for whatever takes up to a minute optimised, instead of seconds.
inline bool long_searches() {
  return std::getenv("WEFT_LONG_SEARCHES") != nullptr;
}

inline std::size_t factorial(std::size_t n) {
  return n == 0 ? 1 : n * factorial(n - 1);
}
inline std::size_t power(std::size_t base, std::size_t exponent) {
  return exponent == 0 ? 1 : base * power(base, exponent - 1);
}
// Of chains of m events.
inline std::size_t merges(std::size_t chains, std::size_t m) {
  return factorial(chains * m) / power(factorial(m), chains);
}

class Families {
 public:
  // Those that have no more traces than this.
  static std::vector<Family> with_traces(std::size_t most) { return Families(most).known_; }
  // Those of them that have no more schedules either.
  static std::vector<Family> with_schedules(std::size_t most) {
    std::vector<Family> found = with_traces(most);
    std::erase_if(found, [most](const Family& each) { return each.schedules > most; });
    return found;
  }

 private:
  explicit Families(std::size_t most) : most_(most) {
    add_accesses();
    add_chains();
    add_calls();
    add_recorded();
  }

  void add(std::string name, const Model& model, std::size_t traces, std::size_t schedules,
           std::size_t blocked_max = 0) {
    if (traces > most_ || blocked_max > most_) return;
    known_.emplace_back(std::move(name), model, traces, schedules, blocked_max);
  }
  static std::string named(const char* family, std::size_t n) {
    return std::string(family) + "_" + std::to_string(n);
  }
  static std::string named(const char* family, std::size_t n, std::size_t m) {
    return named(family, n) + "_" + std::to_string(m);
  }

  void add_accesses() {
    for (std::size_t n = 2; n <= 9; ++n) {
      add(named("writers", n), models::writers(n), factorial(n), factorial(n));
      add(named("writers_and_a_reader", n), models::readers(1, n), factorial(n + 1),
          factorial(n + 1));
      add(named("compare_and_swaps", n), models::compare_and_swaps(n), n, factorial(n), n * n);
    }
    for (std::size_t n = 2; n <= 14; ++n) {
      add(named("readers", n), models::readers(n), power(2, n), factorial(n + 1));
    }
    for (std::size_t n = 2; n <= 5; ++n) {
      const std::size_t traces = factorial(n) * factorial(n);
      add(named("increments", n), models::increments(n), traces, merges(n, 2));
      add(named("two_counters", n), models::two_counters(n), traces, merges(n, 2), power(6, n - 2));
    }
    for (std::uint32_t n = 2; n <= 11; ++n) {
      add(named("last_zero", n), models::last_zero(n), (n + 3) * power(2, n - 2),
          n < 4 ? Family::few : Family::many, power(3, n - 1));
    }
  }

  void add_chains() {
    for (std::uint32_t chains = 2; chains <= 8; ++chains) {
      add(named("independent", chains, 3), models::independent(chains, 3), 1,
          chains < 6 ? merges(chains, 3) : Family::many);
      add(named("cancel_all", chains, 3), models::cancel_all(chains, 3), power(4, chains),
          chains < 6 ? factorial(3 * chains + 1) / power(6, chains) : Family::many);
      add(named("shared_tail", chains, 3), models::shared_tail(chains, 3), factorial(chains),
          chains < 6 ? merges(chains, 3) : Family::many, factorial(chains));
    }
    for (std::size_t terminals = 1; terminals <= 4; ++terminals) {
      for (const std::size_t inbound : {3, 5}) {
        const std::size_t all = factorial(inbound + terminals) / factorial(inbound);
        add(named("late", inbound, terminals), models::late(inbound, terminals), all, all);
      }
    }
  }

  // One call's traces to the power of their number, if they share nothing; else all schedules.
  void add_calls() {
    class Shape {
     public:
      std::size_t messages, writes, terminals, traces;
      std::vector<std::size_t> schedules;  // of one call, of two, ...
    };
    const std::vector<Shape> shapes = {
        {0, 0, 1, 3, {3}},   {1, 0, 1, 4, {4, 150, 24'162}},    {1, 0, 2, 7, {7}},
        {1, 1, 1, 13, {13}}, {1, 0, 3, 10, {10, 782, 252'114}}, {1, 1, 3, 31, {31, 24'782}},
    };
    for (const Shape& shape : shapes) {
      for (std::uint32_t calls = 1; calls <= 3; ++calls) {
        const std::size_t schedules =
            calls <= shape.schedules.size() ? shape.schedules[calls - 1] : Family::many;
        std::string name = named("calls", calls);
        for (const std::size_t n : {shape.messages, shape.writes, shape.terminals}) {
          name = named(name.c_str(), n);
        }
        const auto calls_of = [&](bool together) {
          return models::cuts(calls, shape.messages, shape.writes, shape.terminals, together);
        };
        add(name, calls_of(false), power(shape.traces, calls), schedules);
        if (calls > 1) add(name + "_together", calls_of(true), schedules, schedules);
      }
    }
  }

  void add_recorded() {
    add("combination_lock", models::combination_lock(), 6, Family::few, 12);
    add("sleeping_races", models::sleeping_races(), 10, Family::few, 36);
    class Recorded {
     public:
      std::uint32_t n, m;
      std::size_t traces, blocked_max;
    };
    const std::vector<Recorded> producers = {{3, 2, 66, 300},       {4, 2, 54, 900},
                                             {5, 2, 60, 3'300},     {3, 3, 2'430, 20'000},
                                             {4, 3, 3'486, 70'000}, {5, 3, 2'958, 150'000}};
    for (const Recorded& each : producers) {
      add(named("multi_producer", each.n, each.m), models::multi_producer(each.n, each.m),
          each.traces, Family::many, each.blocked_max);
    }
    const std::vector<Recorded> pokes = {
        {3, 4, 711, 1'200}, {5, 3, 844, 9'000}, {7, 3, 2'440, 100'000}};
    for (const Recorded& each : pokes) {
      add(named("poke", each.n, each.m), models::poke(each.n, each.m), each.traces, Family::many,
          each.blocked_max);
    }
  }

  std::size_t most_;
  std::vector<Family> known_;
};

}  // namespace weft::test
