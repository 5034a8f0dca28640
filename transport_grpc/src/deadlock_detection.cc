#include "weft/transport_grpc/deadlock_detection.h"

#include "absl/synchronization/mutex.h"

namespace weft {

void turn_off_mutex_deadlock_detection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace weft
