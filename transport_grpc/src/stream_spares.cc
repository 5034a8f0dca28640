#include "stream_spares.h"

namespace weft {

StreamSpares::~StreamSpares() {
  while (received_count_ > 0) release(take_received());
}

void StreamSpares::release(Received received) {
  grpc_metadata_array_destroy(&received.initial);
  grpc_metadata_array_destroy(&received.trailing);
}

// A name is mostly a literal: where it lies tells where to look.
void* StreamSpares::registered_method(GrpcChannel& channel, std::string_view method) {
  const auto address = reinterpret_cast<std::uintptr_t>(method.data());
  Method& known = methods_[(address >> 4) % methods_.size()];
  if (known.channel != channel.number() || known.name != method) {
    known.handle = channel.registered_method(method);
    known.channel = channel.number();
    known.name = std::string(method);
  }
  return known.handle;
}

}  // namespace weft
