#pragma once

#include <vector>

#include "weft/conformance/check.h"

// The checks, by the sections of the contract's list.
namespace weft::conformance {

std::vector<Check> shape_checks();
std::vector<Check> metadata_checks();
std::vector<Check> status_checks();
std::vector<Check> order_checks();
std::vector<Check> misuse_checks();
std::vector<Check> cancel_checks();
std::vector<Check> cancel_race_checks();
std::vector<Check> deadline_checks();
std::vector<Check> flow_control_checks();
std::vector<Check> thread_checks();
std::vector<Check> connection_checks();
std::vector<Check> shutdown_checks();

}  // namespace weft::conformance
