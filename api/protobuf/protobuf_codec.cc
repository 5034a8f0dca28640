#include "weft/api/protobuf_codec.h"

#include <google/protobuf/io/zero_copy_stream.h>

#include <climits>
#include <string_view>

#include "weft/transport/detail/text.h"

namespace weft::detail {
namespace {

// The slices of a Bytes as protobuf reads them.
class BytesInputStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit BytesInputStream(const Bytes& bytes) : bytes_(bytes) {}

  bool Next(const void** data, int* size) override {
    if (backed_up_ > 0) {
      const std::string_view last = bytes_.slice(next_ - 1);
      *data = last.data() + (last.size() - backed_up_);
      *size = static_cast<int>(backed_up_);
      backed_up_ = 0;
      return true;
    }
    if (next_ == bytes_.slice_count()) return false;
    const std::string_view part = bytes_.slice(next_++);
    *data = part.data();
    *size = static_cast<int>(part.size());
    passed_ += part.size();
    return true;
  }
  void BackUp(int count) override { backed_up_ = static_cast<std::size_t>(count); }
  bool Skip(int count) override {
    const void* data;
    int size;
    while (count > 0 && Next(&data, &size)) {
      if (size > count) BackUp(size - count);
      count -= size < count ? size : count;
    }
    return count == 0;
  }
  int64_t ByteCount() const override { return static_cast<int64_t>(passed_ - backed_up_); }

 private:
  const Bytes& bytes_;
  std::size_t next_ = 0;
  std::size_t backed_up_ = 0;
  std::size_t passed_ = 0;
};

}  // namespace

absl::StatusOr<Bytes> serialize_protobuf(const google::protobuf::MessageLite& message,
                                         BytesAllocator& allocator) {
  if (!message.IsInitialized()) {
    return absl::InternalError(text(message.GetTypeName(), " lacks the required fields ",
                                    message.InitializationErrorString()));
  }
  const std::size_t size = message.ByteSizeLong();
  if (size > INT_MAX) {
    return absl::InternalError(
        text(message.GetTypeName(), " takes ", size, " bytes, more than protobuf can code"));
  }
  if (size == 0) return Bytes();
  Bytes bytes = allocator.allocate(size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(bytes.mutable_data()));
  return bytes;
}

absl::Status parse_protobuf(const Bytes& bytes, google::protobuf::MessageLite& message) {
  bool parsed;
  if (bytes.slice_count() == 1) {
    const std::string_view all = bytes.slice(0);
    parsed = message.ParseFromArray(all.data(), static_cast<int>(all.size()));
  } else {
    BytesInputStream stream(bytes);
    parsed = message.ParseFromZeroCopyStream(&stream);
  }
  if (parsed) return absl::OkStatus();
  return absl::InternalError(text(bytes.size(), " bytes are not a valid ", message.GetTypeName()));
}

}  // namespace weft::detail
