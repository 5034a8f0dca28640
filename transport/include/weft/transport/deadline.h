#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "weft/transport/instant.h"

namespace weft {

// The absolute instant by which a call must have ended, or "never". A timeout becomes a deadline
// once, when the call is made (T40, B220); from then on nothing is relative.
class Deadline {
 public:
  // Never.
  constexpr Deadline() = default;
  static constexpr Deadline infinite() { return Deadline(); }

  static constexpr Deadline at(Instant instant) { return Deadline(instant); }

  // `timeout` from `now`. Zero and negative timeouts give a deadline that has already passed
  // (B227); absl::InfiniteDuration() gives never.
  static Deadline after(Instant now, absl::Duration timeout) {
    return timeout == absl::InfiniteDuration() ? infinite() : Deadline(now + timeout);
  }

  constexpr bool is_infinite() const { return instant_ == never(); }
  constexpr Instant instant() const { return instant_; }

  // True at the very instant of the deadline.
  constexpr bool expired(Instant now) const { return !is_infinite() && now >= instant_; }

  // max(0, deadline - now); absl::InfiniteDuration() for never.
  absl::Duration remaining(Instant now) const {
    if (is_infinite()) return absl::InfiniteDuration();
    return std::max(absl::ZeroDuration(), instant_ - now);
  }

  friend constexpr Deadline earlier_of(Deadline a, Deadline b) {
    return a.instant_ <= b.instant_ ? a : b;
  }
  friend constexpr bool operator==(Deadline, Deadline) = default;

 private:
  static constexpr Instant never() { return Instant::from_nanoseconds(INT64_MAX); }
  constexpr explicit Deadline(Instant instant) : instant_(instant) {}

  Instant instant_ = never();
};

}  // namespace weft
