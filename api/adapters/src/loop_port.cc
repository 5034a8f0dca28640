#include "weft/adapters/loop_port.h"

#include "weft/transport/assert.h"

namespace weft {

void LoopPort::close() {
  std::map<std::uint64_t, std::shared_ptr<detail::ForeignRun>> runs;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->open) return;
    WEFT_ASSERT(state_->loop.is_current(), "a port is closed on the thread of its loop");
    state_->open = false;
    runs.swap(state_->runs);
  }
  for (const auto& [number, run] : runs) run->close();
}

}  // namespace weft
