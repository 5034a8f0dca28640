#pragma once

#include "weft/api/unary_response.h"

namespace weft {

// One request, one response. Made by Channel::unary_unary; see UnaryResponse and Call.
template <class RequestType, class ResponseType>
class [[nodiscard]] UnaryUnaryCall final : public UnaryResponse<ResponseType> {
 public:
  using Request = RequestType;

 private:
  friend class Channel;
  explicit UnaryUnaryCall(detail::CallHandle handle)
      : UnaryResponse<ResponseType>(std::move(handle)) {}
};

}  // namespace weft
