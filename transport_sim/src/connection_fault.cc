#include "connection_fault.h"

#include "sim_transport.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

ConnectionFault::ConnectionFault(SimTransport& transport, const Fault& fault)
    : transport_(transport),
      fault_(fault),
      text_(weft::detail::text("fault.", fault.name(), " on channel", transport.number())),
      name_(text_) {}

bool ConnectionFault::concerns(const Fault& fault) {
  switch (fault.kind()) {
    case Fault::Kind::connection_refused:
    case Fault::Kind::connection_lost:
    case Fault::Kind::goaway:
    case Fault::Kind::goaway_unprocessed:
    case Fault::Kind::keepalive_timeout:
      return true;
    default:
      return false;
  }
}

bool ConnectionFault::can_strike() const {
  switch (fault_.kind()) {
    case Fault::Kind::connection_refused:
      return transport_.state_ == ConnectivityState::connecting;
    case Fault::Kind::goaway_unprocessed:
      return transport_.state_ == ConnectivityState::ready && transport_.has_unseen_calls();
    case Fault::Kind::connection_lost:
    case Fault::Kind::keepalive_timeout:
      return transport_.open_calls_ > 0;
    default:
      return transport_.state_ == ConnectivityState::ready && transport_.open_calls_ > 0;
  }
}

void ConnectionFault::fire() {
  World& world = transport_.world();
  world.touch(detail::ObjectKind::faults, 0, detail::Access::write);
  world.faults().spend();
  if (world.faults().exhausted()) world.withdraw_faults();
  switch (fault_.kind()) {
    case Fault::Kind::connection_refused:
      return transport_.refuse_connection();
    case Fault::Kind::connection_lost:
      return transport_.lose_connection(WireCondition::connection_lost());
    case Fault::Kind::keepalive_timeout:
      return transport_.lose_connection(WireCondition::keepalive_timeout());
    case Fault::Kind::goaway_unprocessed:
      return transport_.go_away(true);
    default:
      return transport_.go_away(false);
  }
}

}  // namespace weft::sim
