#include "weft/conformance/check.h"

namespace weft::conformance {

// A reason that names a test names it as `folder/file`.
const std::vector<NotACheck>& not_checks() {
  static const std::vector<NotACheck> none = {
      {"C016",
       "How many responses are right is the call layer's business: tests/api/call_end_test, "
       "tests/calls/cardinality_test."},
      {"C026", "Metadata has no count that could be illegal here; its size is C028-C030."},
      {"C036", "A peer has nowhere to see a client's text: HTTP/2's reset carries a number."},
      {"C037",
       "A peer behind a gRPC server cannot leave out a status: "
       "tests/transport/wire_status_test, tests/transport_sim/faults_test."},
      {"C040",
       "A peer behind a gRPC server cannot send headers twice: "
       "tests/transport/stream_state_test, tests/transport/checked_transport_test."},
      {"C041",
       "Nor a message before them: tests/transport/stream_state_test, "
       "tests/transport/checked_transport_test."},
      {"C048",
       "What a backend signals is below the seam; every permutation is in "
       "tests/transport/stream_state_test and tests/transport/checked_transport_test."},
      {"C066", "Verbs have no flags, so there are no illegal ones."},
      {"C067", "A message is a value, so there is no null."},
      {"C095",
       "Request producers belong to the call layer: tests/api/request_source_test, "
       "tests/calls/request_source_test."},
      {"C105", "A stream has one deadline; service configs are an option of gRPC's channels."},
      {"C107", "An Instant does not know the date: there is no clock that could jump."},
      {"C108", "The simulator's fixture is that."},
      {"C118", "The last message is a send and a close in the same turn: C052."},
      {"C119", "Nothing is corked: start and sends of one turn may travel together, C002, C158."},
      {"C139",
       "T64 is a duty of callbacks; who detects a breach is the simulator: "
       "tests/transport_sim/watchdog_test."},
      {"C151", "The seam does not tell whether a transport is in use."},
      {"C152", "Nor are there events of its life but connectivity: C155."},
      {"C153", "There is no ping at this seam."},
      {"C154",
       "Keep-alive is an option of a transport: tests/transport_sim/faults_test has what a "
       "client sees of it."},
      {"C156", "Limits of age and idleness are a server's; what a client sees of them is C149."},
      {"C160", "The seam does not tell who the peer is."},
      {"C161", "There are no trace hooks at this seam."},
      {"C162", "Methods are registered behind the seam, if at all."},
  };
  return none;
}

}  // namespace weft::conformance
