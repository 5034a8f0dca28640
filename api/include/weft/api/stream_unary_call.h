#pragma once

#include "weft/api/request_writer.h"
#include "weft/api/unary_response.h"

namespace weft {

// A stream of requests, one response. Made by Channel::stream_unary; see RequestWriter,
// UnaryResponse and Call. The response may come before the requests are through (B118).
template <class RequestType, class ResponseType>
class [[nodiscard]] StreamUnaryCall final
    : public RequestWriter<RequestType, UnaryResponse<ResponseType>> {
 private:
  friend class Channel;
  using RequestWriter<RequestType, UnaryResponse<ResponseType>>::RequestWriter;
};

}  // namespace weft
