#include "weft/transport_sim/isolated.h"

namespace weft::sim::detail {

void IsolatedCoroutine::promise_type::Arrival::await_suspend(
    std::coroutine_handle<promise_type> handle) const noexcept {
  handle.promise().group->arrive();  // may destroy the coroutine
}

IsolatedGroup::~IsolatedGroup() {
  for (Member& member : members_) {
    if (member.coroutine.is_over()) continue;
    const DomainScope scope(world_, member.domain);
    member.coroutine.destroy();
  }
}

// One more than there are, so that nobody goes on before all of them were started.
bool IsolatedGroup::start(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  waiter_domain_ = world_.domain();
  left_ = members_.size() + 1;
  for (Member& member : members_) {
    const DomainScope scope(world_, member.domain);
    member.coroutine.start(*this);
  }
  return --left_ > 0;
}

void IsolatedGroup::arrive() noexcept {
  world_.join(where_);
  if (--left_ > 0) return;
  world_.pass(where_);
  const DomainScope scope(world_, waiter_domain_);
  waiter_.resume();
}

void IsolatedGroup::rethrow_first() const {
  for (const Member& member : members_) {
    if (member.coroutine.error()) std::rethrow_exception(member.coroutine.error());
  }
}

}  // namespace weft::sim::detail
