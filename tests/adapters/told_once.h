#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "latch.h"

namespace weft::test {

// What an adapter tells, which it does once. `co_await told.known()` waits for it.
template <class T>
class ToldOnce {
 public:
  explicit ToldOnce(EventLoop& loop) : loop_(loop), known_(loop) {}
  ToldOnce(const ToldOnce&) = delete;
  ToldOnce& operator=(const ToldOnce&) = delete;

  // Tells it; on the loop's thread.
  auto teller() {
    return [this](T outcome) {
      EXPECT_FALSE(outcome_.has_value()) << "told twice";
      EXPECT_TRUE(loop_.is_current());
      outcome_.emplace(std::move(outcome));
      known_.open();
    };
  }

  Latch& known() { return known_; }
  bool is_known() const { return outcome_.has_value(); }
  const T& operator*() const { return *outcome_; }
  const T* operator->() const { return &*outcome_; }

 private:
  EventLoop& loop_;
  Latch known_;
  std::optional<T> outcome_;
};

}  // namespace weft::test
