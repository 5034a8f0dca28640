#pragma once

#include <utility>

namespace weft::test {

// A value that counts how many of its kind are alive and holds heap memory of its own, so that
// a missing or a second destruction shows in the count or in a sanitizer.
class Tracked {
 public:
  explicit Tracked(int number = 0) : value_(new int(number)) { ++live_; }
  Tracked(const Tracked& other) : value_(new int(*other.value_)) { ++live_; }
  Tracked(Tracked&& other) noexcept : value_(std::exchange(other.value_, nullptr)) { ++live_; }
  Tracked& operator=(Tracked other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Tracked() {
    delete value_;
    --live_;
  }

  int value() const { return value_ == nullptr ? -1 : *value_; }

  static int live() { return live_; }

 private:
  static inline int live_ = 0;
  int* value_;
};

}  // namespace weft::test
