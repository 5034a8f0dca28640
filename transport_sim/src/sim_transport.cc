#include "sim_transport.h"

#include <utility>

#include "connection_fault.h"
#include "sim_call.h"
#include "weft/transport/assert.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

using detail::Access;
using detail::ObjectKind;
namespace {

constexpr Label::Name channel_actor("channel");
constexpr Label::Name connects("connect");
constexpr Label::Name backs_off("reconnect");
constexpr absl::Duration backoff_time = absl::Seconds(1);  // gRPC's first

}  // namespace

// Somebody waits for a change of connectivity.
class SimTransport::Wait final : public SimTimer {
 public:
  Wait(SimTransport& transport, ConnectivityState last, Deadline deadline,
       ConnectivityCompletion& changed)
      : transport_(transport),
        last_(last),
        changed_(&changed),
        domain_(transport.world().domain()) {
    next = std::exchange(transport.waits_, this);
    if (transport.state_ != last || transport.state_ == ConnectivityState::shutdown) {
      finish();
    } else if (!deadline.is_infinite()) {
      transport.world().arm(*this, deadline.instant());
    }
  }

  bool is_for(const ConnectivityCompletion& changed) const { return changed_ == &changed; }
  void state_changed(ConnectivityState state) {
    if (state != last_) finish();
  }
  // Completes in the loop's next turn (T61).
  void finish() {
    disarm();
    if (!task_.is_queued()) transport_->world().defer(task_);
  }

  Label label() const override { return Label(channel_actor, transport_->number(), wait_ends); }
  void expired() override { finish(); }

  Wait* next = nullptr;

 private:
  static constexpr Label::Name wait_ends{"wait_for_change_deadline"};

  class Task final : public LoopTask {
   public:
    explicit Task(Wait& wait)
        : LoopTask([](LoopTask& task) noexcept { static_cast<Task&>(task).wait_.complete(); }),
          wait_(wait) {}

   private:
    Wait& wait_;
  };

  void complete() {
    const Hold keep = std::move(transport_);
    Wait** link = &keep->waits_;
    while (*link != this) link = &(*link)->next;
    *link = next;
    ConnectivityCompletion& changed = *changed_;
    keep->touch(Access::write);
    const DomainScope waiter(keep->world(), domain_);
    delete this;
    changed.complete(keep->state_);
  }

  Hold transport_;
  ConnectivityState last_;
  ConnectivityCompletion* changed_;
  std::uint32_t domain_;  // whose code waits
  Task task_{*this};
};

std::shared_ptr<Transport> SimTransport::create(World& world, Server& server, std::uint32_t number,
                                                SimTransportOptions options) {
  return std::shared_ptr<SimTransport>(
      new SimTransport(world, server, number, options),
      [](SimTransport* transport) { transport->release(); }, RecyclingAllocator<SimTransport>());
}

SimTransport::SimTransport(World& world, Server& server, std::uint32_t number,
                           SimTransportOptions options)
    : world_(world), server_(server), number_(number), options_(options) {
  capabilities_.name = "simulator";
  capabilities_.secure = options_.is_secure;
  capabilities_.connectivity = true;
  capabilities_.compression = true;
  capabilities_.deadline_on_wire = true;
  capabilities_.distinguishes_absent_headers = true;
  capabilities_.receive_bytes_max = options_.receive_bytes_max;
  capabilities_.send_bytes_max =
      options_.send_bytes_max == SimTransportOptions().send_bytes_max ? 0 : options_.send_bytes_max;
  if (options_.starts_connected) state_ = ConnectivityState::ready;
  ++world_.live_transports_;
  server_.enter(*this);
  for (const Fault& fault : world_.faults().faults()) {
    if (ConnectionFault::concerns(fault)) {
      faults_.push_back(std::make_unique<ConnectionFault>(*this, fault));
    }
  }
  if (counts_places()) world_.note_crossing();
}

// Somebody can tell how many calls are open.
bool SimTransport::counts_places() const {
  return options_.streams_max != SimTransportOptions().streams_max || !faults_.empty() ||
         state_ != ConnectivityState::ready;
}

SimTransport::~SimTransport() {
  server_.leave(*this);
  --world_.live_transports_;
}

StreamPtr SimTransport::create_stream(EventLoop& loop, StreamOptions options) {
  WEFT_ASSERT(&loop == &world_.loop(), "the loop is not that of this transport's world");
  return SimCall::create(*this, std::move(options));
}

void SimTransport::touch(Access access) {
  world_.touch(ObjectKind::connection, number_, access);
}

void SimTransport::touch_places() {
  touch(counts_places() ? Access::write : Access::read);
}

// --- calls ---

void SimTransport::enter(SimCall& call) {
  call.previous_of_transport = last_call_;
  (last_call_ != nullptr ? last_call_->next_of_transport : calls_) = &call;
  last_call_ = &call;
}

void SimTransport::leave(SimCall& call) {
  (call.previous_of_transport != nullptr ? call.previous_of_transport->next_of_transport : calls_) =
      call.next_of_transport;
  (call.next_of_transport != nullptr ? call.next_of_transport->previous_of_transport : last_call_) =
      call.previous_of_transport;
}

std::vector<SimCall*> SimTransport::calls() const {
  std::vector<SimCall*> all;
  for (SimCall* call = calls_; call != nullptr; call = call->next_of_transport) all.push_back(call);
  return all;
}

bool SimTransport::has_unseen_calls() const {
  for (SimCall* call = calls_; call != nullptr; call = call->next_of_transport) {
    if (call->is_open() && !call->reached_peer()) return true;
  }
  return false;
}

// Fail-fast calls fail in TRANSIENT_FAILURE and SHUTDOWN alone (T80).
void SimTransport::admit(SimCall& call) {
  touch_places();
  switch (state_) {
    case ConnectivityState::ready:
      if (open_calls_ < options_.streams_max) {
        ++open_calls_;
        call.connected();
      }
      break;
    case ConnectivityState::transient_failure:
      retry();
      if (state_ == ConnectivityState::transient_failure && !call.waits_for_ready()) {
        call.break_off(WireCondition::connection_refused());
      }
      break;
    case ConnectivityState::shutdown:
      call.break_off(WireCondition::transport_shut_down());
      break;
    default:
      begin_to_connect();
  }
  refresh_faults();
}

void SimTransport::let_in() {
  for (SimCall* call = calls_; call != nullptr; call = call->next_of_transport) {
    if (state_ != ConnectivityState::ready || open_calls_ >= options_.streams_max) break;
    if (!call->waits_for_connection()) continue;
    ++open_calls_;
    call->connected();
  }
  refresh_faults();
}

void SimTransport::release_place() {
  touch_places();
  --open_calls_;
  if (state_ == ConnectivityState::ready && open_calls_ + 1 == options_.streams_max) let_in();
  refresh_faults();
}

// --- the connection ---

Label SimTransport::Connect::label() const {
  return Label(channel_actor, transport_.number_, connects);
}

Label SimTransport::Backoff::label() const {
  return Label(channel_actor, transport_.number_, backs_off);
}

void SimTransport::become(ConnectivityState state) {
  touch(Access::write);
  if (state_ == state) return;
  state_ = state;
  if (world_.tracing()) {
    world_.note(weft::detail::text("channel", number_), std::string(to_string(state)));
  }
  for (Wait* wait = waits_; wait != nullptr; wait = wait->next) wait->state_changed(state);
  refresh_faults();
}

void SimTransport::begin_to_connect() {
  touch(Access::write);
  if (shut_down_ || state_ == ConnectivityState::connecting) return;
  become(ConnectivityState::connecting);
  generation_ = world_.generation_;
  world_.enable(EventClass::network, connect_);
  refresh_faults();
}

// Once the backoff is over, which counts from the failure.
void SimTransport::retry() {
  touch(Access::write);
  if (retry_at_ <= world_.loop().now()) {
    begin_to_connect();
  } else if (!backoff_.is_armed()) {
    world_.arm(backoff_, retry_at_);
  }
}

void SimTransport::connect() {
  touch(Access::write);
  if (!server_.listening()) return refuse_connection();
  become(ConnectivityState::ready);
  let_in();
}

void SimTransport::refuse_connection() {
  touch(Access::write);
  connect_.withdraw();
  // The backoff that comes now descends from the one that led here, with the attempt between them.
  world_.generation_ = generation_;
  retry_at_ = world_.loop().now() + backoff_time;
  become(ConnectivityState::transient_failure);
  bool somebody_waits = waits_ != nullptr;
  for (SimCall* call : calls()) {
    if (!call->waits_for_connection()) continue;
    if (call->waits_for_ready()) {
      somebody_waits = true;
    } else {
      call->break_off(WireCondition::connection_refused());
    }
  }
  if (somebody_waits) retry();
}

// Calls that a server left when it went away, or that run on after a shutdown, are lost as well.
void SimTransport::lose_connection(const WireCondition& condition) {
  touch(Access::write);
  if (state_ == ConnectivityState::ready) become(ConnectivityState::idle);
  for (SimCall* call : calls()) {
    if (call->is_open()) call->break_off(condition);
  }
  connect_for_waiting_calls();
}

// Calls that the server saw go on; the next call takes a new connection, as do those that wait for
// a place on this one.
void SimTransport::go_away(bool refuse_unseen) {
  touch(Access::write);
  if (state_ != ConnectivityState::ready) return;
  become(ConnectivityState::idle);
  for (SimCall* call : calls()) {
    if (refuse_unseen && call->is_open() && !call->reached_peer()) {
      call->break_off(WireCondition::going_away_unprocessed());
    }
  }
  connect_for_waiting_calls();
}

void SimTransport::connect_for_waiting_calls() {
  if (state_ != ConnectivityState::idle) return;
  for (SimCall* call : calls()) {
    if (call->waits_for_connection()) return begin_to_connect();
  }
}

void SimTransport::offer_faults() {
  const bool allowed = !world_.faults().exhausted();
  for (const auto& fault : faults_) {
    if (allowed && fault->can_strike()) {
      world_.enable(EventClass::fault, *fault);
    } else {
      fault->withdraw();
    }
  }
}

// --- connectivity, shutdown ---

ConnectivityState SimTransport::connectivity(bool try_to_connect) {
  touch(Access::read);
  const ConnectivityState now = state_;
  if (!try_to_connect) return now;
  if (now == ConnectivityState::idle) begin_to_connect();
  if (now == ConnectivityState::transient_failure) retry();
  return now;
}

void SimTransport::wait_for_change(EventLoop&, ConnectivityState last, Deadline deadline,
                                   ConnectivityCompletion& changed) {
  touch(Access::write);
  new Wait(*this, last, deadline, changed);
}

void SimTransport::cancel_wait(ConnectivityCompletion& changed) {
  touch(Access::write);
  for (Wait* wait = waits_; wait != nullptr; wait = wait->next) {
    if (wait->is_for(changed)) return wait->finish();
  }
}

void SimTransport::shutdown(ShutdownMode mode, const CallStatus& status) {
  touch(Access::write);
  if (mode == ShutdownMode::immediate) {
    for (SimCall* call : calls()) call->end_locally(status);
  }
  if (shut_down_) return;
  shut_down_ = true;
  connect_.withdraw();
  backoff_.disarm();
  for (SimCall* call : calls()) {
    if (call->is_waiting()) call->break_off(WireCondition::transport_shut_down());
  }
  become(ConnectivityState::shutdown);
}

}  // namespace weft::sim
