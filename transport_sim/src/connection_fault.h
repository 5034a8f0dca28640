#pragma once

#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/fault_plan.h"

namespace weft::sim {

class SimTransport;

// One fault of the plan, as something that may happen to one connection.
class ConnectionFault final : public EventSource {
 public:
  ConnectionFault(SimTransport& transport, const Fault& fault);

  static bool concerns(const Fault& fault);
  bool can_strike() const;

  Label label() const override { return Label(name_); }
  void fire() override;
  bool declares_footprint() const override { return true; }

 private:
  SimTransport& transport_;
  Fault fault_;
  std::string text_;
  Label::Name name_;
};

}  // namespace weft::sim
