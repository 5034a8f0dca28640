#include "weft/transport_sim/ordering_fact.h"

#include <string_view>

#include "weft/transport/detail/text.h"

namespace weft::sim {

std::string OrderingFact::to_string() const {
  const auto dot = happened.find('.');
  const bool one_actor = dot != std::string::npos && before.find('.') == dot &&
                         happened.compare(0, dot, before, 0, dot) == 0;
  if (!one_actor) return detail::text(happened, " BEFORE ", before);
  const auto kind = [dot](std::string_view label) { return label.substr(dot + 1); };
  return detail::text(happened.substr(0, dot), ": ", kind(happened), " BEFORE ", kind(before));
}

}  // namespace weft::sim
