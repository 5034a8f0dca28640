#include "weft/transport/recycled.h"

#include <array>
#include <new>

#if defined(WEFT_RECYCLE)
#elif defined(__SANITIZE_ADDRESS__)
#define WEFT_RECYCLE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_RECYCLE 0
#endif
#endif
#ifndef WEFT_RECYCLE
#define WEFT_RECYCLE 1
#endif

namespace weft {
namespace {

constexpr std::size_t class_bytes = 64;
constexpr std::size_t class_count = 64;
constexpr std::size_t kept_bytes_max = std::size_t{256} * 1024;

struct FreeBlock {
  FreeBlock* next;
};

struct SizeClass {
  FreeBlock* top = nullptr;
  std::size_t room = 0;  // for so many more blocks
};

// Trivially destructible, so that blocks freed while a thread ends still find it; what is kept then
// is handed back by `Emptier`. There is room for nothing before the first one is freed, and after
// the thread's end.
struct FreeLists {
  std::array<SizeClass, class_count> classes;
  bool was_opened;
};
thread_local constinit FreeLists free_lists = {};
thread_local constinit std::ptrdiff_t balance = 0;

struct Emptier {
  Emptier() {
    free_lists.was_opened = true;
    for (std::size_t index = 0; index < class_count; ++index) {
      free_lists.classes[index].room = kept_bytes_max / ((index + 1) * class_bytes);
    }
  }
  ~Emptier() {
    for (SizeClass& size_class : free_lists.classes) {
      size_class.room = 0;
      while (FreeBlock* block = size_class.top) {
        size_class.top = block->next;
        ::operator delete(block);
      }
    }
  }
};

// Beyond all classes for no bytes.
std::size_t class_of(std::size_t bytes) {
  return (bytes - 1) / class_bytes;
}

// Where there is no room. The first block of a thread makes it.
[[gnu::noinline]] void free_without_room(void* block, std::size_t bytes) noexcept {
  if (!free_lists.was_opened) {
    thread_local const Emptier emptier;
    ++balance;  // counted again
    return recycled_free(block, bytes);
  }
  ::operator delete(block);
}

}  // namespace

void* recycled_allocate(std::size_t bytes) {
  ++balance;
  const std::size_t index = class_of(bytes);
  if (!WEFT_RECYCLE || index >= class_count) return ::operator new(bytes);
  SizeClass& size_class = free_lists.classes[index];
  if (FreeBlock* block = size_class.top) {
    size_class.top = block->next;
    ++size_class.room;
    return block;
  }
  return ::operator new((index + 1) * class_bytes);
}

void recycled_free(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  --balance;
  const std::size_t index = class_of(bytes);
  if (!WEFT_RECYCLE || index >= class_count) {
    ::operator delete(block);
    return;
  }
  SizeClass& size_class = free_lists.classes[index];
  if (size_class.room == 0) return free_without_room(block, bytes);
  size_class.top = ::new (block) FreeBlock{size_class.top};
  --size_class.room;
}

std::ptrdiff_t recycled_balance() noexcept {
  return balance;
}

}  // namespace weft
