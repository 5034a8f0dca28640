#include "convert.h"

#include <algorithm>
#include <vector>

#include "weft/transport/recycled.h"

namespace weft {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

// Keeps a Bytes alive for as long as core holds a slice of it.
class HeldBytes : public Recycled {
 public:
  explicit HeldBytes(const Bytes& bytes) : bytes_(bytes) {}
  static void release(void* held) { delete static_cast<HeldBytes*>(held); }
  std::string_view slice(std::size_t index) const { return bytes_.slice(index); }

 private:
  Bytes bytes_;
};

grpc_slice shared_slice(const Bytes& bytes, std::size_t index) {
  const std::string_view part = bytes.slice(index);
  if (part.size() <= GRPC_SLICE_INLINED_SIZE) return to_slice(part);
  auto* held = new HeldBytes(bytes);
  const std::string_view kept = held->slice(index);
  return grpc_slice_new_with_user_data(const_cast<char*>(kept.data()), kept.size(),
                                       &HeldBytes::release, held);
}

}  // namespace

Instant to_instant(gpr_timespec time) {
  return Instant::from_nanoseconds(time.tv_sec * nanoseconds_per_second + time.tv_nsec);
}

gpr_timespec to_timespec(Deadline deadline) {
  if (deadline.is_infinite()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  // Core takes no negative times; any instant before its epoch has passed all the same.
  const std::int64_t nanoseconds = std::max<std::int64_t>(deadline.instant().nanoseconds(), 0);
  gpr_timespec time;
  time.clock_type = GPR_CLOCK_MONOTONIC;
  time.tv_sec = nanoseconds / nanoseconds_per_second;
  time.tv_nsec = static_cast<std::int32_t>(nanoseconds % nanoseconds_per_second);
  return time;
}

Metadata to_metadata(const grpc_metadata_array& array) {
  Metadata metadata;
  metadata.reserve(array.count);
  for (std::size_t i = 0; i < array.count; ++i) {
    metadata.add(std::string(view_of(array.metadata[i].key)),
                 std::string(view_of(array.metadata[i].value)));
  }
  return metadata;
}

grpc_compression_algorithm to_algorithm(Compression compression) {
  switch (compression) {
    case Compression::none:
      return GRPC_COMPRESS_NONE;
    case Compression::deflate:
      return GRPC_COMPRESS_DEFLATE;
    case Compression::gzip:
      return GRPC_COMPRESS_GZIP;
  }
  return GRPC_COMPRESS_NONE;
}

std::string_view algorithm_name(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "identity";
    case Compression::deflate:
      return "deflate";
    case Compression::gzip:
      return "gzip";
  }
  return "identity";
}

ConnectivityState to_connectivity(grpc_connectivity_state state) {
  switch (state) {
    case GRPC_CHANNEL_IDLE:
      return ConnectivityState::idle;
    case GRPC_CHANNEL_CONNECTING:
      return ConnectivityState::connecting;
    case GRPC_CHANNEL_READY:
      return ConnectivityState::ready;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
      return ConnectivityState::transient_failure;
    case GRPC_CHANNEL_SHUTDOWN:
      return ConnectivityState::shutdown;
  }
  return ConnectivityState::shutdown;
}

grpc_connectivity_state to_core_connectivity(ConnectivityState state) {
  switch (state) {
    case ConnectivityState::idle:
      return GRPC_CHANNEL_IDLE;
    case ConnectivityState::connecting:
      return GRPC_CHANNEL_CONNECTING;
    case ConnectivityState::ready:
      return GRPC_CHANNEL_READY;
    case ConnectivityState::transient_failure:
      return GRPC_CHANNEL_TRANSIENT_FAILURE;
    case ConnectivityState::shutdown:
      return GRPC_CHANNEL_SHUTDOWN;
  }
  return GRPC_CHANNEL_SHUTDOWN;
}

Bytes to_bytes(grpc_byte_buffer* buffer) {
  return Bytes::wrap(ByteBufferStorage(buffer));
}

grpc_byte_buffer* to_byte_buffer(const Bytes& bytes) {
  if (const auto* slice = bytes.storage_as<SliceStorage>()) {
    grpc_slice core_slice = slice->core_slice();
    return grpc_raw_byte_buffer_create(&core_slice, 1);
  }
  if (const auto* received = bytes.storage_as<ByteBufferStorage>()) {
    return grpc_byte_buffer_copy(received->core_buffer());
  }
  std::vector<grpc_slice> many;
  grpc_slice one = grpc_empty_slice();
  const std::size_t count = bytes.slice_count();
  if (count == 1) {
    one = shared_slice(bytes, 0);
  } else {
    for (std::size_t i = 0; i < count; ++i) many.push_back(shared_slice(bytes, i));
  }
  grpc_byte_buffer* buffer = count == 1 ? grpc_raw_byte_buffer_create(&one, 1)
                                        : grpc_raw_byte_buffer_create(many.data(), many.size());
  // The buffer has references of its own.
  grpc_slice_unref(one);
  for (grpc_slice slice : many) grpc_slice_unref(slice);
  return buffer;
}

}  // namespace weft
