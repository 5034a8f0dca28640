#pragma once

#include <string>

#include "steps.h"

// The stages of a call at which it may be ended, by a cancel (C072-C079) or a deadline (C101).
namespace weft::conformance {

enum class Stage {
  headers_awaited,  // the peer is silent; a receive and the status are pending
  accepted,         // the peer has sent headers
  half_closed,      // ... and the client is through
  round_trip,       // ... a message there and one back
  send_blocked,     // a send is pending that flow control does not take
  receive_pending,  // a receive is pending behind the headers
};
inline constexpr Stage all_stages[] = {Stage::headers_awaited, Stage::accepted,
                                       Stage::half_closed,     Stage::round_trip,
                                       Stage::send_blocked,    Stage::receive_pending};

// "WhileHeadersAreAwaited"
std::string name_of(Stage stage);

// What the peer does for it.
PeerScript script_for(Stage stage);
// Brings a started stream there, or to its end if that comes first.
Task<> reach(Bench& bench, ObservedStream& stream, Stage stage);
// After the end: all operations of the stage have completed, and none has succeeded that could not.
// A peer that ends the call as well, by a deadline of its own, may make a success of a send that it
// never read (TG4): `by_client` says that only the client ended it.
Task<> expect_all_over(ObservedStream& stream, Stage stage, bool by_client);

}  // namespace weft::conformance
