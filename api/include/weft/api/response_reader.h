#pragma once

#include <coroutine>
#include <utility>

#include "weft/api/call.h"
#include "weft/api/detail/call_awaiters.h"
#include "weft/api/read_result.h"
#include "weft/api/task.h"

namespace weft {

// The messages of a call as something to iterate over; `responses()` gives it. Any number of these
// are one and the same iteration (B078).
template <class Response>
class ResponseIterator {
 public:
  ResponseIterator(detail::CallReference call,
                   typename detail::ReadAwaiter<Response>::Parser parser)
      : call_(std::move(call)), parser_(parser) {}

  // As read().
  auto next() const {
    using Awaiter = detail::ReadAwaiter<Response>;
    return detail::CallAwaitable<Awaiter, detail::ResponseStyle, typename Awaiter::Parser>(
        call_, detail::ResponseStyle::iteration, parser_);
  }

 private:
  detail::CallReference call_;
  typename detail::ReadAwaiter<Response>::Parser parser_;
};

// The response side of a call that has a stream of responses.
template <class ResponseType>
class ResponseReader : public Call {
 public:
  using Response = ResponseType;
  using Parser = typename detail::ReadAwaiter<Response>::Parser;

  // Awaits the next message, the end, or the failure; both of those stay (B071, B076). Messages
  // that arrived before the peer's status are all delivered first (B025, B074).
  // One at a time: a second concurrent read is refused with a usage error (B083), as is read() on a
  // call that is iterated over (B172). A message that cannot be parsed ends the call with INTERNAL
  // (B087).
  // Giving up: destroying the waiting frame leaves the message for the next read (T39, B197).
  auto read() const {
    using Awaiter = detail::ReadAwaiter<Response>;
    return detail::CallAwaitable<Awaiter, detail::ResponseStyle, Parser>(
        this->reference(), detail::ResponseStyle::reads, parser_);
  }

  // The other style. Asking for it fixes it, as the first read() fixes that one (B171, B176):
  //   auto responses = call.responses();
  //   while (auto message = co_await responses.next()) ...
  // Leaving the loop leaves the call alone; another loop goes on with the next message (B078,
  // B080).
  ResponseIterator<Response> responses() const {
    this->core().choose(detail::ResponseStyle::iteration);
    return ResponseIterator<Response>(this->reference(), parser_);
  }

  // Calls `use` with every message; the call's status at the end.
  template <class Use>
  Task<absl::Status> for_each(Use use) const {
    return for_each_of(responses(), std::move(use));
  }

  // Drops all messages that come from now on, so that the status can: await status() then (D10,
  // T18).
  void discard() const { this->core().discard(); }

 protected:
  ResponseReader(detail::CallHandle handle, Parser parser)
      : Call(std::move(handle)), parser_(parser) {}
  Parser response_parser() const { return parser_; }

 private:
  template <class Use>
  static Task<absl::Status> for_each_of(ResponseIterator<Response> iterator, Use use) {
    for (;;) {
      auto result = co_await iterator.next();
      if (!result) co_return result.status();
      use(*std::move(result));
    }
  }

  Parser parser_;
};

}  // namespace weft
