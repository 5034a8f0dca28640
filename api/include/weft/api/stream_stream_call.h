#pragma once

#include "weft/api/request_writer.h"
#include "weft/api/response_reader.h"

namespace weft {

// A stream of requests, a stream of responses. Made by Channel::stream_stream; see RequestWriter,
// ResponseReader and Call. One read and one write may be under way together (B148).
template <class RequestType, class ResponseType>
class [[nodiscard]] StreamStreamCall final
    : public RequestWriter<RequestType, ResponseReader<ResponseType>> {
 public:
  // Writes a message and reads the next response, as one step for the transport: cheaper than
  // awaiting one after the other (D20). Gives what the read gives; a usage error if either would be
  // refused.
  auto exchange(const RequestType& message) const {
    using Awaiter = detail::ExchangeAwaiter<ResponseType>;
    return detail::CallAwaitable<Awaiter, absl::StatusOr<Bytes>, typename Awaiter::Parser>(
        this->reference(), this->serialize(message), this->response_parser());
  }

 private:
  friend class Channel;
  using RequestWriter<RequestType, ResponseReader<ResponseType>>::RequestWriter;
};

}  // namespace weft
