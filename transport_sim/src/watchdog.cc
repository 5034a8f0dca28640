#include "weft/transport_sim/detail/watchdog.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace weft::sim::detail {
namespace {

// Silence is counted in ticks and not read off a clock, so that a process that was stopped for an
// hour has missed one tick.
constexpr int ticks_per_limit = 8;
// Longer limits, an infinite one among them, are more than a clock can count.
constexpr absl::Duration limit_max = absl::Hours(24 * 365 * 100);
constexpr std::chrono::nanoseconds idle_tick = std::chrono::seconds(1);

iovec piece(const char* text) {
  return {const_cast<char*>(text), std::strlen(text)};
}

}  // namespace

// The process's one thread that looks after all watchdogs: starting one for each exploration would
// cost more than a small exploration does.
class Watchdog::Keeper {
 public:
  static Keeper& of_process() {
    static Keeper keeper;
    return keeper;
  }

  ~Keeper() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    woken_.notify_one();
    thread_.join();
  }

  void add(Watchdog& dog) {
    const std::lock_guard lock(mutex_);
    dogs_.push_back(&dog);
    if (!thread_.joinable()) {
      thread_ = std::thread(&Keeper::keep, this);
    } else if (dog.tick_ < tick_) {
      woken_.notify_one();
    }
  }

  void remove(const Watchdog& dog) {
    const std::lock_guard lock(mutex_);
    std::erase(dogs_, &dog);
  }

 private:
  void keep() {
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
      tick_ = idle_tick;
      for (const Watchdog* dog : dogs_) tick_ = std::min(tick_, dog->tick_);
      const std::chrono::nanoseconds slept = tick_;
      if (woken_.wait_for(lock, slept) == std::cv_status::no_timeout) continue;
      for (Watchdog* dog : dogs_) dog->look(slept);
    }
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  std::thread thread_;
  std::vector<Watchdog*> dogs_;
  std::chrono::nanoseconds tick_ = idle_tick;
  bool is_stopping_ = false;
};

Watchdog::Watchdog(absl::Duration limit, std::string message, const char* token)
    : tick_(absl::ToChronoNanoseconds(std::clamp(limit, absl::Milliseconds(1), limit_max) /
                                      ticks_per_limit)),
      message_(std::move(message)),
      token_(token) {}

Watchdog::~Watchdog() {
  if (is_kept_) Keeper::of_process().remove(*this);
}

void Watchdog::arm() {
  beat();
  is_armed_.store(true, std::memory_order_relaxed);
  if (std::exchange(is_kept_, true)) return;
  Keeper::of_process().add(*this);
}

// The first look, and every one that finds a new beat, only begins to count.
void Watchdog::look(std::chrono::nanoseconds slept) {
  since_last_look_ += slept;
  if (since_last_look_ < tick_) return;
  since_last_look_ = std::chrono::nanoseconds(0);
  const std::uint64_t beats = beats_.load(std::memory_order_acquire);
  if (beats != beats_seen_ || !is_armed_.load(std::memory_order_relaxed)) {
    beats_seen_ = beats;
    silent_ticks_ = 0;
  } else if (++silent_ticks_ >= ticks_per_limit) {
    bark();
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
