#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::sim {

// The --weft_ flags of this process, and the environment variables that stand for them.
class Flags {
 public:
  // Those of this process.
  static const Flags& of_process();

  // `environment(NAME)` gives the variable's value, or null.
  Flags(const std::vector<std::string>& arguments, const char* (*environment)(const char*));

  // The value of --weft_`name`=..., else of WEFT_`NAME`; empty for a flag without a value.
  std::optional<std::string> text(std::string_view name) const;
  // Unknown flags, each with what is wrong about it.
  const std::vector<std::string>& errors() const { return errors_; }
  // "--weft_mode=levels" or "WEFT_MODE=levels" for each that is set, for the report.
  std::string said() const;

 private:
  class Value {
   public:
    std::string name;
    std::string text;
    std::string said;
  };

  std::vector<Value> values_;
  std::vector<std::string> errors_;
};

}  // namespace weft::sim
