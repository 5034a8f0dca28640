#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive.h"
#include "weft/transport_sim/explore_options.h"
#include "weft/transport_sim/shard.h"

namespace weft::sim::detail {

// Everything on which it depends which schedules a search executes, and in which order: "levels,
// deviations 3, timers 3, ...". The same for all parts of a search; budgets are not among it.
std::string search_identity(const ExploreOptions& options);

// The file in which a search keeps how far it is. It is replaced as a whole, so at any moment it
// holds one state or the next one, whenever the process is killed.
class Checkpoint {
 public:
  // Nothing is kept if the options name no file.
  Checkpoint(const ExploreOptions& options, std::string search_identity, std::string build_id);

  bool is_kept() const { return !path_.empty(); }
  const std::string& path() const { return path_; }

  // So long after the last one that it should be written again. What it costs is at most a
  // twentieth of the time.
  bool is_due() const;

  // `state` is written, or read, as archive.h says.
  template <class... State>
  absl::Status save(State&... state) {
    const auto begin = std::chrono::steady_clock::now();
    absl::StatusOr<File> file = create();
    if (!file.ok()) return file.status();
    SavingArchive archive(file->get());
    archive(test_, search_, part_.index, part_.count, build_, state...);
    const absl::Status status = finish(*std::move(file), archive);
    written(begin);
    return status;
  }

  // False: there is none. FAILED_PRECONDITION: one of another search; nothing was read.
  template <class... State>
  absl::StatusOr<bool> load(State&... state) {
    std::uint64_t size = 0;
    absl::StatusOr<File> file = open(size);
    if (!file.ok()) return file.status();
    if (*file == nullptr) return false;
    LoadingArchive archive(file->get(), size);
    std::string test, search, build;
    Shard part;
    archive(test, search, part.index, part.count, build);
    if (absl::Status same = compare(test, search, part, build); !same.ok()) return same;
    archive(state...);
    if (!archive.ok() || archive.left() != 0) return damaged();
    return true;
  }

  // The search is over, and what it found is somewhere else.
  void remove();

 private:
  class Close {
   public:
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  absl::StatusOr<File> create() const;
  absl::Status finish(File file, const SavingArchive& archive) const;
  absl::StatusOr<File> open(std::uint64_t& size) const;
  absl::Status compare(const std::string& test, const std::string& search, const Shard& part,
                       const std::string& build) const;
  absl::Status damaged() const;
  absl::Status refused(const std::string& why) const;
  absl::Status system_error(std::string_view verb) const;
  void written(std::chrono::steady_clock::time_point begin);

  std::string path_;
  std::string test_;
  std::string search_;
  Shard part_;
  std::string build_;
  std::chrono::nanoseconds interval_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace weft::sim::detail
