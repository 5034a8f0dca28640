#include "download.h"

#include <utility>

#include "weft/api/channel.h"

namespace files {

// [download]
weft::Task<absl::StatusOr<std::uint64_t>> download(FilesClient client, std::string name,
                                                   Storage& storage) {
  Wanted wanted;
  wanted.set_name(name);
  auto call = client.download(wanted);
  std::uint64_t bytes = 0;
  while (auto chunk = co_await call.read()) {
    bytes += chunk->data().size();
    auto storing = storage.store(std::move(*chunk->mutable_data()));
    const absl::Status stored = co_await std::move(storing);
    if (!stored.ok()) co_return stored;  // drops the call, which cancels it
  }
  const absl::Status end = co_await call.status();
  if (!end.ok()) co_return end;
  co_return bytes;
}
// [/download]

}  // namespace files
