#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "weft/transport_sim/report.h"

namespace weft::sim {

// A report for machines and for people who were not there. Any text in it may hold anything; what
// cannot be shown is written as "\x1b", "\u{202e}", "\xff".

// For programs, weft_sim_merge among them. docs/report.schema.json describes it; its "version"
// changes when a reader of the old one would misread the new one.
std::string report_json(const Report& report);

// For what shows JUnit's results: one suite with one test case, its numbers as properties, the
// report as its output. Valid under the schema of Ant and that of Jenkins. It says "localhost", and
// when it was written.
std::string report_junit(const Report& report);

// A page that needs nothing but itself, no script and no network: the verdict, how far the search
// came, outcomes, executions by number of deviations, the failure with its passing neighbour, and
// one schedule of each outcome (ExploreOptions::trace_outcomes) as a timeline. Light, dark and on
// paper.
std::string report_html(const Report& report);

// "Suite.Name", or "Suite.Name.part-2-of-8": what the files of a search are called.
std::string search_file_name(std::string_view test_name, const Shard& part);

// All of them into a folder, which is made if it is not there: NAME.json, NAME.xml and NAME.html.
// Each is written as a whole or not at all. The error names the file.
absl::Status write_reports(const Report& report, const std::string& folder);

}  // namespace weft::sim
