#pragma once

#include "weft/api/response_reader.h"

namespace weft {

// One request, a stream of responses. Made by Channel::unary_stream; see ResponseReader and Call.
template <class RequestType, class ResponseType>
class [[nodiscard]] UnaryStreamCall final : public ResponseReader<ResponseType> {
 public:
  using Request = RequestType;

 private:
  friend class Channel;
  using ResponseReader<ResponseType>::ResponseReader;
};

}  // namespace weft
