#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace weft::sim::detail {

// Ends the process when one thread, the one under watch, makes no step for too long in real time:
// code that spins or blocks where it should suspend would otherwise hang without a word.
//
// Everything is called by the thread under watch. The watching is done by a thread of its own,
// which the first arm() starts and the destructor ends.
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
  void watch();
  [[noreturn]] void bark() const noexcept;

  const absl::Duration tick_;
  const std::string message_;
  const char* const token_;
  std::atomic<std::uint64_t> beats_ = 0;
  std::atomic<bool> is_armed_ = false;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool is_stopping_ = false;
  std::thread watcher_;
};

}  // namespace weft::sim::detail
