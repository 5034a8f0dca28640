#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "weft/api/detail/cancellation.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/transport/event_loop.h"

namespace weft::detail {

class ForeignRun;

// What a port and its runs share; see LoopPort. The mutex guards that nothing is handed to a loop
// whose port is closed, and is never held while anybody else's code runs.
class PortState {
 public:
  explicit PortState(EventLoop& its_loop) : loop(its_loop) {}

  // With the mutex held and the port open.
  void hand_over(LoopTask& task) noexcept {
    if (loop.is_current()) {
      loop.defer(task);
    } else {
      loop.post(task);
    }
  }

  // False once the port is closed: the loop may be gone.
  bool is_own_thread() {
    const std::lock_guard lock(mutex);
    return open && loop.is_current();
  }

  EventLoop& loop;
  std::mutex mutex;
  bool open = true;
  std::uint64_t runs_made = 0;
  std::map<std::uint64_t, std::shared_ptr<ForeignRun>> runs;  // that have not ended, in order
};

// What a stop may do, of which the gentlest happens that the work knows.
class Stop {
 public:
  // Ends the call that is waited for; tears a task down.
  static constexpr Stop end() { return Stop(true, false, false); }

  constexpr Stop(bool may_end, bool may_leave, bool may_leave_unchanged)
      : ends(may_end), leaves(may_leave), leaves_unchanged(may_leave_unchanged) {}

  bool ends;
  bool leaves;            // stops waiting and leaves the call alone; not for tasks
  bool leaves_unchanged;  // the same where waiting has begun nothing: not for writes
  friend bool operator==(const Stop&, const Stop&) = default;
};

// One piece of work that a port runs on its loop for somebody elsewhere. It ends once: with what
// the work gave, or stopped.
class ForeignRun : public std::enable_shared_from_this<ForeignRun> {
 public:
  explicit ForeignRun(std::shared_ptr<PortState> port);
  ForeignRun(const ForeignRun&) = delete;
  ForeignRun& operator=(const ForeignRun&) = delete;
  virtual ~ForeignRun() = default;

  // Any thread, once. On a closed port the run ends here, on this thread.
  void start();
  // Any thread, any time; before start() it is remembered. True unless it is known to have ended.
  bool stop(Stop how, std::string_view reason);
  bool ended() const;

  // Loop's thread: ends it now, because its port closes.
  void close();

 protected:
  // For the work, on the loop's thread. It begins.
  virtual void begin() noexcept = 0;
  // True if the work was torn down by it; otherwise it ends by itself, or goes on.
  virtual bool interrupt(Stop how, const std::string& reason) noexcept = 0;
  virtual void tear_down() noexcept = 0;
  // Tells the outcome, and lets go of everything that is the user's.
  virtual void deliver() noexcept = 0;
  virtual void deliver_stopped(std::string_view reason) noexcept = 0;

  // The work has its outcome.
  void work_is_done() noexcept;
  Cancellation& cancellation() { return cancellation_; }

 private:
  enum class State { waiting, running, stopping, done, delivered };

  template <void (ForeignRun::*method)()>
  class RunTask final : public LoopTask {
   public:
    explicit RunTask(ForeignRun& run)
        : LoopTask([](LoopTask& task) noexcept {
            auto& self = static_cast<RunTask&>(task);
            const std::shared_ptr<ForeignRun> keep = std::move(self.kept);
            (self.run_.*method)();
          }),
          run_(run) {}
    std::shared_ptr<ForeignRun> kept;  // while it is in the loop's hands

   private:
    ForeignRun& run_;
  };

  // With the mutex held.
  template <class Task>
  void hand_over(Task& task) {
    task.kept = shared_from_this();
    port_->hand_over(task);
  }
  void begin_now();
  bool is_stopping();
  void stop_now();
  void deliver_now();
  void leave_port();

  std::shared_ptr<PortState> port_;
  State state_ = State::waiting;  // loop's thread
  Cancellation cancellation_;
  // Under the port's mutex.
  bool started_ = false;
  bool ended_ = false;
  std::uint64_t number_ = 0;
  std::optional<Stop> wanted_;
  std::string reason_;

  RunTask<&ForeignRun::begin_now> begin_task_{*this};
  RunTask<&ForeignRun::stop_now> stop_task_{*this};
  RunTask<&ForeignRun::deliver_now> deliver_task_{*this};
};

}  // namespace weft::detail
