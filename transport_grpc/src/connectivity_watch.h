#pragma once

#include <atomic>
#include <memory>

#include "grpc_channel.h"
#include "intrusive_list.h"
#include "queue_tag.h"
#include "weft/transport/transport.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft {

// One wait for a change of a channel's connectivity; deletes itself when it has completed.
//
// Core cannot be told to stop watching, and a completion queue cannot be destroyed before every
// watch has ended. So core watches in slices, and between two of them this looks whether the wait
// is still wanted: whoever destroys the loop waits one slice at most.
class ConnectivityWatch {
 public:
  static void start(std::shared_ptr<GrpcChannel> channel, GrpcEventLoop& loop,
                    ConnectivityState last, Deadline deadline, ConnectivityCompletion& changed);

  // Any thread; under the channel's lock.
  void channel_was_shut_down() { stop(); }

  // Loop's thread. The completion comes in the loop's next turn.
  bool is_for(const ConnectivityCompletion& changed) const { return changed_ == &changed; }
  void cancel() { stop(); }
  static void cancel_all(ConnectivityWatch* watches);

  IntrusiveLinks<ConnectivityWatch> links;       // in the channel's list, under its lock
  IntrusiveLinks<ConnectivityWatch> loop_links;  // in the loop's list

 private:
  ConnectivityWatch(std::shared_ptr<GrpcChannel> channel, GrpcEventLoop& loop,
                    ConnectivityState last, Deadline deadline, ConnectivityCompletion& changed);
  ~ConnectivityWatch();

  void stop();
  void stopped();
  void watch_one_slice();
  void wait_without_core();
  void deadline_passed();
  void slice_ended();
  ConnectivityState current_state() const;
  void complete(ConnectivityState state);
  void delete_if_unused();

  std::shared_ptr<GrpcChannel> channel_;
  GrpcEventLoop& loop_;
  ConnectivityState last_;
  Deadline deadline_;
  ConnectivityCompletion* changed_;  // null once completed
  bool in_queue_ = false;
  std::atomic<bool> stop_posted_ = false;
  bool stop_ran_ = false;

  class Tag final : public QueueTag {
   public:
    explicit Tag(ConnectivityWatch& owner)
        : QueueTag([](QueueTag& tag, unsigned, bool) noexcept {
            static_cast<Tag&>(tag).watch.slice_ended();
          }),
          watch(owner) {}
    ConnectivityWatch& watch;
  };
  class StopTask final : public LoopTask {
   public:
    explicit StopTask(ConnectivityWatch& owner)
        : LoopTask([](LoopTask& task) noexcept { static_cast<StopTask&>(task).watch.stopped(); }),
          watch(owner) {}
    ConnectivityWatch& watch;
  };
  class DeadlineTimer final : public Timer {
   public:
    explicit DeadlineTimer(ConnectivityWatch& owner)
        : Timer([](Timer& timer) noexcept {
            static_cast<DeadlineTimer&>(timer).watch.deadline_passed();
          }),
          watch(owner) {}
    ConnectivityWatch& watch;
  };
  Tag tag_{*this};
  StopTask stop_task_{*this};
  DeadlineTimer deadline_timer_{*this};
};

}  // namespace weft
