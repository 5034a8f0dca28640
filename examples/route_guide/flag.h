#pragma once

#include <coroutine>
#include <source_location>
#include <utility>

#include "weft/transport/event_loop.h"
#include "weft/transport/wait_observer.h"

namespace routeguide {

// An awaitable of the demo's own: set once, awaited by one coroutine, which goes on within set().
//
//   co_await connected;
//
// It tells the loop's observer who waits, so that a simulator can name them.
// Lifetime: outlives whoever awaits it. Threads: the loop's.
class Flag {
 public:
  explicit Flag(weft::EventLoop& loop) : loop_(loop) {}
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

  void set() {
    set_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  class Awaiter {
   public:
    explicit Awaiter(Flag& flag) : flag_(flag) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      if (observer_ != nullptr) observer_->waits_no_more(handle_.address());
      if (handle_ && flag_.waiter_ == handle_) flag_.waiter_ = nullptr;
    }
    bool await_ready() const { return flag_.set_; }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      handle_ = handle;
      flag_.waiter_ = handle;
      observer_ = flag_.loop_.wait_observer();
      if (observer_ != nullptr) observer_->waits(handle.address(), "flag", "", where);
    }
    void await_resume() const {}

   private:
    Flag& flag_;
    std::coroutine_handle<> handle_;
    weft::WaitObserver* observer_ = nullptr;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  weft::EventLoop& loop_;
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace routeguide
