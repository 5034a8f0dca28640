#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace weft::sim::detail {

// Ends the process when one thread, the one under watch, makes no step for too long in real time:
// code that spins or blocks where it should suspend would otherwise hang without a word.
//
// Everything is called by the thread under watch. The watching is done by one thread for all
// watchdogs of the process, which the first arm() starts and the end of the process ends.
class Watchdog {
 public:
  // When no beat comes for `limit` while armed, `message`, the text at `token` and a newline are
  // written to standard error, at once, and the process aborts. It never happens before the limit,
  // and at most an eighth of it late, on a machine that is not overloaded. Time in which the whole
  // process stood still, as in a debugger, counts little.
  //
  // `token` may be null, as when a CrashNote, which hears of the abort, is to name it. Otherwise it
  // is zero-terminated, outlives the watchdog, and is changed only between a step's end and the
  // beat of the next.
  Watchdog(absl::Duration limit, std::string message, const char* token = nullptr);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  // Watches from now on, until disarm(). Cheap, but for the first time.
  void arm();
  void disarm() noexcept { is_armed_.store(false, std::memory_order_relaxed); }

  // A step begins. About a nanosecond. Harmless when not armed.
  void beat() noexcept {
    // One thread writes. Released, since the token goes with it.
    beats_.store(beats_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

 private:
  class Keeper;

  // On the keeper's thread, so long after its last look.
  void look(std::chrono::nanoseconds slept);
  [[noreturn]] void bark() const noexcept;

  const std::chrono::nanoseconds tick_;
  const std::string message_;
  const char* const token_;
  std::atomic<std::uint64_t> beats_ = 0;
  std::atomic<bool> is_armed_ = false;
  bool is_kept_ = false;
  // The keeper's.
  std::uint64_t beats_seen_ = 0;
  int silent_ticks_ = 0;
  std::chrono::nanoseconds since_last_look_{0};
};

}  // namespace weft::sim::detail
