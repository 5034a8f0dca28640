#pragma once

#include <string>
#include <utility>

namespace weft::sim {

// An order that a failure needs: with the two steps the other way round, it does not happen. Both
// are labels, "actor.kind" or "actor.kind#2". The later one may be missing from the failing
// execution, because the earlier one withdrew it: a cancelled call has no headers.
class OrderingFact {
 public:
  OrderingFact(std::string earlier, std::string later)
      : happened(std::move(earlier)), before(std::move(later)) {}

  // "call1: cancel BEFORE headers", or "call1.cancel BEFORE call2.headers" if two actors are
  // involved.
  std::string to_string() const;

  // The opposite order, as a passing neighbour has it.
  OrderingFact reversed() const { return OrderingFact(before, happened); }

  friend bool operator==(const OrderingFact&, const OrderingFact&) = default;

  std::string happened;
  std::string before;
};

}  // namespace weft::sim
