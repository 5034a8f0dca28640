#pragma once

#include <coroutine>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "weft/adapters/future.h"
#include "weft/api/task.h"

namespace weft {

namespace detail {

template <class T>
class MadeOnLoop {
 public:
  T* object;
  std::thread::id thread;
};

class Forever {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

template <class T, class Make>
Task<void> keep_until_torn_down(const Make& make, std::promise<MadeOnLoop<T>> made) {
  T object = make();
  made.set_value({&object, std::this_thread::get_id()});
  co_await Forever();
}

// Both throw std::system_error.
void refuse_making_on_own_thread(PortState& port);
[[noreturn]] void throw_not_made();

}  // namespace detail

// Something that belongs to a loop, for an owner on another thread: made and destroyed on the
// loop's.
//
//   weft::LoopThread<weft::GrpcEventLoop> background;
//   weft::OnLoop<weft::Channel> channel(background.port(), transport, background.loop());
//   auto reply = weft::start_future(background.port(),
//                                   [&] { return channel->unary_unary(get, key); });
//
// Lifetime: the T lives until this goes or the port closes, whichever is first.
// Threads: made on any thread but the loop's, where a plain T does the same, and destroyed on any.
// Where the T may be used is the T's affair: a Channel on the loop's thread alone, by work.
template <class T>
class OnLoop {
 public:
  // Makes T(arguments...) on the loop's thread, and waits until that is done.
  // Throws what T's constructor throws; std::system_error with operation_canceled if the port is
  // closed, or closes meanwhile, and with resource_deadlock_would_occur on the loop's own thread.
  template <class... Arguments>
  explicit OnLoop(LoopPort& port, Arguments&&... arguments) : port_(port.state()) {
    detail::refuse_making_on_own_thread(*port_);
    auto make = [&] { return T(std::forward<Arguments>(arguments)...); };
    std::promise<Made> made;
    std::future<Made> object = made.get_future();
    auto work = [&make, made = std::move(made)]() mutable {
      return detail::keep_until_torn_down<T>(make, std::move(made));
    };
    kept_ = std::make_unique<Kept>(start_future(port, std::move(work)));
    try {
      const Made result = object.get();
      object_ = result.object;
      made_by_ = result.thread;
    } catch (const std::future_error&) {  // broken by whatever ended the work before
      (void)kept_->get();
      detail::throw_not_made();
    }
  }
  OnLoop(const OnLoop&) = delete;
  OnLoop& operator=(const OnLoop&) = delete;

  // Destroys it there, and waits until that is done; on the loop's own thread it goes in the next
  // turn instead. Nothing is left to do if the port has closed.
  ~OnLoop() {
    kept_->cancel();
    // A port that is about to be closed does not know its thread any more.
    if (std::this_thread::get_id() != made_by_ && !port_->is_own_thread()) kept_->wait();
  }

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  using Kept = LoopFuture<absl::Status>;
  using Made = detail::MadeOnLoop<T>;

  std::shared_ptr<detail::PortState> port_;
  std::unique_ptr<Kept> kept_;
  T* object_ = nullptr;
  std::thread::id made_by_;
};

}  // namespace weft
