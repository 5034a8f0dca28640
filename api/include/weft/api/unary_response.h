#pragma once

#include <utility>

#include "weft/api/call.h"
#include "weft/api/detail/typed_core.h"

namespace weft {

// The response side of a call that has one response.
//
//   absl::StatusOr<Reply> reply = co_await channel.unary_unary(method, request);
//
// Awaiting the call gives the response, or the status with which it failed: the same every time
// (B041, B043). A call that is kept gives a reference to the response, which lives as long as the
// call; a temporary one gives the response itself. OK without a response, or with two, is
// UNIMPLEMENTED (B055, B056); one that cannot be parsed is INTERNAL (B054).
template <class ResponseType>
class UnaryResponse : public Call {
 public:
  using Response = ResponseType;

  auto operator co_await() const& {
    return detail::ResponseAwaiter<Response, detail::Take::reference>(this->reference(), false);
  }
  auto operator co_await() && {
    return detail::ResponseAwaiter<Response, detail::Take::move>(this->reference(),
                                                                 this->core().sole_handle());
  }

  // Awaits the response itself; throws RpcError if there is none.
  auto value_or_throw() const {
    using Awaiter = detail::ResponseAwaiter<Response, detail::Take::value_or_throw>;
    return detail::CallAwaitable<Awaiter, bool>(this->reference(), false);
  }

 protected:
  using Call::Call;
};

}  // namespace weft
