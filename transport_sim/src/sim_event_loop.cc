#include "weft/transport_sim/sim_event_loop.h"

#include "weft/transport/assert.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {
namespace {

constexpr Label::Name posted("loop.post");

}  // namespace

void SimEventLoop::post(LoopTask& task) noexcept {
  WEFT_ASSERT(is_current(), "another thread posts into a simulation, which has one thread");
  posts_.tasks.push(task);
  if (recorder_ != nullptr) posts_.domains.push_back(recorder_->domain());
  world_.touch(detail::ObjectKind::posts, 0, detail::Access::write);
  world_.enable(EventClass::network, posts_);
}

// Whoever waits in here goes on within the step that it waited for.
bool SimEventLoop::run_one() {
  if (run_ready()) return true;
  const void* const outer_stack = recorder_ == nullptr ? nullptr : recorder_->stack_of_step;
  if (recorder_ != nullptr) recorder_->stack_of_step = __builtin_frame_address(0);
  const bool stepped = world_.step();
  if (recorder_ != nullptr) recorder_->stack_of_step = outer_stack;
  world_.touch_user_code(world_.domain());
  return stepped;
}

void SimEventLoop::seal(std::uint32_t domain) {
  if (ready_.empty()) return;
  Deferred& deferred = deferred_.emplace_back(domain);
  while (LoopTask* task = ready_.pop()) deferred.tasks.push(*task);
}

bool SimEventLoop::run_deferred() {
  while (!deferred_.empty()) {
    LoopTask* task = deferred_.front().tasks.pop();
    if (task == nullptr) {
      deferred_.pop_front();
      continue;
    }
    const DomainScope scope(world_, deferred_.front().domain);
    task->run();
    return true;
  }
  LoopTask* task = ready_.pop();
  if (task != nullptr) task->run();
  return task != nullptr;
}

void SimEventLoop::note_clock_read() const {
  recorder_->touch(detail::Object(detail::ObjectKind::clock, 0), detail::Access::read);
}

Label SimEventLoop::Posts::label() const {
  return Label(posted, number_);
}

void SimEventLoop::Posts::fire() {
  ++number_;
  LoopTask* task = tasks.pop();
  if (!tasks.empty()) loop_.world_.enable(EventClass::network, *this);
  loop_.world_.touch(detail::ObjectKind::posts, 0, detail::Access::write);
  std::uint32_t domain = 0;
  if (!domains.empty()) {
    domain = domains.front();
    domains.pop_front();
  }
  if (task == nullptr) return;
  const DomainScope scope(loop_.world_, domain);
  task->run();
}

}  // namespace weft::sim
