#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

using weft::detail::text;

absl::Status write_whole(const std::string& path, const std::string& content) {
  const std::string unfinished = path + ".new";
  const auto failed = [&path] {
    const std::string message = text("cannot write the report ", path);
    return absl::ErrnoToStatus(errno, weft::detail::as_absl(message));
  };
  std::FILE* const file = std::fopen(unfinished.c_str(), "wb");
  if (file == nullptr) return failed();
  const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if (std::fclose(file) != 0 || !written) return failed();
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return failed();
  return absl::OkStatus();
}

}  // namespace

std::string search_file_name(std::string_view test_name, const Shard& part) {
  std::string name(test_name);
  std::replace(name.begin(), name.end(), '/', '_');
  if (part.is_whole()) return name;
  return text(name, ".part-", part.index, "-of-", part.count);
}

absl::Status write_reports(const Report& report, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    const std::string message = text("cannot make the folder ", folder);
    return absl::ErrnoToStatus(error.value(), weft::detail::as_absl(message));
  }
  const std::string base = text(folder, "/", search_file_name(report.test_name, report.shard));
  const std::vector<std::pair<std::string_view, std::string>> files = {
      {".json", report_json(report)},
      {".xml", report_junit(report)},
      {".html", report_html(report)}};
  for (const auto& [extension, content] : files) {
    if (absl::Status status = write_whole(text(base, extension), content); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace weft::sim
