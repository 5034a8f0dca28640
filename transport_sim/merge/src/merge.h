#pragma once

#include <string>
#include <vector>

#include "weft/transport_sim/report.h"

namespace weft::sim {

// The report of a part, and where it is from.
class PartReport {
 public:
  PartReport(std::string where, Report what) : file(std::move(where)), report(std::move(what)) {}
  std::string file;
  Report report;
};

// The report of the whole search. It is COMPLETE, or COMPLETE WITHIN BOUND, only if the parts prove
// it: they are of one test, build and search, each is there once and complete, their prefixes are
// those of the one region that all have planned, each with its owner, and the weights of what they
// executed add up to the whole tree. What else the body expects of the whole is then checked. Its
// problems say exactly what is missing or wrong. Outcomes and counts are sums; of a failure, the
// one with the fewest deviations is told.
Report merge_parts(const std::vector<PartReport>& parts);

}  // namespace weft::sim
