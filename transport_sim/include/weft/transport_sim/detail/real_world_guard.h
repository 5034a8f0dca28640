#pragma once

// Catches code under simulation that asks the real world: the clock, a real sleep, real randomness.
//
// Asking is noticed only in an executable that links the interposers (the target
// weft_sim_real_world_guard, real_world_interposers.cc): they stand before the C library's
// functions of these names, libstdc++'s std::random_device and Abseil's clock, for every library of
// the process. Elsewhere a guard does nothing. Not noticed anywhere: the processor's own counter
// and generator (rdtsc, rdrand; so also a static libstdc++'s std::random_device), raw system calls,
// reads of /dev/urandom, and waits with a timeout on something else than the clock (poll, a
// condition variable), except that most of these read a clock first.

namespace weft::sim::detail {

class RealWorldGuard;
class RealWorldPause;

// While one lives, what this thread asks of the real world is reported. Guards nest: the inner one
// is told. Construction and destruction cost about a nanosecond; both belong to the same thread.
class RealWorldGuard {
 public:
  // `what` is the function that was called, such as "clock_gettime"; `where` says who called it,
  // innermost first, as far as symbols tell, or "unknown". Both live until the handler returns.
  //
  // It runs on the asking thread, unguarded: it may itself ask for anything. Afterwards the call
  // goes on for real; only a sleep returns at once, as if it had slept. (So a loop that sleeps
  // until the clock says so spins, and reports each turn.)
  using Handler = void (*)(void* context, const char* what, const char* where) noexcept;

  // `context` goes to each call of `handler`, which must not be null.
  RealWorldGuard(Handler handler, void* context) noexcept
      : handler_(handler), context_(context), outer_(current) {
    current = this;
  }
  RealWorldGuard(const RealWorldGuard&) = delete;
  RealWorldGuard& operator=(const RealWorldGuard&) = delete;
  ~RealWorldGuard() { current = outer_; }

  // Whether this executable links the interposers. Any thread.
  static bool is_effective() noexcept;

 private:
  friend class RealWorldPause;
  friend class RealWorldCall;

  // The thread's innermost guard. Interposers read it before the dynamic loader is done, so it must
  // be reached without a function call.
  [[gnu::tls_model("initial-exec")]] static constinit thread_local RealWorldGuard* current;

  Handler handler_;
  void* context_;
  RealWorldGuard* outer_;
};

// While one lives, this thread is not guarded: for the simulator's own dealings with the real world
// in the midst of an execution.
class RealWorldPause {
 public:
  RealWorldPause() noexcept : paused_(RealWorldGuard::current) {
    RealWorldGuard::current = nullptr;
  }
  RealWorldPause(const RealWorldPause&) = delete;
  RealWorldPause& operator=(const RealWorldPause&) = delete;
  ~RealWorldPause() { RealWorldGuard::current = paused_; }

 private:
  friend class RealWorldCall;

  RealWorldGuard* paused_;
};

// One call into the real world, made in an interposer: reports it if the thread is guarded, and
// lifts the guard until the call is over, so that what the real function calls is not reported
// again. `caller` is where the interposer returns to.
class RealWorldCall {
 public:
  explicit RealWorldCall(const char* what,
                         const void* caller = __builtin_return_address(0)) noexcept {
    if (pause_.paused_ != nullptr) report(*pause_.paused_, what, caller);
  }

  bool was_reported() const noexcept { return pause_.paused_ != nullptr; }

 private:
  // Keeps errno.
  static void report(const RealWorldGuard& guard, const char* what, const void* caller) noexcept;

  RealWorldPause pause_;
};

// What makes RealWorldGuard::is_effective() true; for the interposers.
void note_interposers() noexcept;

}  // namespace weft::sim::detail
