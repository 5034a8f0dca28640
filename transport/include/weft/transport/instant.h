#pragma once

#include <compare>
#include <cstdint>

#include "absl/time/time.h"

namespace weft {

// A point on the monotonic clock of one EventLoop: nanoseconds since an epoch that means nothing
// outside that loop. It never goes backwards and does not know the date (T40, B024). Comparing
// instants of loops with different clocks is meaningless; GrpcEventLoops of one process share one.
class Instant {
 public:
  constexpr Instant() = default;

  static constexpr Instant from_nanoseconds(std::int64_t nanoseconds) {
    return Instant(nanoseconds);
  }
  constexpr std::int64_t nanoseconds() const { return nanoseconds_; }

  friend constexpr auto operator<=>(Instant, Instant) = default;

  // Saturates at the ends of the representable range (292 years either way).
  friend Instant operator+(Instant instant, absl::Duration duration) {
    const std::int64_t step = absl::ToInt64Nanoseconds(duration);
    std::int64_t sum;
    if (__builtin_add_overflow(instant.nanoseconds_, step, &sum)) {
      sum = step > 0 ? INT64_MAX : INT64_MIN;
    }
    return Instant(sum);
  }
  friend absl::Duration operator-(Instant later, Instant earlier) {
    return absl::Nanoseconds(later.nanoseconds_) - absl::Nanoseconds(earlier.nanoseconds_);
  }

 private:
  constexpr explicit Instant(std::int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

  std::int64_t nanoseconds_ = 0;
};

}  // namespace weft
