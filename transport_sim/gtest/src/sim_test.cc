#include "weft/transport_sim/sim_test.h"

#include <errno.h>
#include <gtest/gtest-spi.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "flags.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/report_formats.h"
#include "weft/transport_sim/timeline.h"

namespace weft::sim {
namespace {

// Keeps the framework's failures within an execution from being reported: the exploration decides
// what is told, and of which execution.
class GoogleTestProbe final : public ExecutionProbe {
 public:
  void begin_execution() override { before_ = results_.size(); }
  void end_execution(std::vector<Failure>& failures) override {
    for (int i = before_; i < results_.size(); ++i) {
      const testing::TestPartResult& result = results_.GetTestPartResult(i);
      if (!result.failed()) continue;
      const char* file = result.file_name() == nullptr ? "unknown file" : result.file_name();
      failures.emplace_back(
          FailureKind::assertion,
          weft::detail::text(file, ":", result.line_number(), "\n", result.message()));
    }
  }

 private:
  testing::TestPartResultArray results_;
  testing::ScopedFakeTestPartResultReporter reporter_{
      testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results_};
  int before_ = 0;
};

// The test that runs this search, as a filter names it.
std::string test_of(const ExploreOptions& options) {
  if (options.part.is_whole()) return options.test_name;
  return weft::detail::text(options.test_name, "/", options.part.index);
}

// What the flags say, where the code did not. The errors are for the caller to report.
class FlagReader {
 public:
  FlagReader(const Flags& flags, std::vector<std::string>& errors)
      : flags_(flags), errors_(errors) {}

  void apply(ExploreOptions& options) {
    read_mode(options);
    read_sampling(options);
    read_bound("deviations", options.most_deviations, options);
    read_bound("executions", options.most_executions, options);
    std::optional<std::size_t> seconds;
    if (!options.longest_real_time) read_bound("seconds", seconds, options);
    if (seconds) options.time_limit(absl::Seconds(static_cast<std::int64_t>(*seconds)));
    if (const auto token = flags_.text("replay"); token && options.replay_token.empty()) {
      options.replay(*token);
    }
    if (flags_.text("replay_near")) options.replay_near();
    if (flags_.text("report")) options.trace_outcomes(most_drawn);
    read_checkpoint(options);
    read_progress(options);
  }

 private:
  static constexpr std::pair<std::string_view, SearchMode> modes[] = {
      {"levels", SearchMode::levels},
      {"brute_force", SearchMode::brute_force},
      {"reduced", SearchMode::reduced},
      {"sample", SearchMode::sample}};
  // Outcomes that a report draws an example of.
  static constexpr std::size_t most_drawn = 20;

  void read_checkpoint(ExploreOptions& options) {
    const auto folder = flags_.text("checkpoint");
    if (!folder || !options.checkpoint_path.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(*folder, error);
    if (error) {
      errors_.push_back(weft::detail::text("--weft_checkpoint: cannot make the folder ", *folder,
                                           ": ", error.message()));
    }
    options.checkpoint(
        weft::detail::text(*folder, "/", search_file_name(options.test_name, options.part),
                           ".checkpoint"),
        absl::Seconds(static_cast<std::int64_t>(number("checkpoint_seconds").value_or(5))));
    if (!options.command_that_resumes.empty()) return;
    options.resume_command(weft::detail::text(program_invocation_name, " --gtest_filter=",
                                              test_of(options), " --weft_checkpoint=", *folder));
  }

  void read_mode(ExploreOptions& options) {
    const auto mode = flags_.text("mode");
    if (!mode || options.search) return;
    for (const auto& [name, search] : modes) {
      if (name == *mode) options.search = search;
    }
    if (!options.search) {
      errors_.push_back(weft::detail::text("--weft_mode: \"", *mode,
                                           "\" is none of levels, brute_force, reduced, sample"));
    }
  }

  void read_sampling(ExploreOptions& options) {
    using Strategy = SamplingOptions::Strategy;
    constexpr std::pair<std::string_view, Strategy> strategies[] = {
        {"random_walk", Strategy::random_walk},
        {"pos", Strategy::partial_order},
        {"pct", Strategy::priorities}};
    SamplingOptions& sampling = options.sampling_options;
    if (const auto wanted = flags_.text("sampling")) {
      bool known = false;
      for (const auto& [name, strategy] : strategies) {
        if (name != *wanted) continue;
        known = true;
        sampling.strategy(strategy);
      }
      if (!known) {
        errors_.push_back(weft::detail::text("--weft_sampling: \"", *wanted,
                                             "\" is none of random_walk, pos, pct"));
      }
    }
    if (const auto seed = number("seed")) sampling.seed(*seed);
    if (const auto runs = number("runs")) sampling.runs(*runs);
    if (flags_.text("swarm")) sampling.swarm();
  }

  // Whoever bounds a test from outside looks at a part of what it expects.
  void read_bound(std::string_view name, std::optional<std::size_t>& bound,
                  ExploreOptions& options) {
    if (bound || !flags_.text(name)) return;
    bound = number(name);
    options.partial();
  }

  void read_progress(ExploreOptions& options) {
    const std::string progress = flags_.text("progress").value_or("auto");
    if (progress == "off" || options.progress_line) return;
    if (progress != "auto") {
      errors_.push_back(
          weft::detail::text("--weft_progress: \"", progress, "\" is neither auto nor off"));
      return;
    }
    const bool terminal = isatty(STDERR_FILENO) != 0;
    options.progress([terminal](std::string_view line) {
      std::fprintf(stderr, terminal ? "\r\033[K%.*s" : "%.*s\n", static_cast<int>(line.size()),
                   line.data());
    });
  }

  std::optional<std::size_t> number(std::string_view name) {
    const auto text = flags_.text(name);
    if (!text) return std::nullopt;
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || text->empty()) {
      errors_.push_back(weft::detail::text("--weft_", name, ": \"", *text, "\" is not a number"));
      return std::nullopt;
    }
    return value;
  }

  const Flags& flags_;
  std::vector<std::string>& errors_;
};

std::string crash_path(std::string_view name) {
  const char* temporary = std::getenv("TMPDIR");
  const std::string_view usual = temporary == nullptr ? "/tmp" : temporary;
  const std::string folder = Flags::of_process().text("crash_folder").value_or(std::string(usual));
  return weft::detail::text(folder, "/weft-sim-", name, "-", getpid(), ".token");
}

Timeline timeline_of(const Report& report) {
  const Counterexample& example = *report.counterexample;
  Timeline timeline(report.test_name, example.trace);
  timeline.passing = example.nearest_passing;
  timeline.facts = example.facts;
  for (const Failure& failure : example.failures)
    timeline.summary += weft::detail::text(failure.text, '\n');
  timeline.replay_command = weft::detail::text(report.replay_command, example.token);
  return timeline;
}

void write_page(Report& report) {
  const auto path = Flags::of_process().text("timeline");
  if (!path) return;
  absl::Status written;
  if (report.counterexample.has_value()) {
    written = write_timeline(timeline_of(report), *path);
  } else if (report.replayed_trace.has_value()) {
    written = write_timeline(Timeline(report.test_name, *report.replayed_trace), *path);
  } else {
    report.warnings.push_back("no timeline was written: no schedule failed, and none was replayed");
  }
  if (!written.ok()) report.problems.push_back(weft::detail::text(written.message()));
}

// The framework's own failures of the counterexample, where they were.
void repeat_assertions(const Counterexample& example) {
  for (const Failure& failure : example.failures) {
    if (failure.kind != FailureKind::assertion) continue;
    const std::size_t line_end = failure.text.find('\n');
    const std::size_t colon = failure.text.rfind(':', line_end);
    const std::string file = failure.text.substr(0, colon);
    ADD_FAILURE_AT(file.c_str(), std::atoi(failure.text.c_str() + colon + 1))
        << failure.text.substr(line_end + 1);
  }
}

}  // namespace

Report explore_in_test(std::string_view name, ExploreOptions options, const BodyFunction& body) {
  const Flags& flags = Flags::of_process();
  std::vector<std::string> errors = flags.errors();
  options.name(name);
  FlagReader(flags, errors).apply(options);
  if (options.command_prefix.empty()) {
    options.replay_command(weft::detail::text(
        program_invocation_name, " --gtest_filter=", test_of(options), " --weft_replay="));
  }
  if (options.crash_path.empty()) options.crash_file(crash_path(name));
  if (!errors.empty()) {
    Report report;
    report.test_name = std::string(name);
    report.problems = std::move(errors);
    return report;
  }
  GoogleTestProbe probe;
  options.probe(&probe);
  Report report = detail::explore_keeping_checkpoint(options, body);
  report.flags = flags.said();
  write_page(report);
  if (const auto folder = flags.text("report"); folder && report.verdict != Verdict::replayed) {
    const absl::Status written = write_reports(report, *folder);
    if (!written.ok()) report.problems.push_back(weft::detail::text(written.message()));
  }
  detail::remove_checkpoint(options, report);
  return report;
}

void run_sim_test(std::string_view name, ExploreOptions options, const BodyFunction& body,
                  const char* file, int line) {
  const Report report = explore_in_test(name, std::move(options), body);
  testing::Test::RecordProperty("weft_verdict", std::string(to_string(report.verdict)));
  testing::Test::RecordProperty("weft_schedules", std::to_string(report.executions));
  testing::Test::RecordProperty("weft_failed", std::to_string(report.failed_executions));
  testing::Test::RecordProperty("weft_tree_weight", std::to_string(report.tree_weight));
  if (report.ok()) {
    std::fputs(report.to_string().c_str(), stdout);
    return;
  }
  if (report.counterexample.has_value()) repeat_assertions(*report.counterexample);
  std::string text = report.to_string();
  if (report.counterexample.has_value()) {
    text += '\n';
    text += timeline_text(timeline_of(report), isatty(STDOUT_FILENO) != 0);
    text += weft::detail::text(
        "\nto pin it:\n  WEFT_SIM_REPLAY_TEST(", name.substr(0, name.find('.')), ", ",
        name.substr(name.find('.') + 1), ", \"", report.counterexample->token, "\")\n");
  }
  ADD_FAILURE_AT(file, line) << text;
}

namespace {

// One part of a search that is divided.
class PartTest final : public testing::Test {
 public:
  PartTest(ShardedTest test, std::size_t index) : test_(test), index_(index) {}
  void TestBody() override {
    run_sim_test(test_.name, test_.options().shard(index_, test_.count), test_.body, test_.file,
                 test_.line);
  }

 private:
  ShardedTest test_;
  std::size_t index_;
};

}  // namespace

bool register_sharded_test(const ShardedTest& test) {
  const std::string_view name = test.name;
  const std::size_t dot = name.find('.');
  const std::string suite(name.substr(0, dot));
  for (std::size_t index = 0; index < test.count; ++index) {
    const std::string part = weft::detail::text(name.substr(dot + 1), "/", index);
    testing::RegisterTest(suite.c_str(), part.c_str(), nullptr, nullptr, test.file, test.line,
                          [test, index]() -> testing::Test* { return new PartTest(test, index); });
  }
  return true;
}

}  // namespace weft::sim
