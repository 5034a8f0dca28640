// weft_sim_merge [--report=FOLDER] FILE.json|FOLDER...
//
// Reads the reports of the parts of one divided search (--weft_report of a WEFT_SIM_TEST_SHARDED;
// of a folder, all *.json) and says whether together they are the whole of it. Prints the report of
// the whole; --report writes it as files as well. Exits with 0 only if the whole is complete and
// passed, with 1 if it is not, with 2 if something cannot be read.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "merge.h"
#include "report_reader.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report_formats.h"

namespace weft::sim {
namespace {

constexpr int passed = 0;
constexpr int failed = 1;
constexpr int unusable = 2;

int complain(std::string_view what) {
  std::fprintf(stderr, "weft_sim_merge: %.*s\n", static_cast<int>(what.size()), what.data());
  return unusable;
}

std::vector<std::string> files_of(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int merge(const std::vector<std::string>& files, const std::string& report_folder) {
  std::vector<PartReport> parts;
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    if (!file) return complain(weft::detail::text("cannot open ", name));
    const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    absl::StatusOr<Report> report = read_report(json);
    if (!report.ok()) {
      return complain(weft::detail::text(name, ": ", report.status().message()));
    }
    parts.emplace_back(name, *std::move(report));
  }
  const Report all = merge_parts(parts);
  if (all.verdict == Verdict::incomplete) {
    std::printf("[ INCOMPLETE ] %s: the parts are not the whole search\n", all.test_name.c_str());
    for (const std::string& problem : all.problems) std::printf("  %s\n", problem.c_str());
  } else {
    std::fputs(all.to_string().c_str(), stdout);
  }
  if (!report_folder.empty()) {
    const absl::Status written = write_reports(all, report_folder);
    if (!written.ok()) return complain(weft::detail::as_std(written.message()));
  }
  return all.ok() ? passed : failed;
}

int run(const std::vector<std::string>& arguments) {
  constexpr std::string_view report_flag = "--report=";
  std::vector<std::string> files;
  std::string report_folder;
  for (const std::string& argument : arguments) {
    if (argument.starts_with(report_flag)) {
      report_folder = argument.substr(report_flag.size());
    } else if (argument.starts_with("--")) {
      return complain(weft::detail::text("unknown flag ", argument));
    } else {
      const std::vector<std::string> found = files_of(argument);
      files.insert(files.end(), found.begin(), found.end());
    }
  }
  if (files.empty()) return complain("usage: weft_sim_merge [--report=FOLDER] FILE.json|FOLDER...");
  return merge(files, report_folder);
}

}  // namespace
}  // namespace weft::sim

int main(int argc, char** argv) {
  return weft::sim::run(std::vector<std::string>(argv + 1, argv + argc));
}
