#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weft/api/task.h"

namespace weft::conformance {

class Bench;

// What a check cannot do without. The first ones are answered by the transport's capabilities, the
// others by the fixture.
enum class Need {
  connectivity,      // Capabilities::connectivity
  deadline_on_wire,  // Capabilities::deadline_on_wire
  secure,            // Capabilities::secure
  insecure,          // the opposite
  compression,       // Capabilities::compression
  receive_limit,     // Capabilities::receive_bytes_max
  send_limit,        // Capabilities::send_bytes_max
  metadata_limit,    // Capabilities::metadata_bytes_max

  nobody,        // a place where nobody listens
  peer_stops,    // the peer can be stopped and started
  peer_goes,     // the peer can go away in order
  stream_limit,  // a peer that lets only so many streams run
  real_threads,  // the loop's time and threads are real
};
std::string_view to_string(Need need);

// One entry of the suite: a claim about every transport.
class Check {
 public:
  using Body = std::function<Task<>(Bench&)>;

  Check(std::string check_id, std::string check_rules, std::string what, Body how)
      : id(std::move(check_id)),
        rules(std::move(check_rules)),
        claim(std::move(what)),
        body(std::move(how)) {}

  Check&& need(Need what) && {
    needs.push_back(what);
    return std::move(*this);
  }
  // A fixture that explores orders may leave out those that deviate more often from the default,
  // because of this.
  Check&& within(std::size_t deviations, std::string why) && {
    deviations_max = deviations;
    bound_reason = std::move(why);
    return std::move(*this);
  }

  // "C073_CancelBeforeMetadataEndsEverything": the test's name, in the suite "Conformance".
  std::string name() const { return id + "_" + claim; }

  std::string id;     // "C073"
  std::string rules;  // "T33", "T15 T18"
  std::string claim;
  Body body;
  std::vector<Need> needs;
  std::optional<std::size_t> deviations_max;
  std::string bound_reason;
};

// All of them, in the order of their ids.
const std::vector<Check>& all_checks();

// An id of the list of checks that this suite has no entry for.
class NotACheck {
 public:
  std::string_view id;
  std::string_view reason;  // why, and what proves it instead, if anything
};
const std::vector<NotACheck>& not_checks();

}  // namespace weft::conformance
