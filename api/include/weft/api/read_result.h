#pragma once

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "weft/transport/assert.h"

namespace weft {

namespace detail {
template <class Response>
class ReadAwaiter;
}

// What one read found: a message, the end of the stream, or a failure.
//
//   while (auto feature = co_await call.read()) use(*feature);
//
// The end means that the call ended with OK; anything else is a failure that says why. Both stay:
// every further read gives the same (B071, B076).
class ReadResultBase {
 public:
  enum class Kind { message, end, failed };

  Kind kind() const { return kind_; }
  bool is_end() const { return kind_ == Kind::end; }
  bool is_failed() const { return kind_ == Kind::failed; }
  // OK for a message and for the end; otherwise the call's status, or a usage error of this read
  // (is_usage_error), after which the call goes on.
  const absl::Status& status() const { return status_; }

 protected:
  explicit ReadResultBase(Kind kind) : kind_(kind) {}
  explicit ReadResultBase(absl::Status failure);
  void fail(absl::Status failure);

 private:
  Kind kind_;
  absl::Status status_;
};

template <class Message>
class ReadResult : public ReadResultBase {
 public:
  // A failure with UNKNOWN, as of a default StatusOr: for whoever must make one before it is read.
  ReadResult() : ReadResult(absl::UnknownError("")) {}
  explicit ReadResult(Message message)
      : ReadResultBase(Kind::message), message_(std::move(message)) {}
  static ReadResult end() { return ReadResult(Kind::end); }
  static ReadResult failed(absl::Status status) { return ReadResult(std::move(status)); }

  // True for a message.
  explicit operator bool() const { return message_.has_value(); }

  Message& operator*() & { return value(); }
  const Message& operator*() const& {
    WEFT_ASSERT(message_.has_value(), "the read gave no message");
    return *message_;
  }
  Message&& operator*() && { return std::move(value()); }
  Message* operator->() { return &value(); }
  const Message* operator->() const { return &**this; }

 private:
  friend class detail::ReadAwaiter<Message>;
  // With a message that is to be filled in.
  static ReadResult unfilled() {
    ReadResult result(Kind::message);
    result.message_.emplace();
    return result;
  }
  // Instead of the message that was to be filled in.
  void fail(absl::Status failure) {
    message_.reset();
    ReadResultBase::fail(std::move(failure));
  }
  explicit ReadResult(Kind kind) : ReadResultBase(kind) {}
  explicit ReadResult(absl::Status failure) : ReadResultBase(std::move(failure)) {}

  Message& value() {
    WEFT_ASSERT(message_.has_value(), "the read gave no message");
    return *message_;
  }

  std::optional<Message> message_;
};

}  // namespace weft
