#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "weft/api/call.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// Holds a call to what is true of every call: it ends once and stays as it ended, its done callback
// runs once, then, and before anybody who waits for the end goes on; of several cancels one ends
// it, and then it has ended with that one's reason. Must not outlive the handle that it was given.
class Witness {
 public:
  Witness(sim::World& world, const Call& call);
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness();

  // Cancels the call.
  void cancel(std::string_view reason) const;
  // Said by whoever waited for the end.
  void expect_ended() const;
  // ... and that it ended with one of these.
  void expect_ended_with(std::initializer_list<StatusCode> codes) const;

 private:
  class Record;
  sim::World& world_;
  std::shared_ptr<Record> record_;
};

// Fails the execution if `status` has none of these codes.
void expect_code(sim::World& world, const absl::Status& status,
                 std::initializer_list<StatusCode> codes);

// These may strike, so many of them in an execution.
void allow(sim::World& world, std::size_t budget, std::initializer_list<sim::Fault> faults);

}  // namespace weft::test
