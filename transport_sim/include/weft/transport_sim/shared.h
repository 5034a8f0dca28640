#pragma once

#include <cstdint>
#include <utility>

#include "weft/transport_sim/world.h"

namespace weft::sim {

// Something that isolated() coroutines share, and that a reduced search is to know of: two steps
// that use it are tried in both orders if one of them writes.
// Lifetime: within that of its world.
template <class T>
class Shared {
 public:
  explicit Shared(World& world, T value = T())
      : world_(world), number_(world.new_shared()), value_(std::move(value)) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  // What is read and what is written; keep neither over a suspension.
  const T& read() const {
    world_.touch(detail::ObjectKind::shared, number_, detail::Access::read);
    return value_;
  }
  T& write() {
    world_.touch(detail::ObjectKind::shared, number_, detail::Access::write);
    return value_;
  }
  // See World::invariant.
  std::uint32_t number() const { return number_; }

 private:
  World& world_;
  std::uint32_t number_;
  T value_;
};

// Which one it is.
class SharedNumber {
 public:
  template <class T>
  SharedNumber(const Shared<T>& shared) : value(shared.number()) {}  // NOLINT: a list of Shared
  std::uint32_t value;
};

}  // namespace weft::sim
