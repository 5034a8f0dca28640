#pragma once

#include <cstdint>
#include <list>
#include <thread>

#include "weft/transport/event_loop.h"
#include "weft/transport_sim/detail/step_recorder.h"
#include "weft/transport_sim/event_source.h"

namespace weft::sim {

class World;

// The loop of a simulated world: virtual time, which stands still but for timers, and events that
// the world chooses. A task that is deferred runs within the step; one that is posted models a
// hand-over from another thread, and is an event of its own.
// Threads: one. A foreign thread that posts is a bug of the test and aborts it.
class SimEventLoop final : public EventLoop {
 public:
  using EventLoop::post;

  explicit SimEventLoop(World& world) : world_(world), posts_(*this) {}

  Instant now() const noexcept override {
    if (recorder_ != nullptr) note_clock_read();
    return now_;
  }
  void post(LoopTask& task) noexcept override;
  bool is_current() const noexcept override { return std::this_thread::get_id() == owner_; }
  // A task that is ready, else the world's next step; false when nothing can happen any more.
  bool run_one() override;

 private:
  friend World;

  class Posts final : public EventSource {
   public:
    explicit Posts(SimEventLoop& loop) : loop_(loop) {}
    Label label() const override;
    void fire() override;
    bool declares_footprint() const override { return true; }
    LoopTaskQueue tasks;
    std::list<std::uint32_t> domains;  // of the tasks, when recorded

   private:
    SimEventLoop& loop_;
    std::uint32_t number_ = 1;
  };

  // Tasks that the code of one domain has deferred, when the code of another runs already.
  class Deferred {
   public:
    explicit Deferred(std::uint32_t its_domain) : domain(its_domain) {}
    std::uint32_t domain;
    LoopTaskQueue tasks;
  };

  // What is deferred from now on is another domain's.
  void seal(std::uint32_t domain);
  bool run_deferred();
  void note_clock_read() const;

  // The next task that is ready; false if there is none.
  bool run_ready() {
    if (!deferred_.empty()) return run_deferred();
    LoopTask* task = ready_.pop();
    if (task != nullptr) task->run();
    return task != nullptr;
  }

  World& world_;
  const std::thread::id owner_ = std::this_thread::get_id();
  Instant now_;
  Posts posts_;
  detail::StepRecorder* recorder_ = nullptr;
  std::list<Deferred> deferred_;
};

}  // namespace weft::sim
