#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "weft/api/detail/call_awaiters.h"
#include "weft/api/rpc_error.h"

namespace weft {

// What every call can do: a handle, cheap to copy; all copies are the same call.
//
// The call runs whether or not anybody awaits it (B003). It is done when its status is known, which
// for a stream is when its messages were read or discarded as well (B025).
//
// Lifetime: dropping the last handle of an unfinished call cancels it, with the details "Cancelled
// upon destruction!", frees it when the transport is through, and never blocks (D9). A handle that
// was moved from is for copying, assigning to and destroying alone.
// Threads: the thread of the channel's loop, but for cancel().
// Waiting: any number of coroutines may wait for the status and the metadata (B009, B017). A frame
// that is destroyed while it waits only stops waiting (T39); when its task was cancelled,
// operations (response, read, write, done_writing) also end the call (B191-B194), accessors never
// do (B008). Order at the end: the outcome is fixed, waiters are made ready, done callbacks run,
// waiters resume.
class Call {
 public:
  // True once the status is known; never false again (B004, B005).
  bool done() const { return core().done(); }
  // True if the call ended with CANCELLED, whoever cancelled it (B006).
  bool cancelled() const { return done() && core().status().code == StatusCode::kCancelled; }

  // Ends the call with CANCELLED and `reason`, or "Locally cancelled by application!". True iff it
  // was this that ended the call; then done() is true already, callbacks have run, and everything
  // pending ends (B180-B185). False, with no effect, on a call that is done.
  // Threads: any. Elsewhere than on the loop's thread it takes effect in the loop's next turn.
  // Races: the first end wins; a status that arrives later is ignored (B183, T32).
  bool cancel(std::string_view reason = "") const { return core().cancel(reason); }

  // Null while the call runs; then how it ended, for as long as a handle lives.
  const CallStatus* outcome() const { return done() ? &core().status() : nullptr; }

  // Awaitables for parts of the outcome. They complete when the call is done and are the same ever
  // after (B007). status() is OK or an error that carries the code, the details, and a rich status
  // if there is one.
  auto status() const { return accessor<detail::StatusOf>(); }
  auto code() const { return accessor<detail::CodeOf>(); }
  auto details() const { return accessor<detail::DetailsOf>(); }
  // Empty for an OK call, absent after a local cancel (B010-B012).
  auto debug_error_string() const { return accessor<detail::DebugErrorStringOf>(); }
  // Empty if the peer sent none, or the end was local (B013).
  auto trailing_metadata() const { return accessor<detail::TrailingMetadataOf>(); }
  // The whole outcome as a snapshot; nothing for a call that went well.
  auto rpc_error() const { return accessor<detail::RpcErrorOf>(); }

  // Awaits the response headers: when they arrive or the call is done, whichever is first; then
  // they are empty (B014, B018). Never fails. A unary call's come with its response unless it was
  // made with early_initial_metadata() (B019).
  auto initial_metadata() const { return accessor<detail::InitialMetadataOf>(); }

  // Awaits that the transport has accepted the start of the call, which takes a connection: OK, or
  // the outcome of a call that ended before (B320-B325). For calls whose start travels together
  // with all else - unary ones without early headers - that is when the whole call is over.
  auto wait_for_connection() const {
    return detail::CallAwaitable<detail::ConnectionAwaiter>(handle_.reference());
  }

  // What is left until the deadline: not below zero, and nothing without a deadline (B021-B022).
  std::optional<absl::Duration> time_remaining() const;

  // Runs `callback` once when the call is done, with the call, after callbacks added before; at
  // once if it is done already. On the loop's thread, or inside cancel(). An exception that leaves
  // it is reported to the channel and changes nothing (B240-B251). The callback keeps nothing
  // alive: it does not hold the call (B250).
  void add_done_callback(absl::AnyInvocable<void(const Call&)> callback) const;

  // For people: "<Call object>" while it runs, then how it ended (B306-B309).
  std::string to_string() const { return core().to_string(); }

 protected:
  explicit Call(detail::CallHandle handle) : handle_(std::move(handle)) {}
  Call(const Call&) = default;
  Call(Call&&) = default;
  Call& operator=(const Call&) = default;
  Call& operator=(Call&&) = default;
  ~Call() = default;

  detail::CallCore& core() const { return handle_.core(); }
  const detail::CallReference& reference() const { return handle_.reference(); }

 private:
  template <class What>
  detail::CallAwaitable<detail::AccessorAwaiter<What>> accessor() const {
    return detail::CallAwaitable<detail::AccessorAwaiter<What>>(handle_.reference());
  }

  detail::CallHandle handle_;
};

std::ostream& operator<<(std::ostream& out, const Call& call);

}  // namespace weft
