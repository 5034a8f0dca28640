#include "isolated_search.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/token.h"

namespace weft::test {
namespace {

using detail::text;

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// An object of JSON, in the order in which it is filled.
class JsonLine {
 public:
  JsonLine& add(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
  JsonLine& add(std::string_view key, std::size_t value) { return raw(key, std::to_string(value)); }
  JsonLine& raw(std::string_view key, std::string_view value) {
    if (!members_.empty()) members_ += ", ";
    members_ += text(quoted(key), ": ", value);
    return *this;
  }
  const std::string& members() const { return members_; }

 private:
  std::string members_;
};

// Counts executions where another process can see it.
class Counter final : public sim::ExecutionProbe {
 public:
  explicit Counter(std::atomic<std::size_t>& count) : count_(count) {}
  void begin_execution() override { count_.fetch_add(1, std::memory_order_relaxed); }
  void end_execution(std::vector<sim::Failure>&) override {}

 private:
  std::atomic<std::size_t>& count_;
};

std::string levels_of(const sim::Report& report) {
  std::string all;
  for (const std::size_t level : report.levels) {
    if (!all.empty()) all += ", ";
    all += std::to_string(level);
  }
  return text("[", all, "]");
}

std::string token_before_shrinking(const sim::Report& report) {
  for (const auto& [outcome, found] : report.outcomes) {
    if (outcome.starts_with("FAILED")) return found.example;
  }
  return "";
}

std::string_view verdict_of(const sim::Report& report) {
  if (report.counterexample.has_value()) return "killed";
  if (report.verdict == sim::Verdict::incomplete) return "incomplete";  // a budget is no oracle
  if (!report.problems.empty()) return "refused";
  if (report.verdict == sim::Verdict::sampled) return "sampled";
  return report.verdict == sim::Verdict::complete ? "complete" : "incomplete";
}

std::string to_members(const sim::Report& report) {
  JsonLine line;
  line.add("verdict", verdict_of(report)).add("executions", report.executions);
  line.raw("levels", levels_of(report));
  if (!report.counterexample.has_value()) {
    if (!report.problems.empty()) line.add("failure", report.problems.front());
    return line.members();
  }
  const sim::Counterexample& example = *report.counterexample;
  std::size_t faults = 0;
  for (const sim::OrderingFact& fact : example.facts) {
    if (fact.to_string().starts_with("fault.")) ++faults;
  }
  line.add("kind", to_string(example.failures.front().kind))
      .add("failure", example.failures.front().site())
      .add("found_with", example.found_with_deviations)
      .add("token_found", token_before_shrinking(report))
      .add("token", example.token)
      .add("deviations", example.schedule.size())
      .add("faults_struck", faults);
  return line.members();
}

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// What a crash says of itself in one line.
std::string said_at_the_end(const std::string& errors) {
  for (const std::string_view mark : {"SUMMARY: ", "assertion", "weft: "}) {
    const std::size_t found = errors.find(mark);
    if (found != std::string::npos) return errors.substr(found, errors.find('\n', found) - found);
  }
  return errors.substr(0, errors.find('\n'));
}

// The files through which a search tells what it found, gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weft_mutants_XXXXXX").string();
    WEFT_ASSERT(mkdtemp(name.data()) != nullptr, name);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

[[noreturn]] void search_here(const MutantBody& body, const SearchKind& kind, std::size_t faults,
                              absl::Duration time_limit, std::atomic<std::size_t>& count,
                              const Folder& folder) {
  if (std::freopen((folder / "errors").c_str(), "w", stderr) == nullptr) std::abort();
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(time_limit)));
  Counter counter(count);
  sim::ExploreOptions options = kind.options();
  options.name(text("Mutants.", body.name, ".", faults))
      .probe(&counter)
      .crash_file((folder / "crash").string());
  const sim::Report report = sim::explore(
      options, [&body, faults](sim::World& world) { return body.play(world, faults); });
  std::ofstream(folder / "report") << to_members(report);
  _exit(0);  // what a mutant left behind is nobody's business
}

// The file of a process that was killed has zeros behind the token.
constexpr std::string_view token_ends("\0 \n'\"", 5);

// Of a search whose process did not come to its end.
std::string crash_members(int status, std::size_t executions, const Folder& folder) {
  const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
  JsonLine line;
  line.add("verdict", hung ? "hung" : "crashed").add("executions", executions);
  line.add("kind", hung ? "time limit" : "crash");
  line.add("failure", said_at_the_end(contents_of(folder / "errors")));
  const std::string note = contents_of(folder / "crash");
  const std::size_t begin = note.find("cs1~");
  if (begin == std::string::npos) return line.members();
  const std::string token = note.substr(begin, note.find_first_of(token_ends, begin) - begin);
  line.add("token_found", token);
  const absl::StatusOr<sim::Token> parsed = sim::Token::parse(token);
  if (parsed.ok()) line.add("found_with", parsed->deviations().size());
  return line.members();
}

}  // namespace

std::string search_isolated(const MutantBody& body, const SearchKind& kind, std::size_t faults,
                            absl::Duration time_limit) {
  const Folder folder;
  void* shared = mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  WEFT_ASSERT(shared != MAP_FAILED);
  auto* count = new (shared) std::atomic<std::size_t>(0);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  WEFT_ASSERT(child >= 0);
  if (child == 0) search_here(body, kind, faults, time_limit, *count, folder);
  int status = 0;
  WEFT_ASSERT(waitpid(child, &status, 0) == child);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  const bool reported = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const std::string members =
      reported ? contents_of(folder / "report") : crash_members(status, count->load(), folder);
  munmap(shared, sizeof(std::atomic<std::size_t>));
  JsonLine line;
  line.add("body", body.name).add("search", kind.name).add("faults", faults);
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f", spent.count());
  line.raw("seconds", seconds);
  return text("{", line.members(), ", ", members, "}");
}

}  // namespace weft::test
