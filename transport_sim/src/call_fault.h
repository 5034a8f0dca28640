#pragma once

#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/fault_plan.h"

namespace weft::sim {

class SimCall;

// One fault of the plan, as something that may happen to one call.
class CallFault final : public EventSource {
 public:
  CallFault(SimCall& call, const Fault& fault);

  bool can_strike() const;
  // It has struck, and is now the step that ends a stall.
  bool is_window() const { return closes_window_; }

  Label label() const override;
  void fire() override;
  bool declares_footprint() const override { return true; }

 private:
  bool head_is_message() const;
  void strike();
  void strike_head();
  void replace_head_by_status(CallStatus status);

  SimCall& call_;
  Fault fault_;
  std::string text_;
  Label::Name name_;
  bool closes_window_ = false;
};

}  // namespace weft::sim
