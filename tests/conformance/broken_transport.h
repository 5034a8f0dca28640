#pragma once

#include <memory>

#include "weft/transport/transport.h"

namespace weft::conformance {

// What is wrong with a transport that is to be found out.
enum class Breach {
  cancel_lies,       // cancel() says true after the end
  reason_is_lost,    // a cancel's text
  deadline_is_lost,  // no deadline is kept
  metadata_is_lost,  // all request metadata but the suite's script
  message_is_empty,  // the first one received
  send_is_inline,    // a send completes on the stack that started it
  close_is_lost,     // the half-close completes and never leaves
};

// `good`, with that wrong.
std::shared_ptr<Transport> break_transport(std::shared_ptr<Transport> good, Breach breach);

}  // namespace weft::conformance
