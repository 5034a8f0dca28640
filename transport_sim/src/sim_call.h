#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "frame.h"
#include "sim_timer.h"
#include "sim_transport.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/loop_task.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream.h"
#include "weft/transport/stream_state.h"
#include "weft/transport/wire_status.h"
#include "weft/transport_sim/detail/domain_scope.h"
#include "weft/transport_sim/event_source.h"
#include "weft/transport_sim/fault_plan.h"
#include "weft/transport_sim/peer_call.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {

class CallFault;

// One call, both ends of it: the stream that the client holds, the frames on their way, and the
// peer's program. Five things may happen to it next, independently of each other:
//   outbound   an operation of the client's is accepted: its start, a send, its half-close
//   arrival    the peer gets the request headers, a message, or the half-close
//   inbound    the client gets headers, a message that it asked for, or the status
//   deadline   as a timer, at the client and at the peer
//   refusal    a send or half-close fails, because the peer has finished
// and its faults. Whatever ends the call withdraws all of them. The memory lives until the client
// has dropped the stream and had all its completions, and the peer's program is over or gone.
class SimCall final : public Stream, public PeerCall, public Recycled {
 public:
  static StreamPtr create(SimTransport& transport, StreamOptions&& options);

  // --- the client's end ---
  absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override;
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override;
  absl::Status send_close(CloseCompletion& closed) override;
  absl::Status recv_message(ReceiveCompletion& received) override;
  absl::Status status(StatusCompletion& ended) override;
  bool cancel(StatusCode code, std::string_view details) noexcept override;
  void drop() noexcept override;

  // --- the peer's end ---
  World& world() override { return world_; }
  std::uint32_t number() const override { return number_; }
  std::string_view method() const override { return method_; }
  CallKind kind() const override { return kind_; }
  std::string_view authority() const override { return authority_; }
  const Metadata& metadata() const override { return metadata_; }
  Deadline deadline() const override { return deadline_timer_.deadline; }
  void send_headers(Metadata metadata) override;
  void send_message(Bytes message) override;
  void finish(CallStatus status) override;
  void reset(Http2Error error) override;
  bool finished() const override { return peer_finished_; }
  bool cancelled() const override {
    return late_at_peer_ || (phase_ == Phase::ended && !ended_by_peer_);
  }
  bool has_room() const override;
  void want_message(bool wants) override;

  // --- the connection's ---
  bool waits_for_ready() const { return waits_for_ready_; }
  bool is_waiting() const { return phase_ == Phase::waiting; }
  // ... and for nothing else.
  bool waits_for_connection() const { return is_waiting() && !waits_for_credentials_; }
  bool is_open() const { return phase_ == Phase::open; }
  bool reached_peer() {
    touch(detail::ObjectKind::call_out, detail::Access::read);
    return reached_peer_;
  }
  // The connection stands: frames may flow.
  void connected();
  // The wire ended the call.
  void break_off(const WireCondition& condition);
  void end_locally(CallStatus status);
  // The world is winding up: the program is destroyed.
  void abandon_program();

  // In the transport's list of live calls, and in the server's.
  SimCall* next_of_transport = nullptr;
  SimCall* previous_of_transport = nullptr;
  SimCall* next_of_server = nullptr;
  SimCall* previous_of_server = nullptr;

 private:
  friend class CallFault;

  // created -> waiting (for the connection) -> open -> ended
  enum class Phase { created, waiting, open, ended };

  class Outbound final : public EventSource {
   public:
    explicit Outbound(SimCall& call) : call_(call) { belongs_to(call.domain_); }
    Label label() const override;
    void fire() override { call_.accept_next(); }
    bool declares_footprint() const override { return true; }

   private:
    SimCall& call_;
  };
  class Arrival final : public EventSource {
   public:
    explicit Arrival(SimCall& call) : call_(call) { belongs_to(call.domain_); }
    Label label() const override;
    void fire() override { call_.arrive(); }
    bool declares_footprint() const override { return true; }

   private:
    SimCall& call_;
  };
  // What is sent after the peer has finished may be taken or not (T53).
  class Refusal final : public EventSource {
   public:
    explicit Refusal(SimCall& call) : call_(call) { belongs_to(call.domain_); }
    Label label() const override;
    bool declares_footprint() const override { return true; }
    void fire() override { call_.refuse_next(); }

   private:
    SimCall& call_;
  };
  class Inbound final : public EventSource {
   public:
    explicit Inbound(SimCall& call) : call_(call) { belongs_to(call.domain_); }
    Label label() const override;
    void fire() override { call_.receive_next(); }
    bool declares_footprint() const override { return true; }

   private:
    SimCall& call_;
  };
  // The peer learns that the client has ended the call.
  class CancelNotice final : public EventSource {
   public:
    explicit CancelNotice(SimCall& call) : call_(call) { belongs_to(call.domain_); }
    Label label() const override;
    void fire() override { call_.tell_peer_of_cancel(); }
    bool declares_footprint() const override { return true; }

   private:
    SimCall& call_;
  };
  class DeadlineTimer final : public SimTimer {
   public:
    explicit DeadlineTimer(SimCall& call) : call_(call) {}
    Label label() const override;
    void expired() override;
    Deadline deadline;

   private:
    SimCall& call_;
  };
  // The deadline as the peer knows it. Due with the client's: whoever is first ends the call
  // (B229).
  class PeerDeadline final : public SimTimer {
   public:
    explicit PeerDeadline(SimCall& call) : call_(call) {}
    Label label() const override;
    void expired() override { call_.expire_at_peer(); }

   private:
    SimCall& call_;
  };
  class CredentialsFetch;
  class Rest final : public LoopTask {
   public:
    explicit Rest(SimCall& call)
        : LoopTask([](LoopTask& task) noexcept { static_cast<Rest&>(task).call_.deliver_rest(); }),
          call_(call) {}

   private:
    SimCall& call_;
  };

  SimCall(SimTransport& transport, StreamOptions&& options);
  ~SimCall() override;

  std::optional<CallStatus> refusal(const StreamOptions& options) const;
  bool one_request() const { return request_cardinality(kind_) == Cardinality::one; }
  absl::Status take(StreamEvent verb);
  // Enables what may happen now and withdraws what may not.
  void refresh();
  void refresh_faults();
  bool can_accept() const;
  Cause cause_of_outbound() const;
  bool can_refuse() const;
  bool can_arrive() const;
  bool can_receive() const;

  void accept_next();
  void refuse_next();
  void complete_start(OperationResult result);
  void complete_send(OperationResult result);
  void complete_close(OperationResult result);
  void arrive();
  void deliver_to_peer(std::unique_ptr<Frame> frame);
  void open_at_peer();
  void expire_at_peer();
  void receive_next();
  void fetch_credentials();
  void have_credentials(absl::StatusOr<Metadata> result);
  void receive_headers(InitialMetadata headers);
  void receive_message(std::unique_ptr<Frame> frame);
  void receive_status();
  void refuse_message(std::size_t size, std::size_t limit);
  void tell_peer_of_cancel();

  // The one terminal transition: fixes the status and withdraws everything.
  void end(CallStatus&& status, bool by_peer);
  // Completes whatever is outstanding, as the end demands, and the status.
  void deliver_rest();
  bool deliver_one();
  bool client_is_through() const;
  // For reduced searches: what the step that runs has to do with of this call.
  void touch(detail::ObjectKind part, detail::Access access) {
    world_.touch(part, number_, access);
  }
  void touch_all(detail::Access access) {
    if (!world_.recording()) return;
    touch(detail::ObjectKind::call_in, access);
    touch(detail::ObjectKind::call_out, access);
    touch(detail::ObjectKind::call_end, access);
  }
  void touch_frames_from_peer() {
    if (!world_.recording()) return;
    touch(detail::ObjectKind::call_in, detail::Access::write);
    touch(detail::ObjectKind::call_out, detail::Access::write);
    touch(detail::ObjectKind::call_end, detail::Access::read);
  }
  // While the peer's program runs.
  DomainScope program_scope() {
    return world_.recording() ? recorded_program_scope() : DomainScope();
  }
  DomainScope recorded_program_scope();
  void delete_if_unused() noexcept;
  // Formats its parts only for a trace.
  template <class... Parts>
  void note(const Parts&... parts) {
    if (world().tracing()) write_note(weft::detail::text(parts...));
  }
  void write_note(std::string text);

  SimTransport::Hold transport_;
  World& world_;
  std::uint32_t number_;
  std::uint32_t domain_;  // whose code waits for it
  std::string_view method_;
  CallKind kind_;
  std::string authority_;
  Metadata metadata_;
  bool waits_for_ready_;
  bool waits_for_credentials_ = false;
  Compression compression_;
  std::shared_ptr<CallCredentials> credentials_;
  std::shared_ptr<CredentialsFetch> fetch_;
  Phase phase_ = Phase::created;
  StreamState state_;
  std::optional<CallStatus> status_;  // once it is fixed; moved out when delivered
  bool ended_by_peer_ = false;
  bool dropped_ = false;
  bool delivering_ = false;
  bool told_before_status_ = false;  // something that may have woken somebody, in this turn
  bool turn_has_passed_ = false;     // since the end
  bool send_arrived_ = false;        // the outstanding send's message is with the peer
  bool stalled_ = false;             // a fault closed the window
  Cause start_cause_ = 0;
  Cause send_cause_ = 0;
  Cause close_cause_ = 0;
  std::uint32_t sends_ = 0;
  std::uint32_t messages_arrived_ = 0;
  std::uint32_t messages_received_ = 0;

  StartCompletion* started_ = nullptr;
  InitialMetadataCompletion* headers_ = nullptr;
  SendCompletion* sent_ = nullptr;
  CloseCompletion* closed_ = nullptr;
  ReceiveCompletion* received_ = nullptr;
  StatusCompletion* ended_ = nullptr;

  FrameQueue arrivals_;
  FrameQueue inbound_frames_;
  CallStatus peer_status_;  // of the status frame

  std::unique_ptr<PeerProgram> program_;
  bool reached_peer_ = false;
  bool peer_wants_message_ = false;
  bool peer_sent_headers_ = false;
  bool peer_finished_ = false;
  bool late_at_peer_ = false;  // its deadline came first

  Outbound outbound_{*this};
  Refusal refusal_{*this};
  Arrival arrival_{*this};
  Inbound inbound_{*this};
  CancelNotice cancel_notice_{*this};
  DeadlineTimer deadline_timer_{*this};
  PeerDeadline peer_deadline_{*this};
  Rest rest_{*this};
  std::vector<std::unique_ptr<CallFault>> faults_;
};

}  // namespace weft::sim
