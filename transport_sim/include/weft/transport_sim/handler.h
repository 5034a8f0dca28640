#pragma once

#include <concepts>

#include "weft/transport/method.h"
#include "weft/transport_sim/server_call.h"

namespace weft::sim {

template <class Method>
using ServerCallOf = ServerCall<typename Method::Request, typename Method::Response>;

// What Server::serve takes for a method: called with its request, if that is one, and the call,
// which a unary handler may leave out.
template <class Handler, class Method>
concept HandlerOf =
    (request_cardinality(Method::kind) == Cardinality::one &&
     std::invocable<Handler&, const typename Method::Request&, ServerCallOf<Method>&>) ||
    (Method::kind == CallKind::unary_unary &&
     std::invocable<Handler&, const typename Method::Request&>) ||
    (request_cardinality(Method::kind) == Cardinality::many &&
     std::invocable<Handler&, ServerCallOf<Method>&>);

}  // namespace weft::sim
