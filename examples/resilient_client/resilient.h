#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "route_guide.weft.pb.h"
#include "weft/api/task.h"
#include "weft/transport/event_loop.h"

// Two ways to get an answer out of a service that is sometimes slow and sometimes away. Both may
// have the server run a call more than once, which is for idempotent methods alone: they ask for a
// feature, which may be asked for any number of times. For others see CallStatus::progress.
namespace resilient {

class Patience {
 public:
  Patience() = default;
  // For all attempts and pauses together.
  absl::Duration budget = absl::Seconds(2);
  std::size_t attempts_max = 4;
  // Doubled with each attempt.
  absl::Duration first_pause = absl::Milliseconds(50);
  // How long the first of two calls has before the second one is made.
  absl::Duration head_start = absl::Milliseconds(100);
};

// Tries again what ends with UNAVAILABLE, while there are attempts and time.
weft::Task<absl::StatusOr<routeguide::Feature>> get_with_retries(
    routeguide::RouteGuideClient client, weft::EventLoop& loop, routeguide::Point where,
    Patience patience);

// Asks a second time when the first answer takes long, or is a failure; the answer that comes first
// counts, and the other call is cancelled.
weft::Task<absl::StatusOr<routeguide::Feature>> get_hedged(routeguide::RouteGuideClient client,
                                                           weft::EventLoop& loop,
                                                           routeguide::Point where,
                                                           Patience patience);

}  // namespace resilient
