#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace weft::bench {

// Ends the program, which was called wrongly.
[[noreturn]] void usage_failure(const std::string& problem);

int positive_number(const std::string& option, const std::string& text);

// Gives `take` every option, which asks for the text behind it if it has one, and says whether it
// knows the option. The result is Google Benchmark's: what it does not know, and --json.
using Value = absl::FunctionRef<std::string()>;
std::vector<std::string> parse(
    int argc, char** argv, absl::FunctionRef<bool(const std::string& option, Value value)> take);

// Runs those of the registered benchmarks that Google Benchmark's arguments ask for.
void run_benchmarks(std::vector<std::string> arguments, benchmark::BenchmarkReporter& table);

}  // namespace weft::bench
