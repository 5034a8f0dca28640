#pragma once

#include <utility>

#include "weft/api/detail/call_awaiters.h"

namespace weft {

// The request side of a call that has a stream of requests, on top of its response side.
template <class RequestType, class ResponseSide>
class RequestWriter : public ResponseSide {
 public:
  using Request = RequestType;
  using Serializer = absl::StatusOr<Bytes> (*)(const Request&, BytesAllocator&);

  // Awaits that flow control accepted the message, which is no acknowledgement (B111, B115). The
  // message is serialised now and sent when awaited; it need not live any longer. OK; the call's
  // outcome, if the call ended before the message was taken (B120), or that it is finished, if its
  // outcome is known only behind messages that were not read yet; or a usage error, which changes
  // nothing: the call is done or was half-closed (B106, B107), another write is under way (B122),
  // or a request source writes (B170). A message that cannot be serialised is not sent, and the
  // error says why (B053).
  auto write(const Request& message, SendOptions options = SendOptions()) const {
    return detail::CallAwaitable<detail::WriteAwaiter, absl::StatusOr<Bytes>, SendOptions,
                                 detail::Writer>(this->reference(), serialize(message), options,
                                                 detail::Writer::application);
  }

  // Half-closes, behind every write that was accepted (B125, D10), when awaited. Idempotent; OK on
  // a call that is done (B108). A usage error only for a call with a request source.
  auto done_writing() const {
    return detail::CallAwaitable<detail::DoneWritingAwaiter, detail::Writer>(
        this->reference(), detail::Writer::application);
  }

 protected:
  template <class... ResponseArguments>
  RequestWriter(Serializer serializer, ResponseArguments&&... arguments)
      : ResponseSide(std::forward<ResponseArguments>(arguments)...), serializer_(serializer) {}

  absl::StatusOr<Bytes> serialize(const Request& message) const {
    return detail::serialize_contained(serializer_, message, this->core().transport());
  }

 private:
  Serializer serializer_;
};

}  // namespace weft
