#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>

#include "weft/api/call.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// Looks at a call after every step of the world: it ends once and stays as it ended, and its done
// callback runs once, then and not before. Does not keep the call alive, but must not outlive the
// handle that it was given.
class Watch {
 public:
  Watch(sim::World& world, const Call& call) : record_(std::make_shared<Record>(call)) {
    call.add_done_callback([record = record_](const Call& done) { record->ended(done); });
    world.invariant("a call ends once, in one way, and its done callback runs once",
                    [record = record_] { return record->holds(); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    EXPECT_TRUE(record_->holds());
    record_->call = nullptr;
  }

  std::size_t callbacks() const { return record_->callbacks; }

 private:
  class Record {
   public:
    explicit Record(const Call& watched) : call(&watched) {}

    void ended(const Call& done) {
      if (++callbacks > 1) return;
      text = done.to_string();
      cancelled = done.cancelled();
    }
    bool holds() const {
      if (call == nullptr) return true;
      if (!call->done()) return callbacks == 0;
      return callbacks == 1 && call->to_string() == text && call->cancelled() == cancelled;
    }

    const Call* call;
    std::size_t callbacks = 0;
    std::string text;
    bool cancelled = false;
  };

  std::shared_ptr<Record> record_;
};

}  // namespace weft::test
