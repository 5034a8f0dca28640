#include "weft/api/detail/channel_core.h"

#include <cstdio>

#include "weft/api/detail/call_core.h"
#include "weft/api/usage_error.h"
#include "weft/transport/assert.h"

namespace weft::detail {

void ChannelCore::enter(CallCore& call) {
  call.next_live = calls_;
  if (calls_ != nullptr) calls_->previous_live = &call;
  calls_ = &call;
  ++live_calls_;
}

void ChannelCore::leave(CallCore& call) {
  (call.previous_live != nullptr ? call.previous_live->next_live : calls_) = call.next_live;
  if (call.next_live != nullptr) call.next_live->previous_live = call.previous_live;
  if (--live_calls_ > 0) return;
  while (LoopTask* waiter = idle_waiters_.pop()) loop_.defer(*waiter);
}

void ChannelCore::enter(StateWait& wait) {
  wait.next = waits_;
  if (waits_ != nullptr) waits_->previous = &wait;
  waits_ = &wait;
}

void ChannelCore::leave(StateWait& wait) {
  (wait.previous != nullptr ? wait.previous->next : waits_) = wait.next;
  if (wait.next != nullptr) wait.next->previous = wait.previous;
}

void ChannelCore::close() {
  if (closed_) return;
  closed_ = true;
  for (StateWait* wait = waits_; wait != nullptr; wait = wait->next) wait->channel_closed();
}

// Ending a call runs its callbacks, which may end and drop other calls.
void ChannelCore::cancel_calls() {
  WEFT_ASSERT(loop_.is_current(), "a channel belongs to the thread of its loop");
  while (calls_ != nullptr) calls_->cancel("");
}

void ChannelCore::report_callback_exception(std::exception_ptr exception) {
  try {
    if (on_callback_exception_) return on_callback_exception_(exception);
  } catch (...) {
    exception = std::current_exception();  // nobody else is left to be told
  }
  const char* what = "an exception of unknown type";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weft: a done callback threw: %s\n", error.what());
    return;
  } catch (...) {
  }
  std::fprintf(stderr, "weft: a done callback threw: %s\n", what);
}

IdleAwaiter::IdleAwaiter(std::shared_ptr<ChannelCore> channel)
    : LoopTask([](LoopTask& task) noexcept { static_cast<IdleAwaiter&>(task).handle_.resume(); }),
      channel_(std::move(channel)) {}

StateWait& StateWait::start(std::shared_ptr<ChannelCore> channel, ConnectivityState last,
                            Deadline deadline) {
  auto* wait = new StateWait(std::move(channel));
  ChannelCore& core = *wait->channel_;
  core.transport().wait_for_change(core.loop(), last, deadline, *wait);
  return *wait;
}

StateWait::StateWait(std::shared_ptr<ChannelCore> channel)
    : ConnectivityCompletion(
          [](ConnectivityCompletion& completion, ConnectivityState state) noexcept {
            auto& self = static_cast<StateWait&>(completion);
            self.transport_done_ = true;
            self.settle(state);
            self.delete_if_unused();
          }),
      channel_(std::move(channel)) {
  channel_->enter(*this);
}

StateWait::~StateWait() {
  channel_->leave(*this);
}

void StateWait::settle(ConnectivityState state) {
  if (result_.has_value()) return;
  result_ = state;
  if (waiter_ != nullptr) channel_->loop().defer(*waiter_);
}

void StateWait::abandon() {
  waiter_ = nullptr;
  if (!transport_done_) channel_->transport().cancel_wait(*this);
  abandoned_ = true;
  delete_if_unused();
}

void StateWait::delete_if_unused() {
  if (transport_done_ && abandoned_) delete this;
}

StateAwaiter::StateAwaiter(std::shared_ptr<ChannelCore> channel, ConnectivityState last,
                           Deadline deadline)
    : LoopTask([](LoopTask& task) noexcept { static_cast<StateAwaiter&>(task).handle_.resume(); }),
      channel_(std::move(channel)),
      last_(last),
      deadline_(deadline) {}

StateAwaiter::~StateAwaiter() {
  if (wait_ != nullptr) wait_->abandon();
}

bool StateAwaiter::await_ready() {
  if (channel_->closed()) misuse_ = usage_error(channel_closed_text);
  return !misuse_.ok();
}

void StateAwaiter::await_suspend(std::coroutine_handle<> handle, std::source_location where) {
  handle_ = handle;
  observed_.begin(channel_->loop(), handle, "wait_for_state_change", where);
  wait_ = &StateWait::start(channel_, last_, deadline_);
  wait_->set_waiter(this);
}

absl::StatusOr<ConnectivityState> StateAwaiter::await_resume() {
  observed_.end();
  if (!misuse_.ok()) return misuse_;
  return *wait_->result();
}

}  // namespace weft::detail
