#include "weft/transport/recycled.h"

#include <array>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
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
  std::size_t kept = 0;
};

// Trivially destructible, so that blocks freed while a thread ends still find it; what is kept then
// is handed back by `Emptier`.
struct FreeLists {
  std::array<SizeClass, class_count> classes;
  bool closed;
};
thread_local constinit FreeLists free_lists = {};
thread_local constinit std::ptrdiff_t balance = 0;

struct Emptier {
  ~Emptier() {
    free_lists.closed = true;
    for (SizeClass& size_class : free_lists.classes) {
      while (FreeBlock* block = size_class.top) {
        size_class.top = block->next;
        ::operator delete(block);
      }
    }
  }
};

std::size_t class_of(std::size_t bytes) {
  return (bytes + class_bytes - 1) / class_bytes - 1;
}

}  // namespace

void* recycled_allocate(std::size_t bytes) {
  ++balance;
  const std::size_t index = class_of(bytes == 0 ? 1 : bytes);
  if (!WEFT_RECYCLE || index >= class_count) return ::operator new(bytes);
  SizeClass& size_class = free_lists.classes[index];
  if (FreeBlock* block = size_class.top) {
    size_class.top = block->next;
    --size_class.kept;
    return block;
  }
  return ::operator new((index + 1) * class_bytes);
}

void recycled_free(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  --balance;
  const std::size_t index = class_of(bytes == 0 ? 1 : bytes);
  const bool keep = WEFT_RECYCLE && index < class_count && !free_lists.closed &&
                    free_lists.classes[index].kept < kept_bytes_max / ((index + 1) * class_bytes);
  if (!keep) {
    ::operator delete(block);
    return;
  }
  thread_local Emptier emptier;
  SizeClass& size_class = free_lists.classes[index];
  size_class.top = ::new (block) FreeBlock{size_class.top};
  ++size_class.kept;
}

std::ptrdiff_t recycled_balance() noexcept {
  return balance;
}

}  // namespace weft
