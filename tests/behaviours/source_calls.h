#pragma once

#include <memory>
#include <utility>

#include "latch.h"
#include "setting.h"
#include "weft/api/async_generator.h"

namespace weft::test {

using Requests = AsyncGenerator<EchoRequest>;

// A call of the setting's channel that takes its requests from a generator.
template <class Method>
auto open_with(Setting& setting, const Method& method, Requests source,
               CallOptions options = CallOptions()) {
  if constexpr (Method::kind == CallKind::stream_unary) {
    return setting.channel().stream_unary(method, std::move(source), std::move(options));
  } else {
    return setting.channel().stream_stream(method, std::move(source), std::move(options));
  }
}

// Opens `latch` when its last copy is gone. Held by a source, it tells of the source's end.
inline std::shared_ptr<void> opens_when_gone(Latch& latch) {
  return std::shared_ptr<void>(nullptr, [&latch](void*) { latch.open(); });
}

}  // namespace weft::test
