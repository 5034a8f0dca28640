#include "full_load.h"

#include <malloc.h>

namespace weft::bench {
namespace {

bool watching = false;
std::uint64_t heap_then = 0;

}  // namespace

void watch_full_load(bool watch) {
  watching = watch;
}

void at_full_load() {
  if (watching) heap_then = heap_in_use();
}

std::uint64_t heap_at_full_load() {
  return heap_then;
}

std::uint64_t heap_in_use() {
  const struct mallinfo2 heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

}  // namespace weft::bench
