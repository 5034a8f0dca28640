#include "connectivity_watch.h"

#include <utility>

#include "convert.h"

namespace weft {
namespace {

const absl::Duration slice = absl::Milliseconds(250);

}  // namespace

void ConnectivityWatch::start(std::shared_ptr<GrpcChannel> channel, GrpcEventLoop& loop,
                              ConnectivityState last, Deadline deadline,
                              ConnectivityCompletion& changed) {
  auto* watch = new ConnectivityWatch(std::move(channel), loop, last, deadline, changed);
  watch->channel_->enter(*watch);
  if (watch->channel_->capabilities().connectivity) {
    watch->watch_one_slice();
  } else {
    watch->wait_without_core();
  }
  // After entering: a shutdown that came before saw no watch to tell.
  if (watch->channel_->is_shut_down()) watch->channel_was_shut_down();
}

ConnectivityWatch::ConnectivityWatch(std::shared_ptr<GrpcChannel> channel, GrpcEventLoop& loop,
                                     ConnectivityState last, Deadline deadline,
                                     ConnectivityCompletion& changed)
    : channel_(std::move(channel)),
      loop_(loop),
      last_(last),
      deadline_(deadline),
      changed_(&changed) {
  ++loop_.live_users_;
  IntrusiveLinks<ConnectivityWatch>::insert(loop_.watches_, *this, &ConnectivityWatch::loop_links);
}

ConnectivityWatch::~ConnectivityWatch() {
  channel_->leave(*this);
  IntrusiveLinks<ConnectivityWatch>::erase(loop_.watches_, *this, &ConnectivityWatch::loop_links);
  --loop_.live_users_;
}

void ConnectivityWatch::watch_one_slice() {
  const Deadline until = earlier_of(deadline_, Deadline::after(loop_.now(), slice));
  in_queue_ = true;
  grpc_channel_watch_connectivity_state(channel_->core(), to_core_connectivity(last_),
                                        to_timespec(until), loop_.completion_queue_,
                                        tag_.hand_over());
}

// Core has nothing to watch: the state is the same until the shutdown.
void ConnectivityWatch::wait_without_core() {
  if (current_state() != last_) {
    stop();
  } else if (!deadline_.is_infinite()) {
    loop_.arm(deadline_timer_, deadline_.instant());
  }
}

void ConnectivityWatch::deadline_passed() {
  complete(current_state());
  delete_if_unused();
}

void ConnectivityWatch::slice_ended() {
  in_queue_ = false;
  if (changed_ != nullptr) {
    const ConnectivityState now = current_state();
    if (now == last_ && !deadline_.expired(loop_.now())) {
      watch_one_slice();
    } else {
      complete(now);
    }
  }
  delete_if_unused();
}

void ConnectivityWatch::complete(ConnectivityState state) {
  if (ConnectivityCompletion* changed = std::exchange(changed_, nullptr)) changed->complete(state);
}

void ConnectivityWatch::stop() {
  if (!stop_posted_.exchange(true)) loop_.post(stop_task_);
}

void ConnectivityWatch::stopped() {
  stop_ran_ = true;
  complete(channel_->is_shut_down() ? ConnectivityState::shutdown : current_state());
  delete_if_unused();
}

ConnectivityState ConnectivityWatch::current_state() const {
  return channel_->core_connectivity(false);
}

void ConnectivityWatch::delete_if_unused() {
  if (changed_ != nullptr || in_queue_) return;
  if (stop_posted_.load() && !stop_ran_) return;
  delete this;
}

void ConnectivityWatch::cancel_all(ConnectivityWatch* watches) {
  for (ConnectivityWatch* watch = watches; watch != nullptr; watch = watch->loop_links.next()) {
    watch->cancel();
  }
}

}  // namespace weft
