#include "archive.h"

#include <cstring>

namespace weft::sim::detail {

std::uint64_t SavingArchive::fold(std::uint64_t checksum, const void* bytes, std::size_t count) {
  const auto* const data = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < count; ++i) checksum = (checksum ^ data[i]) * 0x100000001b3u;
  return checksum;
}

void SavingArchive::bytes(void* data, std::size_t count) {
  checksum_ = fold(checksum_, data, count);
  ok_ = ok_ && std::fwrite(data, 1, count, file_) == count;
}

std::uint64_t SavingArchive::size(std::uint64_t now) {
  bytes(&now, sizeof now);
  return now;
}

std::uint64_t LoadingArchive::size(std::uint64_t) {
  std::uint64_t count = 0;
  bytes(&count, sizeof count);
  if (count <= left_) return count;
  ok_ = false;
  return 0;
}

void LoadingArchive::bytes(void* data, std::size_t count) {
  ok_ = ok_ && count <= left_ && std::fread(data, 1, count, file_) == count;
  if (ok_) {
    left_ -= count;
  } else {
    std::memset(data, 0, count);
  }
}

}  // namespace weft::sim::detail
