#include "weft/transport_sim/sim_event_loop.h"

#include "weft/transport/assert.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {
namespace {

constexpr Label::Name posted("loop.post");

}  // namespace

void SimEventLoop::post(LoopTask& task) noexcept {
  WEFT_ASSERT(is_current(), "another thread posts into a simulation, which has one thread");
  posts_.tasks.push(task);
  world_.enable(EventClass::network, posts_);
}

bool SimEventLoop::run_one() {
  return run_ready() || world_.step();
}

Label SimEventLoop::Posts::label() const {
  return Label(posted, number_);
}

void SimEventLoop::Posts::fire() {
  ++number_;
  LoopTask* task = tasks.pop();
  if (!tasks.empty()) loop_.world_.enable(EventClass::network, *this);
  if (task != nullptr) task->run();
}

}  // namespace weft::sim
