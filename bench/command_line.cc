#include "command_line.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace weft::bench {

void usage_failure(const std::string& problem) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, problem.c_str());
  std::exit(2);
}

int positive_number(const std::string& option, const std::string& text) {
  const int number = std::atoi(text.c_str());
  if (number <= 0) usage_failure(option + " needs a positive number, not \"" + text + "\"");
  return number;
}

std::vector<std::string> parse(
    int argc, char** argv, absl::FunctionRef<bool(const std::string& option, Value value)> take) {
  std::vector<std::string> others = {argv[0]};
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 == argc) usage_failure(option + " needs a value");
      return argv[++i];
    };
    if (option == "--json") {
      others.push_back("--benchmark_out=" + value());
      others.push_back("--benchmark_out_format=json");
    } else if (!take(option, value)) {
      others.push_back(option);
    }
  }
  return others;
}

void run_benchmarks(std::vector<std::string> arguments, benchmark::BenchmarkReporter& table) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) std::exit(2);
  if (benchmark::RunSpecifiedBenchmarks(&table) == 0) usage_failure("no benchmark matches");
  benchmark::Shutdown();
}

}  // namespace weft::bench
