#include "weft/transport_sim/event_source.h"

namespace weft::sim {

void EventSource::unlink() noexcept {
  previous_->next_ = next_;
  next_->previous_ = previous_;
  next_ = nullptr;
  previous_ = nullptr;
  if (list_ != nullptr) --list_->size_;
  list_ = nullptr;
}

EventList::EventList() {
  head_.next_ = head_.previous_ = &head_;
}

EventList::~EventList() {
  while (EventSource* source = first()) source->withdraw();
  head_.next_ = head_.previous_ = nullptr;
}

void EventList::link(EventSource& source, Cause cause) noexcept {
  EventSource* before = head_.previous_;
  while (before != &head_ && before->cause_ > cause) before = before->previous_;
  source.cause_ = cause;
  source.previous_ = before;
  source.next_ = before->next_;
  before->next_->previous_ = &source;
  before->next_ = &source;
  source.list_ = this;
  ++size_;
}

}  // namespace weft::sim
