#include "weft/transport/assert.h"

#include <cstdio>
#include <cstdlib>

namespace weft::detail {

void assertion_failed(const char* file, int line, std::string_view condition,
                      std::string_view operand_names, std::string_view operand_values) {
  std::string report = text(file, ":", line, ": assertion failed: ", condition);
  if (!operand_names.empty()) report += text("; ", operand_names, " = ", operand_values);
  std::fprintf(stderr, "%s\n", report.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace weft::detail
