#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "weft/transport/transport.h"

namespace weft::test {

// A mistake that a call layer can make with the order of events. The names R2-.. are those of
// orderings that have gone wrong in a call layer of the same shape; M.. are mutants of that kind.
enum class Defect {
  none,
  write_left_waiting,          // R2-01: a cancel before the start wakes no writer
  status_overwritten,          // R2-03: a write that a cancel broke makes the status INTERNAL
  local_end_keeps_transport,   // R2-06: a call that this side ended runs on at the peer
  callback_before_transport,   // R2-21: a callback that throws keeps the transport uncancelled
  half_close_overtakes_write,  // R2-31: the half-close goes before a write that waits
  status_before_messages,      // R2-34: a read looks at the status, and drops what is unread
  second_response_unread,      // R2-35: a peer that answers twice is waited for, for ever
  timer_left_armed,            // R2-46: of cancel and deadline, the first leaves the other's timer
  reader_resumed_twice,        // M48: by the cancel, and by the completion that follows it
  cancel_waits_in_continuation,  // M50: a cancel runs the loop, inside a completion too
};

// One call over the seam, for coroutines: right with Defect::none, and otherwise wrong in that one
// place. It exists to be explored, and to be found out.
//
// It reads one message ahead. A write waits for the call's start, and a half-close for the write
// before it. Whatever ends the call first fixes its status; a response too many, a write during a
// write and the deadline end it on this side.
// Lifetime: dropping it cancels the call. Nothing that awaits it may be resumed by others.
class BrokenClient {
  class Core;

 public:
  BrokenClient(EventLoop& loop, Transport& transport, StreamOptions options, Defect defect);
  BrokenClient(const BrokenClient&) = delete;
  BrokenClient& operator=(const BrokenClient&) = delete;
  ~BrokenClient();

  // Called with the status when there is one, in order of registration. What it throws is dropped.
  using DoneCallback = std::function<void(const CallStatus&)>;
  void on_done(DoneCallback callback);

  // First of all. The deadline is this call's own: a timer of the loop.
  void start(absl::Duration timeout = absl::InfiniteDuration());
  // After the last write. Does not wait.
  void done_writing();
  // False if the call has a status.
  bool cancel();

  class WriteAwaiter {
   public:
    WriteAwaiter(Core& core, bool begun) : core_(core), begun_(begun) {}
    bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle);
    bool await_resume() const;

   private:
    Core& core_;
    bool begun_;
  };
  // Begins at once; awaits that the transport took it. False if it did not.
  WriteAwaiter write(const std::string& message);

  class ReadAwaiter {
   public:
    explicit ReadAwaiter(Core& core) : core_(core) {}
    bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle);
    std::optional<std::string> await_resume();

   private:
    Core& core_;
  };
  // The next message; nothing after the last. One at a time.
  ReadAwaiter read() { return ReadAwaiter(*core_); }

  class StatusAwaiter {
   public:
    explicit StatusAwaiter(Core& core) : core_(core) {}
    bool await_ready() const;
    void await_suspend(std::coroutine_handle<> handle);
    CallStatus await_resume() const;

   private:
    Core& core_;
  };
  // A peer's status comes when all messages but one were read.
  StatusAwaiter status() { return StatusAwaiter(*core_); }

 private:
  Core* core_;
};

}  // namespace weft::test
