#pragma once

#include "weft/api/channel.h"

namespace weft::test {

// Awaits that the channel is in this state; it does not connect by itself.
inline Task<> until(const Channel& channel, ConnectivityState wanted) {
  for (ConnectivityState now = channel.state(); now != wanted;) {
    auto change = channel.wait_for_state_change(now);
    const absl::StatusOr<ConnectivityState> then = co_await std::move(change);
    now = then.value();
  }
}

}  // namespace weft::test
