#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "weft/transport_sim/report.h"

namespace weft::sim {

// A report that report_json() wrote, without its traces. INVALID_ARGUMENT says what is wrong: no
// JSON, of another program or version, something missing or of the wrong type.
absl::StatusOr<Report> read_report(std::string_view json);

}  // namespace weft::sim
