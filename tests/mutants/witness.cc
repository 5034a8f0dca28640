#include "witness.h"

#include <algorithm>

#include "weft/transport/detail/text.h"

namespace weft::test {

class Witness::Record {
 public:
  explicit Record(const Call& watched) : call(&watched) {}

  void ended(const Call& done) {
    if (++callbacks == 1) text = done.to_string();
  }
  bool holds() const {
    if (call == nullptr) return true;
    if (!call->done()) return callbacks == 0;
    return callbacks == 1 && call->to_string() == text && holds_after_cancel();
  }
  bool holds_after_cancel() const {
    if (cancels == 0) return true;
    return cancels == 1 && call->cancelled() && call->outcome()->details == reason;
  }

  const Call* call;
  std::size_t callbacks = 0;
  std::size_t cancels = 0;  // that said that they ended the call
  std::string reason;
  std::string text;
};

Witness::Witness(sim::World& world, const Call& call)
    : world_(world), record_(std::make_shared<Record>(call)) {
  call.add_done_callback([record = record_](const Call& done) { record->ended(done); });
  world.invariant("a call ends once and in one way",
                  [record = record_] { return record->holds(); });
}

Witness::~Witness() {
  record_->call = nullptr;
}

void Witness::cancel(std::string_view reason) const {
  Record& record = *record_;
  const bool was_done = record.call->done();
  if (record.call->cancel(reason)) {
    ++record.cancels;
    record.reason = std::string(reason);
    if (was_done) world_.fail("a cancel says that it ended a call that was done");
  }
  if (!record.call->done()) world_.fail("a call is not done after a cancel");
}

void Witness::expect_ended() const {
  const Record& record = *record_;
  if (!record.call->done()) return world_.fail("the end was told before the call was done");
  if (record.callbacks == 0) world_.fail("the end was told before the done callback ran");
  if (!record.holds()) world_.fail("a call ends once and in one way");
  bool told = false;
  record.call->add_done_callback([&told](const Call&) { told = true; });
  if (!told) world_.fail("a callback of a call that is done did not run at once");
}

void Witness::expect_ended_with(std::initializer_list<StatusCode> codes) const {
  expect_ended();
  if (!record_->call->done()) return;
  const CallStatus& outcome = *record_->call->outcome();
  expect_code(world_, absl::Status(outcome.code, outcome.details), codes);
}

void expect_code(sim::World& world, const absl::Status& status,
                 std::initializer_list<StatusCode> codes) {
  if (std::find(codes.begin(), codes.end(), status.code()) != codes.end()) return;
  world.fail(detail::text("the call ended with ", status_code_name(status.code()),
                          "\n  details: ", status.message()));
}

void allow(sim::World& world, std::size_t budget, std::initializer_list<sim::Fault> faults) {
  if (budget == 0) return;
  sim::FaultPlan plan;
  for (const sim::Fault& fault : faults) plan.may(fault);
  plan.budget(budget);
  world.allow(std::move(plan));
}

}  // namespace weft::test
