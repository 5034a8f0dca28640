#include "convert.h"

#include <grpc/slice_buffer.h>
#include <grpc/support/alloc.h>

#include <algorithm>

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

Metadata copied_metadata(const grpc_metadata_array& array) {
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

void destroy_received(grpc_byte_buffer* buffer) noexcept {
  grpc_slice_buffer_destroy(&buffer->data.raw.slice_buffer);
  gpr_free(buffer);
}

void fill_byte_buffer(grpc_byte_buffer& buffer, const Bytes& bytes) {
  buffer.reserved = nullptr;
  buffer.type = GRPC_BB_RAW;
  buffer.data.raw.compression = GRPC_COMPRESS_NONE;
  grpc_slice_buffer& slices = buffer.data.raw.slice_buffer;
  grpc_slice_buffer_init(&slices);
  if (const auto* slice = bytes.storage_as<SliceStorage>()) {
    grpc_slice_buffer_add(&slices, grpc_slice_ref(slice->core_slice()));
  } else if (const auto* received = bytes.storage_as<ByteBufferStorage>()) {
    const grpc_slice_buffer& from = received->core_buffer()->data.raw.slice_buffer;
    for (std::size_t i = 0; i < from.count; ++i) {
      grpc_slice_buffer_add(&slices, grpc_slice_ref(from.slices[i]));
    }
  } else {
    for (std::size_t i = 0; i < bytes.slice_count(); ++i) {
      grpc_slice_buffer_add(&slices, shared_slice(bytes, i));
    }
  }
}

}  // namespace weft
