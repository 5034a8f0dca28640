#pragma once

// Between Weft's vocabulary and gRPC core's: the only file that names both.

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "weft/transport/bytes.h"
#include "weft/transport/call_status.h"
#include "weft/transport/deadline.h"
#include "weft/transport/instant.h"
#include "weft/transport/metadata.h"
#include "weft/transport/stream_options.h"
#include "weft/transport/transport.h"

namespace weft {

Instant to_instant(gpr_timespec time);
gpr_timespec to_timespec(Deadline deadline);

inline std::string_view view_of(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}
// Copies; core keeps references of its own for longer than a call lives.
inline grpc_slice to_slice(std::string_view text) {
  if (text.size() > GRPC_SLICE_INLINED_SIZE) {
    return grpc_slice_from_copied_buffer(text.data(), text.size());
  }
  grpc_slice slice;
  slice.refcount = nullptr;
  slice.data.inlined.length = static_cast<std::uint8_t>(text.size());
  text.copy(reinterpret_cast<char*>(slice.data.inlined.bytes), text.size());
  return slice;
}

Metadata copied_metadata(const grpc_metadata_array& array);
inline Metadata to_metadata(const grpc_metadata_array& array) {
  return array.count == 0 ? Metadata() : copied_metadata(array);
}
grpc_compression_algorithm to_algorithm(Compression compression);
// What core takes in the metadata to choose a call's compression.
std::string_view algorithm_name(Compression compression);
ConnectivityState to_connectivity(grpc_connectivity_state state);
grpc_connectivity_state to_core_connectivity(ConnectivityState state);

// Bytes over one slice of core's: what GrpcTransport::allocate hands out.
class SliceStorage {
 public:
  explicit SliceStorage(grpc_slice slice) : slice_(slice) {}
  SliceStorage(const SliceStorage& other) : slice_(grpc_slice_ref(other.slice_)) {}
  SliceStorage& operator=(const SliceStorage&) = delete;
  ~SliceStorage() { grpc_slice_unref(slice_); }

  std::size_t size() const { return GRPC_SLICE_LENGTH(slice_); }
  std::size_t slice_count() const { return 1; }
  std::string_view slice(std::size_t) const { return view_of(slice_); }
  char* mutable_data() { return reinterpret_cast<char*>(GRPC_SLICE_START_PTR(slice_)); }
  const grpc_slice& core_slice() const { return slice_; }

 private:
  grpc_slice slice_;
};

// What grpc_byte_buffer_destroy does, at a quarter of its instructions: that one sets up an
// execution context of core's, for which a received buffer has no use.
void destroy_received(grpc_byte_buffer* buffer) noexcept;

// Bytes over a received message.
class ByteBufferStorage {
 public:
  // Takes the buffer over.
  explicit ByteBufferStorage(grpc_byte_buffer* buffer) : buffer_(buffer) {}
  ByteBufferStorage(const ByteBufferStorage& other)
      : buffer_(grpc_byte_buffer_copy(other.buffer_)) {}
  ByteBufferStorage(ByteBufferStorage&& other) noexcept
      : buffer_(std::exchange(other.buffer_, nullptr)) {}
  ByteBufferStorage& operator=(const ByteBufferStorage&) = delete;
  ~ByteBufferStorage() {
    if (buffer_ != nullptr) destroy_received(buffer_);
  }

  std::size_t size() const { return slices().length; }
  std::size_t slice_count() const { return slices().count; }
  std::string_view slice(std::size_t index) const { return view_of(slices().slices[index]); }
  char* mutable_data() { return nullptr; }
  grpc_byte_buffer* core_buffer() const { return buffer_; }

 private:
  const grpc_slice_buffer& slices() const { return buffer_->data.raw.slice_buffer; }

  grpc_byte_buffer* buffer_;
};

// Takes a received buffer over; it must not be null.
inline Bytes to_bytes(grpc_byte_buffer* buffer) {
  return Bytes::wrap(ByteBufferStorage(buffer));
}
// Makes `buffer`, which is uninitialised, one that shares the bytes; only up to 23 of them are
// copied. Core empties it when it takes a batch; its slice_buffer is to be destroyed all the same.
void fill_byte_buffer(grpc_byte_buffer& buffer, const Bytes& bytes);

}  // namespace weft
