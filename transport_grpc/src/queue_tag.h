#pragma once

#include <atomic>
#include <cstdint>

namespace weft {

// What GrpcEventLoop finds in its completion queue.
//
// The tag's own atomic makes the hand-over visible to race detectors, which cannot see into the
// library: release before the operation is started, acquire after it was taken from the queue.
class alignas(8) QueueTag {
 public:
  // Of the several operations that may be under way with one tag, `number` tells which has ended.
  using Arrived = void (*)(QueueTag&, unsigned number, bool ok) noexcept;

  explicit QueueTag(Arrived arrived) noexcept : arrived_(arrived) {}
  QueueTag(const QueueTag&) = delete;
  QueueTag& operator=(const QueueTag&) = delete;

  // The pointer to give to core with the operation; its low bits carry `number`, which is below 8.
  void* hand_over(unsigned number = 0) noexcept {
    handed_over_.store(true, std::memory_order_release);
    return reinterpret_cast<char*>(this) + number;
  }

  static void arrive(void* tag, bool ok) noexcept {
    const auto number = static_cast<unsigned>(reinterpret_cast<std::uintptr_t>(tag) & 7);
    auto& self = *reinterpret_cast<QueueTag*>(static_cast<char*>(tag) - number);
    (void)self.handed_over_.load(std::memory_order_acquire);
    self.arrived_(self, number, ok);
  }

 private:
  Arrived arrived_;
  std::atomic<bool> handed_over_ = false;
};

}  // namespace weft
