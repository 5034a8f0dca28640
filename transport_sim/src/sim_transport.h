#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "sim_timer.h"
#include "weft/transport/recycled.h"
#include "weft/transport/transport.h"
#include "weft/transport/wire_status.h"
#include "weft/transport_sim/detail/footprint.h"
#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/fault_plan.h"
#include "weft/transport_sim/sim_transport_options.h"

namespace weft::sim {

class World;
class Server;
class SimCall;
class ConnectionFault;

// A client's transport in a simulated world: one connection to one server, made when it is first
// needed, made anew when it was lost.
class SimTransport final : public Transport, public Recycled {
 public:
  // Keeps it: as its calls do, and whoever waits for its connectivity. The owner's shared_ptr is
  // one more of these. They are counted without atomics, for all of a world is one thread's.
  class Hold {
   public:
    explicit Hold(SimTransport& transport) : transport_(&transport) { ++transport.holds_; }
    Hold(Hold&& other) noexcept : transport_(std::exchange(other.transport_, nullptr)) {}
    ~Hold() {
      if (transport_ != nullptr) transport_->release();
    }
    SimTransport* operator->() const { return transport_; }

   private:
    SimTransport* transport_;
  };

  static std::shared_ptr<Transport> create(World& world, Server& server, std::uint32_t number,
                                           SimTransportOptions options);

  const Capabilities& capabilities() const override { return capabilities_; }
  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override;
  ConnectivityState connectivity(bool try_to_connect) override;
  void wait_for_change(EventLoop& loop, ConnectivityState last, Deadline deadline,
                       ConnectivityCompletion& changed) override;
  void cancel_wait(ConnectivityCompletion& changed) override;
  void shutdown(ShutdownMode mode, const CallStatus& status) override;
  Bytes allocate(std::size_t size) override { return Bytes::uninitialized(size); }

  World& world() { return world_; }
  Server& server() { return server_; }
  std::uint32_t number() const { return number_; }
  const SimTransportOptions& options() const { return options_; }
  bool is_shut_down() {
    touch(detail::Access::read);
    return shut_down_;
  }

  // A call was started: it is connected now, later, or fails.
  void admit(SimCall& call);
  void enter(SimCall& call);
  void leave(SimCall& call);
  // A call has ended: one that waits for a place gets it.
  void release_place();

  // Everything on the connection is lost.
  void lose_connection(const WireCondition& condition);
  // The server went away in order; calls that it has not seen are refused if `refuse_unseen`.
  void go_away(bool refuse_unseen);
  void refuse_connection();

  SimTransport* next_of_server = nullptr;
  SimTransport* previous_of_server = nullptr;

 private:
  friend class ConnectionFault;

  class Connect final : public EventSource {
   public:
    explicit Connect(SimTransport& transport) : transport_(transport) {}
    Label label() const override;
    void fire() override { transport_.connect(); }
    bool declares_footprint() const override { return true; }

   private:
    SimTransport& transport_;
  };
  class Backoff final : public SimTimer {
   public:
    explicit Backoff(SimTransport& transport) : transport_(transport) {}
    Label label() const override;
    void expired() override { transport_.begin_to_connect(); }

   private:
    SimTransport& transport_;
  };
  class Wait;

  SimTransport(World& world, Server& server, std::uint32_t number, SimTransportOptions options);
  ~SimTransport() override;
  void release() noexcept {
    if (--holds_ == 0) delete this;
  }

  void touch(detail::Access access);
  bool counts_places() const;
  // Where nobody can tell how many calls are open, their coming and going are nobody's concern.
  void touch_places();
  void become(ConnectivityState state);
  void begin_to_connect();
  void retry();
  void connect();
  void let_in();
  void connect_for_waiting_calls();
  bool has_unseen_calls() const;
  void refresh_faults() {
    if (!faults_.empty()) offer_faults();
  }
  void offer_faults();
  std::vector<SimCall*> calls() const;

  std::size_t holds_ = 1;  // the owner's
  World& world_;
  Server& server_;
  std::uint32_t number_;
  SimTransportOptions options_;
  Capabilities capabilities_;
  ConnectivityState state_ = ConnectivityState::idle;
  bool shut_down_ = false;
  std::size_t open_calls_ = 0;
  SimCall* calls_ = nullptr;  // the oldest first
  SimCall* last_call_ = nullptr;
  Connect connect_{*this};
  Backoff backoff_{*this};
  Instant retry_at_;              // after a failure to connect
  std::uint32_t generation_ = 0;  // of timers that this attempt to connect arms
  Wait* waits_ = nullptr;
  std::vector<std::unique_ptr<ConnectionFault>> faults_;
};

}  // namespace weft::sim
