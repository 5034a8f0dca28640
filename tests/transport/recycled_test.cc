// Memory that is used again.

#include "weft/transport/recycled.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace weft::test {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool recycles = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool recycles = false;
#else
constexpr bool recycles = true;
#endif
#else
constexpr bool recycles = true;
#endif

TEST(Recycled, BlocksOfEverySizeCanBeWritten) {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (std::size_t bytes = 0; bytes < 10'000; bytes += 37) {
    void* block = recycled_allocate(bytes);
    ASSERT_NE(block, nullptr);
    std::memset(block, 0x5a, bytes);
    blocks.emplace_back(block, bytes);
  }
  for (const auto& [block, bytes] : blocks) {
    for (std::size_t i = 0; i < bytes; ++i) {
      ASSERT_EQ(static_cast<unsigned char*>(block)[i], 0x5a) << "blocks overlap";
    }
    recycled_free(block, bytes);
  }
}

TEST(Recycled, AFreedBlockServesTheNextOfItsSize) {
  if (!recycles) GTEST_SKIP() << "AddressSanitizer must see each free";
  void* first = recycled_allocate(100);
  recycled_free(first, 100);
  void* second = recycled_allocate(120);  // the same class: 65..128
  EXPECT_EQ(second, first);
  void* third = recycled_allocate(120);
  EXPECT_NE(third, second);
  recycled_free(second, 120);
  recycled_free(third, 120);
}

TEST(Recycled, ABlockOfAnotherSizeIsNotHandedOut) {
  void* small = recycled_allocate(64);
  recycled_free(small, 64);
  void* larger = recycled_allocate(65);
  std::memset(larger, 1, 65);
  if (recycles) {
    EXPECT_NE(larger, small);
  }
  recycled_free(larger, 65);
}

TEST(Recycled, FreeingNullIsHarmless) {
  recycled_free(nullptr, 64);
}

TEST(Recycled, ABlockMayBeFreedOnAnotherThread) {
  for (int round = 0; round < 100; ++round) {
    void* block = recycled_allocate(256);
    std::thread other([block] {
      recycled_free(block, 256);
      void* again = recycled_allocate(256);
      std::memset(again, 1, 256);
      recycled_free(again, 256);
    });
    other.join();
  }
}

TEST(Recycled, MoreBlocksThanAreKeptAreFreedAll) {
  std::vector<void*> blocks;
  for (int i = 0; i < 1'000; ++i) blocks.push_back(recycled_allocate(4096));
  for (void* block : blocks) recycled_free(block, 4096);
}

class Counter : public Recycled {
 public:
  explicit Counter(int& live) : live_(live) { ++live_; }
  ~Counter() { --live_; }

 private:
  int& live_;
};

TEST(Recycled, AClassThatDerivesFromItIsMadeAndDestroyedAsUsual) {
  int live = 0;
  auto* first = new Counter(live);
  auto* second = new Counter(live);
  EXPECT_EQ(live, 2);
  delete first;
  delete second;
  EXPECT_EQ(live, 0);
}

}  // namespace
}  // namespace weft::test
