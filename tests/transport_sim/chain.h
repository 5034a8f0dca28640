#pragma once

#include <coroutine>
#include <functional>
#include <string>
#include <utility>

#include "weft/transport_sim/world.h"

namespace weft::test {

// A process of `length` events that follow one another, for models of the explorer itself.
class Chain final : public sim::EventSource {
 public:
  // `after` runs after each event, with the number of events so far.
  Chain(sim::World& world, std::string name, std::size_t length,
        std::function<void(std::size_t)> after = nullptr,
        sim::EventClass event_class = sim::EventClass::network)
      : world_(world),
        text_(std::move(name)),
        name_(text_),
        length_(length),
        after_(std::move(after)),
        class_(event_class),
        cause_(world.new_cause()) {
    if (length_ > 0) world_.enable(class_, *this, cause_);
  }

  std::size_t happened() const { return happened_; }
  bool finished() const { return happened_ == length_; }

  sim::Label label() const override {
    return sim::Label(name_, static_cast<std::uint32_t>(happened_ + 1));
  }
  void fire() override {
    if (++happened_ < length_) world_.enable(class_, *this, cause_);
    if (after_) after_(happened_);
  }

 private:
  sim::World& world_;
  std::string text_;
  sim::Label::Name name_;
  std::size_t length_;
  std::function<void(std::size_t)> after_;
  sim::EventClass class_;
  sim::Cause cause_;  // of the whole chain, from the beginning
  std::size_t happened_ = 0;
};

// Something to be awaited until it is opened.
class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void open() {
    open_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  class Awaiter {
   public:
    explicit Awaiter(Gate& gate) : gate_(gate) {}
    bool await_ready() const { return gate_.open_; }
    void await_suspend(std::coroutine_handle<> handle) { gate_.waiter_ = handle; }
    void await_resume() const {}

   private:
    Gate& gate_;
  };
  Awaiter operator co_await() { return Awaiter(*this); }

 private:
  bool open_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace weft::test
