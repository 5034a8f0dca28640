#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "files.weft.pb.h"
#include "weft/api/task.h"

namespace files {

// Where a file goes. store() may take as long as it likes.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual weft::Task<absl::Status> store(std::string data) = 0;
};

// Fetches the file `name` into `storage`, which must outlive the task; how many bytes it has. One
// chunk is in this program at a time: the next is asked for when the storage has taken the one
// before, and what the server sends meanwhile waits behind flow control.
weft::Task<absl::StatusOr<std::uint64_t>> download(FilesClient client, std::string name,
                                                   Storage& storage);

}  // namespace files
