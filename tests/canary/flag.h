#pragma once

#include <coroutine>
#include <utility>

namespace weft::test {

// Something that one coroutine awaits, which may go away meanwhile. Once raised, it stays so.
class Flag {
 public:
  Flag() = default;
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

  void raise() {
    raised_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  bool is_raised() const { return raised_; }

  class Awaiter {
   public:
    explicit Awaiter(Flag& flag) : flag_(flag) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() { flag_.waiter_ = nullptr; }

    bool await_ready() const { return flag_.raised_; }
    void await_suspend(std::coroutine_handle<> handle) { flag_.waiter_ = handle; }
    void await_resume() const {}

   private:
    Flag& flag_;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  bool raised_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace weft::test
