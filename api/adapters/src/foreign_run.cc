#include "weft/adapters/detail/foreign_run.h"

#include <utility>

#include "weft/transport/assert.h"

namespace weft::detail {
namespace {

constexpr std::string_view closed_text = "the port of the loop was closed";

}  // namespace

ForeignRun::ForeignRun(std::shared_ptr<PortState> port) : port_(std::move(port)) {}

void ForeignRun::start() {
  {
    const std::lock_guard lock(port_->mutex);
    WEFT_ASSERT(!started_, "a run begins once");
    started_ = true;
    if (port_->open) {
      number_ = ++port_->runs_made;
      port_->runs.emplace(number_, shared_from_this());
      hand_over(begin_task_);
      if (wanted_) hand_over(stop_task_);
      return;
    }
    ended_ = true;
  }
  state_ = State::delivered;
  deliver_stopped(closed_text);
}

bool ForeignRun::stop(Stop how, std::string_view reason) {
  const std::lock_guard lock(port_->mutex);
  if (ended_ || !port_->open) return false;
  const bool is_known = wanted_.has_value();
  // The first counts, but for an end, which counts more than anything gentler.
  if (is_known && (how != Stop::end() || *wanted_ == Stop::end())) return true;
  wanted_ = how;
  reason_ = std::string(reason);
  if (started_ && !is_known) hand_over(stop_task_);
  return true;
}

bool ForeignRun::ended() const {
  const std::lock_guard lock(port_->mutex);
  return ended_;
}

// Only what runs can be stopped by itself, so a stop that came first is seen here.
void ForeignRun::begin_now() {
  if (state_ != State::waiting || is_stopping()) return;
  state_ = State::running;
  begin();
}

bool ForeignRun::is_stopping() {
  const std::lock_guard lock(port_->mutex);
  return wanted_.has_value();
}

void ForeignRun::stop_now() {
  Stop how = Stop::end();
  std::string reason;
  {
    const std::lock_guard lock(port_->mutex);
    how = *std::exchange(wanted_, std::nullopt);
    reason = std::move(reason_);
  }
  if (state_ != State::waiting && state_ != State::running) return;
  if (state_ == State::running) {
    state_ = State::stopping;
    if (!interrupt(how, reason)) {
      state_ = State::running;
      return;
    }
  }
  leave_port();
  state_ = State::delivered;
  deliver_stopped(reason);
}

// In a turn of its own: what is told the outcome may be deep, and the work's frame is not on this
// stack any more.
void ForeignRun::work_is_done() noexcept {
  WEFT_ASSERT(state_ == State::running);
  state_ = State::done;
  deliver_task_.kept = shared_from_this();
  port_->loop.defer(deliver_task_);
}

void ForeignRun::deliver_now() {
  if (state_ != State::done) return;
  leave_port();
  state_ = State::delivered;
  deliver();
}

void ForeignRun::close() {
  if (state_ == State::stopping)
    return;  // the port goes with what is torn down, which then is told
  const State before = std::exchange(state_, State::delivered);
  if (before == State::delivered) return;
  {
    const std::lock_guard lock(port_->mutex);
    ended_ = true;
  }
  if (before == State::done) return deliver();
  cancellation_.request(std::string(closed_text));
  tear_down();
  deliver_stopped(closed_text);
}

void ForeignRun::leave_port() {
  const std::lock_guard lock(port_->mutex);
  ended_ = true;
  port_->runs.erase(number_);
}

}  // namespace weft::detail
