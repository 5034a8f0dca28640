#include "allocation_count.h"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

// The C library's own names for its functions: what dlsym may use while it looks for the others.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names are glibc's.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

constinit std::atomic<std::uint64_t> count = 0;
constinit thread_local bool is_resolving = false;

void count_one() {
  count.fetch_add(1, std::memory_order_relaxed);
}

// The function of this name that would be called without us, found on first use. It is not always
// the C library's: a heap profiler may have been preloaded.
template <class Function>
class Next {
 public:
  constexpr Next(const char* name, Function* fallback) : name_(name), fallback_(fallback) {}

  template <class... Arguments>
  void* operator()(Arguments... arguments) {
    Function* function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) function = resolve();
    return function(arguments...);
  }

 private:
  Function* resolve() {
    if (is_resolving) return fallback_;
    is_resolving = true;
    auto* found = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name_));
    is_resolving = false;
    if (found == nullptr) found = fallback_;
    function_.store(found, std::memory_order_relaxed);
    return found;
  }

  const char* name_;
  Function* fallback_;
  std::atomic<Function*> function_ = nullptr;
};

constinit Next<void*(std::size_t)> next_malloc("malloc", &__libc_malloc);
constinit Next<void*(std::size_t, std::size_t)> next_calloc("calloc", &__libc_calloc);
constinit Next<void*(void*, std::size_t)> next_realloc("realloc", &__libc_realloc);
constinit Next<void*(std::size_t, std::size_t)> next_memalign("memalign", &__libc_memalign);

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  count_one();
  return next_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  count_one();
  return next_calloc(number, size);
}

void* realloc(void* block, std::size_t size) {
  count_one();
  return next_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count_one();
  return next_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"

namespace weft::bench {

std::uint64_t allocation_count() {
  return count.load(std::memory_order_relaxed);
}

}  // namespace weft::bench
