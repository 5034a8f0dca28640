#pragma once

#include <coroutine>
#include <functional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "traveller.h"
#include "weft/api/when_all.h"
#include "weft/transport/event_loop.h"

namespace routeguide {

// Set once; one coroutine may await it. Part of the example, and in order.
class Flag {
 public:
  explicit Flag(weft::EventLoop& loop) : loop_(loop) {}

  void set() {
    set_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  bool await_ready() const { return set_; }
  void await_suspend(std::coroutine_handle<> waiter,
                     std::source_location where = std::source_location::current()) {
    waiter_ = waiter;
    // So that a simulator can say who waits.
    if (weft::WaitObserver* observer = loop_.wait_observer()) {
      observer->waits(waiter.address(), "flag", "connected", where);
    }
  }
  void await_resume() const {}

 private:
  weft::EventLoop& loop_;
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

// A chat that writes nothing before it is connected, and that can be left at any time. It has a
// bug, which no run over a real network shows: look for it before you read on in broken_chat.cc.
class BrokenChat {
 public:
  BrokenChat(const RouteGuideClient& client, weft::EventLoop& loop, std::vector<RouteNote> notes)
      : chat_(client.route_chat()), connected_(loop), notes_(std::move(notes)) {}

  weft::Task<absl::Status> run() {
    auto all = weft::when_all(watch_connection(), write_notes(), read_notes());
    co_await std::move(all);
    co_return co_await chat_.status();
  }

  void hang_up() { chat_.cancel("the user hung up"); }

 private:
  // [broken]
  weft::Task<void> watch_connection() {
    const absl::Status connected = co_await chat_.wait_for_connection();
    if (!connected.ok()) co_return;  // the call is over, and its status says why
    connected_.set();
  }

  weft::Task<void> write_notes() {
    co_await connected_;
    for (const RouteNote& note : notes_) {
      if (!(co_await chat_.write(note)).ok()) co_return;
    }
    co_await chat_.done_writing();
  }
  // [/broken]

  weft::Task<void> read_notes() {
    while (auto note = co_await chat_.read()) {
    }
  }

  Chat chat_;
  Flag connected_;
  std::vector<RouteNote> notes_;
};

}  // namespace routeguide
