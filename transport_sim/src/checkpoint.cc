#include "checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "weft/transport/detail/text.h"

namespace weft::sim::detail {
namespace {

using weft::detail::text;

constexpr std::string_view magic = "weft checkpoint 1\n";
constexpr int largest_share = 20;  // of the time is one in so many

std::string new_path(const std::string& path) {
  return path + ".new";
}

}  // namespace

std::string search_identity(const ExploreOptions& options) {
  std::string identity(to_string(options.search_mode()));
  if (options.most_deviations) identity += text(", deviations ", *options.most_deviations);
  if (options.keeps_going) identity += ", goes on after failures";
  return text(identity, ", ", options.world_options.to_string());
}

Checkpoint::Checkpoint(const ExploreOptions& options, std::string search_identity,
                       std::string build_id)
    : path_(options.checkpoint_path),
      test_(options.test_name),
      search_(std::move(search_identity)),
      part_(options.part),
      build_(std::move(build_id)),
      interval_(absl::ToChronoNanoseconds(options.checkpoint_interval)),
      next_(std::chrono::steady_clock::now() + interval_) {}

bool Checkpoint::is_due() const {
  return is_kept() && std::chrono::steady_clock::now() >= next_;
}

void Checkpoint::written(std::chrono::steady_clock::time_point begin) {
  const auto end = std::chrono::steady_clock::now();
  next_ = end + interval_;
  if (interval_ != interval_.zero()) next_ = std::max(next_, end + (end - begin) * largest_share);
}

void Checkpoint::remove() {
  if (!is_kept()) return;
  std::remove(path_.c_str());
  std::remove(new_path(path_).c_str());
}

absl::Status Checkpoint::system_error(std::string_view verb) const {
  const std::string message = text("cannot ", verb, " the checkpoint ", path_);
  return absl::ErrnoToStatus(errno, weft::detail::as_absl(message));
}

absl::Status Checkpoint::refused(const std::string& why) const {
  const std::string message = text("the checkpoint ", path_, " ", why, "; delete it to begin anew");
  return absl::FailedPreconditionError(weft::detail::as_absl(message));
}

absl::Status Checkpoint::damaged() const {
  return refused("is damaged, or was not written by a search");
}

absl::Status Checkpoint::compare(const std::string& test, const std::string& search,
                                 const Shard& part, const std::string& build) const {
  if (test != test_) return refused(text("belongs to the test ", test, ", not to ", test_));
  if (search != search_) {
    return refused(
        text("is of a search with other options (", search, "; this one: ", search_, ")"));
  }
  if (part.index != part_.index || part.count != part_.count) {
    return refused(text("is of part ", part.index, " of ", part.count, ", not of part ",
                        part_.index, " of ", part_.count));
  }
  if (build != build_) {
    return refused(text("was written by another build of the program (build id ", build,
                        "; this one: ", build_, ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint::File> Checkpoint::create() const {
  File file(std::fopen(new_path(path_).c_str(), "wb"));
  if (file == nullptr) return system_error("create");
  if (std::fwrite(magic.data(), 1, magic.size(), file.get()) != magic.size()) {
    return system_error("write");
  }
  return file;
}

absl::Status Checkpoint::finish(File file, const SavingArchive& archive) const {
  const std::uint64_t checksum = archive.checksum();
  const bool written = archive.ok() &&
                       std::fwrite(&checksum, sizeof checksum, 1, file.get()) == 1 &&
                       std::fflush(file.get()) == 0 && fsync(fileno(file.get())) == 0;
  if (!written) return system_error("write");
  file.reset();
  if (std::rename(new_path(path_).c_str(), path_.c_str()) != 0) return system_error("replace");
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint::File> Checkpoint::open(std::uint64_t& size) const {
  if (!is_kept()) return File();
  File file(std::fopen(path_.c_str(), "rb"));
  if (file == nullptr) {
    if (errno == ENOENT) return File();
    return system_error("open");
  }
  std::array<char, std::size_t{64} * 1024> buffer;
  std::uint64_t checksum = SavingArchive::empty_checksum;
  std::fseek(file.get(), 0, SEEK_END);
  const long end = std::ftell(file.get());
  std::rewind(file.get());
  constexpr long around = static_cast<long>(magic.size() + sizeof checksum);
  if (end < around) return damaged();
  if (std::fread(buffer.data(), 1, magic.size(), file.get()) != magic.size() ||
      std::string_view(buffer.data(), magic.size()) != magic) {
    return damaged();
  }
  size = static_cast<std::uint64_t>(end - around);
  for (std::uint64_t left = size; left > 0;) {
    const std::size_t count =
        std::fread(buffer.data(), 1, std::min<std::uint64_t>(left, buffer.size()), file.get());
    if (count == 0) return damaged();
    checksum = SavingArchive::fold(checksum, buffer.data(), count);
    left -= count;
  }
  std::uint64_t expected = 0;
  if (std::fread(&expected, sizeof expected, 1, file.get()) != 1 || expected != checksum) {
    return damaged();
  }
  std::fseek(file.get(), magic.size(), SEEK_SET);
  return file;
}

}  // namespace weft::sim::detail
