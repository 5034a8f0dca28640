#pragma once

#include "weft/transport/method.h"

// What generated clients declare, and no more: their headers are cheap to include. Where you make a
// call, include weft/api/channel.h, which defines all of this.

// What generated code and this library agree on. It grows when code that was generated before does
// not fit any more; such code says so when it is compiled.
#define WEFT_STUB_VERSION 1

namespace weft {

class Channel;
class CallOptions;

// Incomplete here? Include weft/api/channel.h, or the header of this kind of call.
template <class Request, class Response>
class [[nodiscard]] UnaryUnaryCall;
template <class Request, class Response>
class [[nodiscard]] UnaryStreamCall;
template <class Request, class Response>
class [[nodiscard]] StreamUnaryCall;
template <class Request, class Response>
class [[nodiscard]] StreamStreamCall;

template <CallKind kind, class Request, class Response>
class MethodDescriptor;

}  // namespace weft
