#include "resilient.h"

#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/when_any.h"

namespace resilient {

using routeguide::Feature;

// [retry]
// GetFeature only reads, so it does not matter whether the server has run an attempt that failed.
weft::Task<absl::StatusOr<Feature>> get_with_retries(routeguide::RouteGuideClient client,
                                                     weft::EventLoop& loop, routeguide::Point where,
                                                     Patience patience) {
  const weft::Deadline deadline = weft::Deadline::after(loop.now(), patience.budget);
  absl::Duration pause = patience.first_pause;
  for (std::size_t attempt = 1;; ++attempt) {
    auto call = client.get_feature(where, weft::CallOptions().deadline(deadline));
    const absl::StatusOr<Feature>& answer = co_await call;
    const bool again = answer.status().code() == absl::StatusCode::kUnavailable &&
                       attempt < patience.attempts_max && pause < deadline.remaining(loop.now());
    if (!again) co_return answer;
    co_await weft::sleep_for(loop, pause);  // the backoff, for the server's sake
    pause *= 2;
  }
}
// [/retry]

// [hedge]
// The server runs it twice, if both calls are made: for what only reads.
weft::Task<absl::StatusOr<Feature>> get_hedged(routeguide::RouteGuideClient client,
                                               weft::EventLoop& loop, routeguide::Point where,
                                               Patience patience) {
  const weft::Deadline deadline = weft::Deadline::after(loop.now(), patience.budget);
  auto first = client.get_feature(where, weft::CallOptions().deadline(deadline));
  // The first attempt's time alone, which an answer cuts short.
  auto head_start =
      co_await weft::when_any(first.status(), weft::sleep_for(loop, patience.head_start));
  const bool answered = head_start.index() == 0 && std::get<0>(head_start).ok();
  if (answered) co_return co_await first;

  auto second = client.get_feature(where, weft::CallOptions().deadline(deadline));
  auto race = co_await weft::when_any(first.status(), second.status());
  const auto& ahead = race.index() == 0 ? first : second;
  const auto& behind = race.index() == 0 ? second : first;
  const absl::StatusOr<Feature>& answer = co_await ahead;
  if (!answer.ok()) co_return co_await behind;  // a failure wins nothing
  behind.cancel("the other call was faster");
  co_return answer;
}
// [/hedge]

}  // namespace resilient
