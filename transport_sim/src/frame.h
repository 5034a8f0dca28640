#pragma once

#include <memory>
#include <utility>

#include "weft/transport/bytes.h"
#include "weft/transport/metadata.h"
#include "weft/transport/recycled.h"
#include "weft/transport_sim/event_source.h"

namespace weft::sim {

// One frame on its way, in either direction.
class Frame : public Recycled {
 public:
  // From client to peer: open, message, half_close. From peer to client: headers (or the lack of
  // them, before a status alone), message, status.
  enum class Kind { open, message, half_close, headers, no_headers, status };

  Frame(Kind frame_kind, Cause when_sent) : kind(frame_kind), cause(when_sent) {}

  Kind kind;
  Cause cause;
  Bytes bytes;
  Metadata metadata;
  Frame* next = nullptr;
};

// A FIFO of frames, which it owns.
class FrameQueue {
 public:
  FrameQueue() = default;
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;
  ~FrameQueue() { clear(); }

  bool empty() const { return first_ == nullptr; }
  Frame* first() const { return first_; }
  // Of the messages in it.
  std::size_t bytes() const { return bytes_; }

  Frame& push(Frame::Kind kind, Cause cause) {
    auto* frame = new Frame(kind, cause);
    *last_ = frame;
    last_ = &frame->next;
    return *frame;
  }
  Frame& push_message(Bytes message, Cause cause) {
    Frame& frame = push(Frame::Kind::message, cause);
    bytes_ += message.size();
    frame.bytes = std::move(message);
    return frame;
  }
  std::unique_ptr<Frame> pop() {
    std::unique_ptr<Frame> frame(first_);
    first_ = frame->next;
    if (first_ == nullptr) last_ = &first_;
    bytes_ -= frame->bytes.size();
    return frame;
  }
  void clear() {
    while (!empty()) pop();
  }
  // For faults: other bytes for the first message, and the first message twice.
  void replace_first(Bytes bytes) {
    bytes_ += bytes.size() - first_->bytes.size();
    first_->bytes = std::move(bytes);
  }
  void double_first() {
    auto* copy = new Frame(first_->kind, first_->cause);
    copy->bytes = first_->bytes;
    copy->next = first_->next;
    if (last_ == &first_->next) last_ = &copy->next;
    first_->next = copy;
    bytes_ += copy->bytes.size();
  }

 private:
  Frame* first_ = nullptr;
  Frame** last_ = &first_;
  std::size_t bytes_ = 0;
};

}  // namespace weft::sim
