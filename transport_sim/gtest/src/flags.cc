#include "flags.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "weft/transport/detail/text.h"

namespace weft::sim {
namespace {

constexpr std::string_view prefix = "--weft_";
constexpr std::array<std::string_view, 16> known = {
    "replay",     "replay_near",        "mode",     "deviations",   "executions", "seconds",
    "timeline",   "progress",           "sampling", "crash_folder", "seed",       "runs",
    "checkpoint", "checkpoint_seconds", "report",   "swarm",
};

std::vector<std::string> arguments_of_process() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

const char* environment_of_process(const char* name) {
  return std::getenv(name);
}

std::string variable_of(std::string_view name) {
  std::string variable = "WEFT_";
  std::transform(name.begin(), name.end(), std::back_inserter(variable),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return variable;
}

}  // namespace

const Flags& Flags::of_process() {
  static const Flags flags(arguments_of_process(), &environment_of_process);
  return flags;
}

Flags::Flags(const std::vector<std::string>& arguments, const char* (*environment)(const char*)) {
  for (const std::string& argument : arguments) {
    if (!argument.starts_with(prefix)) continue;
    const std::string_view rest = std::string_view(argument).substr(prefix.size());
    const std::size_t equals = rest.find('=');
    Value value;
    value.name = std::string(rest.substr(0, equals));
    if (equals != std::string_view::npos) value.text = std::string(rest.substr(equals + 1));
    value.said = argument;
    if (std::find(known.begin(), known.end(), value.name) == known.end()) {
      errors_.push_back("unknown flag " + argument);
      continue;
    }
    values_.push_back(std::move(value));
  }
  for (const std::string_view name : known) {
    const std::string variable = variable_of(name);
    const char* text_of_variable = environment(variable.c_str());
    if (text_of_variable == nullptr || text(name).has_value()) continue;
    Value value;
    value.name = std::string(name);
    value.text = text_of_variable;
    value.said = weft::detail::text(variable, "=", std::string_view(text_of_variable));
    values_.push_back(std::move(value));
  }
}

std::optional<std::string> Flags::text(std::string_view name) const {
  for (const Value& value : values_) {
    if (value.name == name) return value.text;
  }
  return std::nullopt;
}

std::string Flags::said() const {
  std::string all;
  for (const Value& value : values_) {
    if (!all.empty()) all += ' ';
    all += value.said;
  }
  return all;
}

}  // namespace weft::sim
