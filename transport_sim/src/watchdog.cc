#include "weft/transport_sim/detail/watchdog.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

namespace weft::sim::detail {
namespace {

// Silence is counted in ticks and not read off a clock, so that a process that was stopped for an
// hour has missed one tick.
constexpr int ticks_per_limit = 8;
// Longer limits, an infinite one among them, are more than a clock can count.
constexpr absl::Duration limit_max = absl::Hours(24 * 365 * 100);

iovec piece(const char* text) {
  return {const_cast<char*>(text), std::strlen(text)};
}

}  // namespace

Watchdog::Watchdog(absl::Duration limit, std::string message, const char* token)
    : tick_(std::clamp(limit, absl::Milliseconds(1), limit_max) / ticks_per_limit),
      message_(std::move(message)),
      token_(token) {}

Watchdog::~Watchdog() {
  if (!watcher_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_one();
  watcher_.join();
}

void Watchdog::arm() {
  beat();
  is_armed_.store(true, std::memory_order_relaxed);
  if (!watcher_.joinable()) watcher_ = std::thread(&Watchdog::watch, this);
}

void Watchdog::watch() {
  std::uint64_t beats_seen = beats_.load(std::memory_order_acquire);
  int silent_ticks = 0;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const bool woken =
        stopping_.wait_for(lock, absl::ToChronoNanoseconds(tick_), [this] { return is_stopping_; });
    if (woken) return;
    const std::uint64_t beats = beats_.load(std::memory_order_acquire);
    if (beats != beats_seen || !is_armed_.load(std::memory_order_relaxed)) {
      beats_seen = beats;
      silent_ticks = 0;
    } else if (++silent_ticks >= ticks_per_limit) {
      bark();
    }
  }
}

void Watchdog::bark() const noexcept {
  // The stuck thread may hold any lock, so nothing here takes one: not stdio's, not malloc's.
  const iovec pieces[] = {piece(message_.c_str()), piece(token_ == nullptr ? "" : token_),
                          piece("\n")};
  [[maybe_unused]] const ssize_t written = writev(STDERR_FILENO, pieces, std::size(pieces));
  std::abort();
}

}  // namespace weft::sim::detail
