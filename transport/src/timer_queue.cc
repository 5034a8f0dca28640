#include "weft/transport/timer_queue.h"

#include <algorithm>

#include "weft/transport/assert.h"

namespace weft {

void Timer::disarm() noexcept {
  if (queue_ != nullptr) queue_->disarm(*this);
}

TimerQueue::~TimerQueue() {
  for (Timer* timer : heap_) timer->queue_ = nullptr;
}

bool TimerQueue::before(const Timer& a, const Timer& b) const {
  return a.due_ != b.due_ ? a.due_ < b.due_ : a.order_ < b.order_;
}

void TimerQueue::place(Timer& timer, std::size_t index) {
  heap_[index] = &timer;
  timer.index_ = index;
}

void TimerQueue::sift_up(std::size_t index) {
  Timer& moving = *heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (!before(moving, *heap_[parent])) break;
    place(*heap_[parent], index);
    index = parent;
  }
  place(moving, index);
}

void TimerQueue::sift_down(std::size_t index) {
  Timer& moving = *heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], moving)) break;
    place(*heap_[child], index);
    index = child;
  }
  place(moving, index);
}

void TimerQueue::arm(Timer& timer, Instant due) {
  timer.disarm();
  timer.due_ = due;
  timer.order_ = next_order_++;
  timer.queue_ = this;
  timer.index_ = heap_.size();
  heap_.push_back(&timer);
  sift_up(timer.index_);
}

void TimerQueue::disarm(Timer& timer) noexcept {
  if (timer.queue_ != this) return;
  const std::size_t index = timer.index_;
  WEFT_ASSERT(heap_[index] == &timer, index, heap_.size());
  timer.queue_ = nullptr;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(*last, index);
  sift_up(index);
  sift_down(last->index_);
}

void TimerQueue::fire(Timer& timer) noexcept {
  disarm(timer);
  timer.fire_(timer);
}

bool TimerQueue::fire_next(Instant now) noexcept {
  if (heap_.empty() || heap_.front()->due_ > now) return false;
  fire(*heap_.front());
  return true;
}

void TimerQueue::collect_earliest(std::vector<Timer*>& timers) const {
  if (heap_.empty()) return;
  const auto begin = static_cast<std::ptrdiff_t>(timers.size());
  for (Timer* timer : heap_) {
    if (timer->due_ == heap_.front()->due_) timers.push_back(timer);
  }
  std::sort(timers.begin() + begin, timers.end(),
            [](const Timer* a, const Timer* b) { return a->order_ < b->order_; });
}

}  // namespace weft
