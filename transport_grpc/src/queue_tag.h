#pragma once

#include <atomic>

namespace weft {

// What GrpcEventLoop finds in its completion queue.
//
// The tag's own atomic makes the hand-over visible to race detectors, which cannot see into the
// library: release before the operation is started, acquire after it was taken from the queue.
class QueueTag {
 public:
  using Arrived = void (*)(QueueTag&, bool ok) noexcept;

  explicit QueueTag(Arrived arrived) noexcept : arrived_(arrived) {}
  QueueTag(const QueueTag&) = delete;
  QueueTag& operator=(const QueueTag&) = delete;

  // The pointer to give to core with the operation.
  void* hand_over() noexcept {
    handed_over_.store(true, std::memory_order_release);
    return this;
  }

  static void arrive(void* tag, bool ok) noexcept {
    auto& self = *static_cast<QueueTag*>(tag);
    (void)self.handed_over_.load(std::memory_order_acquire);
    self.arrived_(self, ok);
  }

 private:
  Arrived arrived_;
  std::atomic<bool> handed_over_ = false;
};

}  // namespace weft
