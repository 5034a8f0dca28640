#pragma once

#include <coroutine>
#include <exception>
#include <source_location>
#include <string>

#include "weft/api/detail/cancellation.h"
#include "weft/api/detail/observed_wait.h"
#include "weft/api/detail/root_coroutine.h"
#include "weft/api/task.h"
#include "weft/transport/event_loop.h"

namespace weft {

// Runs tasks side by side on one loop, none of which outlives the scope.
//
//   weft::TaskScope scope(loop);
//   scope.spawn(read_all(call));
//   scope.spawn(write_all(call));
//   co_await scope.join();
//
// Lifetime: the destructor cancels what still runs, with the reason of the task that holds the
// scope if that was cancelled. It must not run inside one of the children. Threads: the loop's
// thread. Errors: the first exception of a child is rethrown by join(); a scope that is destroyed
// while it holds one ends the process, as an exception nobody can catch does.
class TaskScope {
 public:
  explicit TaskScope(EventLoop& loop) : loop_(loop) {}
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  // Starts the task in the loop's next turn.
  void spawn(Task<void> task);

  // Tears down every child, spawned ones that have not started included: frames are destroyed, and
  // call operations that they were waiting for end their calls as CANCELLED with `reason`
  // (B191-B194, B204). Takes effect in the loop's next turn, so a child may call it. Children
  // spawned later are not affected.
  void cancel(std::string reason = "");

  std::size_t running() const { return running_; }

  class JoinAwaiter final : public LoopTask {
   public:
    explicit JoinAwaiter(TaskScope& scope)
        : LoopTask([](LoopTask& task) noexcept { static_cast<JoinAwaiter&>(task).go_on(); }),
          scope_(scope) {}
    bool await_ready() const { return scope_.running_ == 0; }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      handle_ = handle;
      scope_.joiners_.push(*this);
      wait_.begin(scope_.loop_, handle, "join", where);
    }
    void await_resume() {
      wait_.end();
      scope_.rethrow_first_error();
    }

   private:
    void go_on() {
      if (await_ready()) return handle_.resume();
      scope_.joiners_.push(*this);  // a child came in between
    }
    TaskScope& scope_;
    std::coroutine_handle<> handle_;
    detail::ObservedWait wait_;
  };
  class Join {
   public:
    explicit Join(TaskScope& scope) : scope_(&scope) {}
    JoinAwaiter operator co_await() const { return JoinAwaiter(*scope_); }

   private:
    TaskScope* scope_;
  };
  // Waits until no child runs; children that were cancelled count as ended.
  Join join() { return Join(*this); }

 private:
  class Child;

  void child_done(Child& child) noexcept;
  void unlink(Child& child) noexcept;
  void rethrow_first_error();
  void wake_joiners();

  EventLoop& loop_;
  Child* children_ = nullptr;
  std::size_t running_ = 0;
  std::exception_ptr first_error_;
  LoopTaskQueue joiners_;
};

}  // namespace weft
