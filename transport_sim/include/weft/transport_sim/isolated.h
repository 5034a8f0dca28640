#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <exception>
#include <utility>

#include "weft/transport/recycled.h"
#include "weft/transport_sim/detail/domain_scope.h"

namespace weft::sim {

namespace detail {

class IsolatedGroup;

// Runs one awaitable in a domain of its own.
class IsolatedCoroutine {
 public:
  class promise_type : public Recycled {
   public:
    class Arrival {
     public:
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> handle) const noexcept;
      void await_resume() const noexcept {}
    };

    IsolatedCoroutine get_return_object() noexcept {
      return IsolatedCoroutine(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Arrival final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }

    IsolatedGroup* group = nullptr;
    std::exception_ptr error;
  };

  explicit IsolatedCoroutine(std::coroutine_handle<promise_type> handle) noexcept
      : handle_(handle) {}
  IsolatedCoroutine(IsolatedCoroutine&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  IsolatedCoroutine& operator=(IsolatedCoroutine&&) = delete;
  ~IsolatedCoroutine() { destroy(); }

  void start(IsolatedGroup& group) {
    handle_.promise().group = &group;
    handle_.resume();
  }
  const std::exception_ptr& error() const { return handle_.promise().error; }
  bool is_over() const { return handle_.done(); }
  void destroy() noexcept {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

// Several that were started together, and whoever awaits them.
class IsolatedGroup {
 public:
  explicit IsolatedGroup(World& world) : world_(world), where_(world.new_domain()) {}
  IsolatedGroup(const IsolatedGroup&) = delete;
  IsolatedGroup& operator=(const IsolatedGroup&) = delete;
  ~IsolatedGroup();

  void add(IsolatedCoroutine coroutine) {
    members_.emplace_back(std::move(coroutine), world_.new_domain());
  }
  // False if all of them are over at once.
  bool start(std::coroutine_handle<> waiter);
  void arrive() noexcept;
  void rethrow_first() const;

 private:
  class Member {
   public:
    Member(IsolatedCoroutine its_coroutine, std::uint32_t its_domain)
        : coroutine(std::move(its_coroutine)), domain(its_domain) {}
    IsolatedCoroutine coroutine;
    std::uint32_t domain;
  };

  World& world_;
  std::uint32_t where_;
  std::uint32_t waiter_domain_ = 0;
  std::deque<Member> members_;
  std::size_t left_ = 0;
  std::coroutine_handle<> waiter_;
};

template <class Awaitable>
IsolatedCoroutine run_isolated(Awaitable awaitable) {
  co_await std::move(awaitable);
}

}  // namespace detail

// What isolated() gives: await it once.
class [[nodiscard]] Isolated {
 public:
  template <class... Awaitables>
  explicit Isolated(World& world, Awaitables... awaitables) : group_(world) {
    (group_.add(detail::run_isolated(std::move(awaitables))), ...);
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) { return group_.start(waiter); }
  void await_resume() const { group_.rethrow_first(); }

 private:
  detail::IsolatedGroup group_;
};

// Awaits all of these awaitables, such as weft::Task<>, started in order and running side by side.
// Says of them that they share nothing with each other and with the rest of the program but calls,
// channels and timers (which the simulator sees) and Shared objects: no variable that one writes
// and another reads. So a reduced search need not try both orders of two steps only because each
// runs code; K calls of n traces each have n to the power of K instead of all their merges. Other
// searches take no notice.
//
// The audit of a reduced search finds some violations of it; a build with recorded accesses finds
// those of memory. An exception is rethrown when all are over. Destroying the waiting frame
// destroys all of them; they are not cancelled with it otherwise.
//
//   co_await weft::sim::isolated(world, download(world, channel_a), download(world, channel_b));
template <class... Awaitables>
Isolated isolated(World& world, Awaitables... awaitables) {
  return Isolated(world, std::move(awaitables)...);
}

}  // namespace weft::sim
