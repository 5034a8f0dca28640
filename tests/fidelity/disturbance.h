#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

namespace weft::test {

// The random numbers of one run, all from its seed.
class Disturbance {
 public:
  explicit Disturbance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  bool once_in(std::uint64_t times) { return below(times) == 0; }
  // From 10 microseconds to `longest`, every order of magnitude as likely as any other: races are
  // won by microseconds as well as by milliseconds.
  std::chrono::microseconds delay(std::chrono::microseconds longest) {
    const double orders = std::log(static_cast<double>(longest.count()) / 10);
    const double order = std::uniform_real_distribution<>(0, orders)(engine_);
    return std::chrono::microseconds(std::lround(10 * std::exp(order)));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace weft::test
