#pragma once

#include <memory>
#include <string>
#include <utility>

#include "weft/api/task.h"
#include "weft/conformance/pending.h"
#include "weft/transport/transport.h"

namespace weft::conformance {

// One wait for a change of connectivity. Its memory lives until the transport has completed it.
class ConnectivityWatch {
 public:
  ConnectivityWatch(EventLoop& loop, std::shared_ptr<Transport> transport, ConnectivityState last,
                    Deadline deadline = Deadline::infinite())
      : transport_(std::move(transport)), wait_(std::make_shared<Wait>(loop)) {
    wait_->self = wait_;
    transport_->wait_for_change(loop, last, deadline, wait_->changed);
  }
  ~ConnectivityWatch() { give_up(); }

  void give_up() {
    if (wait_->self != nullptr) transport_->cancel_wait(wait_->changed);
  }
  bool is_done() const { return wait_->self == nullptr; }
  Pending<ConnectivityState>::Awaiter changed() { return wait_->changed.next(); }
  Task<ConnectivityState> next() { co_return co_await changed(); }

 private:
  class Wait final : public CompletionLog {
   public:
    explicit Wait(EventLoop& loop) : loop_(loop) {}
    void begin_completion(std::string) override {}
    void end_completion() override { const std::shared_ptr<Wait> last = std::move(self); }
    EventLoop& loop() override { return loop_; }

    std::shared_ptr<Wait> self;  // until it is completed
    Pending<ConnectivityState> changed{*this, "change of connectivity"};

   private:
    EventLoop& loop_;
  };

  std::shared_ptr<Transport> transport_;
  std::shared_ptr<Wait> wait_;
};

}  // namespace weft::conformance
