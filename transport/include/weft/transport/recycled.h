#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace weft {

// Memory for short-lived objects of a call: call state, streams, coroutine frames. Freed blocks of
// up to 4 KiB are kept per thread in size classes of 64 bytes, at most 256 KiB a class, so that a
// call in steady state allocates nothing. Larger blocks, and every block under AddressSanitizer
// (which must see each free), go straight to the heap.
// Threads: any; a block may be freed on another thread than it came from, and is then kept there.
void* recycled_allocate(std::size_t bytes);
void recycled_free(void* block, std::size_t bytes) noexcept;
// Blocks that this thread allocated, less those that it freed. A thread on which nothing is handed
// to others ends where it began, or it has leaked.
std::ptrdiff_t recycled_balance() noexcept;

// Gives a class operator new and delete over recycled memory.
class Recycled {
 public:
  static void* operator new(std::size_t bytes) { return recycled_allocate(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept {
    recycled_free(block, bytes);
  }
};

// The same memory for containers and shared objects.
template <class T>
class RecyclingAllocator {
 public:
  using value_type = T;

  RecyclingAllocator() noexcept = default;
  template <class Other>
  RecyclingAllocator(const RecyclingAllocator<Other>&) noexcept {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) { return static_cast<T*>(recycled_allocate(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { recycled_free(block, count * sizeof(T)); }

  friend bool operator==(const RecyclingAllocator&, const RecyclingAllocator&) = default;
};

template <class T, class... Arguments>
std::shared_ptr<T> make_recycled(Arguments&&... arguments) {
  return std::allocate_shared<T>(RecyclingAllocator<T>(), std::forward<Arguments>(arguments)...);
}

}  // namespace weft
