#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace weft::sim {

// What a page's style depends on.
class TimelineShape {
 public:
  TimelineShape(std::size_t lanes, std::size_t fact_count)
      : lane_weights(lanes, 9), facts(fact_count) {}
  std::vector<std::size_t> lane_weights;  // the lanes' shares of the table's width
  std::size_t facts;
  std::size_t time_columns = 4;  // of the longest time
};

// The style sheet of a page. The number of lanes makes the width from which two tables go beside
// each other, and the width below which a table becomes a list.
std::string timeline_style(const TimelineShape& shape);

}  // namespace weft::sim
