#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "timeline_layout.h"
#include "timeline_style.h"
#include "weft/transport_sim/ordering_fact.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// What the marks of the tables mean.
std::string timeline_legend();

// Widens the lanes and the times for an execution.
void fit(const TimelineLayout& layout, TimelineShape& shape);

// One execution as a table, in a frame that says what it is.
class TimelinePanel {
 public:
  // `layout` is of these lanes and facts; all of them outlive this.
  TimelinePanel(const Trace& trace, const TimelineLayout& layout,
                const std::vector<std::string>& lanes, const std::vector<OrderingFact>& facts)
      : trace_(trace), layout_(layout), lanes_(lanes), facts_(facts) {}

  // `remark`, HTML, stands behind the outcome. Steps before `fork` are shared with another
  // execution; drawn back if `shared_is_dim`.
  std::string html(std::string_view heading, std::string_view remark,
                   std::optional<std::size_t> fork, bool shared_is_dim) const;

 private:
  const Trace& trace_;
  const TimelineLayout& layout_;
  const std::vector<std::string>& lanes_;
  const std::vector<OrderingFact>& facts_;
};

// A failing (or any other) schedule and, if there is one, its passing neighbour.
std::string timeline_panels(const Trace& failing, const Trace* passing,
                            const std::vector<OrderingFact>& facts,
                            const std::vector<std::string>& lanes, TimelineShape& shape);

}  // namespace weft::sim
