#pragma once

#include <grpc/grpc.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpc_channel.h"
#include "intrusive_list.h"
#include "queue_tag.h"
#include "stream_spares.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream.h"
#include "weft/transport/stream_state.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft {

// One call over core. Operations accepted in a turn of the loop wait for its end, when pump()
// groups them into batches; what comes back is held until the grammar of Stream lets it through
// (TG3).
//
// The headers are always asked for, without which HTTP/2 never tells an OK status (TG1). What core
// says of a send or a close after the end means nothing (TG4). Completions run on the loop's thread
// alone, out of a queue that is polled (TG5). No receive is started while a batch with one is
// pending: core would abort (TG9); StreamState admits only one, and the status shares a batch with
// a receive only where no second one can follow. In-process channels, which break TG2 and TG6, are
// not served.
//
// An operation is idle, accepted, in_flight in core, or arrived and held. The stream lives until it
// was dropped and every operation is idle again.
class GrpcStream final : public Stream, public Recycled, private QueueTag {
 public:
  static StreamPtr create(const std::shared_ptr<GrpcChannel>& channel, GrpcEventLoop& loop,
                          const StreamOptions& options);

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override;
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override;
  absl::Status send_close(CloseCompletion& closed) override;
  absl::Status recv_message(ReceiveCompletion& received) override;
  absl::Status status(StatusCompletion& ended) override;
  bool cancel(StatusCode code, std::string_view details) noexcept override;
  void drop() noexcept override;

  // Cancels, but for telling core, which is left to the caller: gives the call, which is the
  // caller's to unref, or null if it was over or cancelled already. Threads: any.
  grpc_call* claim_cancel(StatusCode code, std::string_view details) noexcept;

  // For a loop that goes: ends all of its streams; whether some of them have ended but are not
  // dropped, so that waiting for them is in vain.
  static void cancel_all(GrpcStream* streams);
  static bool only_held(GrpcStream* streams);

  IntrusiveLinks<GrpcStream> links;       // in the channel's list, under its lock
  IntrusiveLinks<GrpcStream> loop_links;  // in the loop's list

 private:
  enum Operation : unsigned { op_start, op_headers, op_send, op_close, op_receive, op_status };
  static constexpr unsigned operation_count = 6;
  using Operations = unsigned;  // bit set
  static constexpr Operations bit(Operation operation) { return 1u << operation; }
  static constexpr Operations all_operations = (1u << operation_count) - 1;

  template <void (GrpcStream::*method)() noexcept>
  class StreamTask final : public LoopTask {
   public:
    explicit StreamTask(GrpcStream& owner)
        : LoopTask(
              [](LoopTask& task) noexcept { (static_cast<StreamTask&>(task).stream_.*method)(); }),
          stream_(owner) {}

   private:
    GrpcStream& stream_;
  };

  GrpcStream(const std::shared_ptr<GrpcChannel>& channel, GrpcEventLoop& loop,
             const StreamOptions& options);
  ~GrpcStream() override;

  void create_call(const StreamOptions& options);
  bool be_first_to_cancel(StatusCode code, std::string_view details) noexcept;
  void refuse(StatusCode code, std::string details);
  void accept(Operation operation);
  bool is_accepted(Operation operation) const { return (accepted_ & bit(operation)) != 0; }
  bool has_arrived(Operation operation) const { return (arrived_ & bit(operation)) != 0; }

  void pump() noexcept;
  void idle() noexcept;
  void fail_accepted();
  void start_accepted();
  Operations batch_with_start() const;
  bool receive_waits_for_idle();
  void start_batch(Operations operations);
  void start_known_batch(Operations operations);
  void fill(grpc_op& op, Operation operation);
  void batch_rejected(Operations operations, grpc_call_error error);
  static void batch_arrived(QueueTag& tag, unsigned first_operation, bool ok) noexcept;
  void arrived(Operations operations, bool ok);
  // Of a call that ended in core, perhaps without ever having a connection: even then a batch with
  // the status is a success.
  bool nothing_came() const {
    return status_number_ != GRPC_STATUS_OK && metadata_.initial.count == 0 &&
           receive_buffer_ == nullptr;
  }

  void deliver_arrived();
  bool deliver_next();
  // Of an operation that has arrived: whether it succeeded.
  bool settle(Operation operation);
  bool headers_wait_for_status() const;
  void deliver_start();
  void deliver_headers();
  void deliver_send();
  void deliver_close();
  void deliver_receive();
  void deliver_status();
  CallStatus take_status();
  CallStatus core_status(const char* error_string);
  bool is_idle() const;
  void delete_if_unused() noexcept;

  std::shared_ptr<GrpcChannel> channel_;
  GrpcEventLoop& loop_;
  grpc_call* call_ = nullptr;  // null if the call was refused before core saw it
  StreamState state_;
  Operations accepted_ = 0;
  Operations in_flight_ = 0;
  Operations arrived_ = 0;
  Operations succeeded_ = 0;  // of those that have arrived
  // The batches in flight, each by its first operation: core keeps them apart by it as well (TG7).
  std::array<unsigned char, operation_count> batches_;
  StreamTask<&GrpcStream::pump> pump_task_{*this};
  StreamTask<&GrpcStream::idle> idle_task_{*this};

  Deadline deadline_;
  CallKind kind_;
  bool response_with_status_;
  bool separate_headers_;
  bool dropped_ = false;
  bool delivering_ = false;
  bool told_before_status_ = false;  // something that may have woken somebody, in this turn
  bool status_was_put_off_ = false;
  bool headers_seen_ = false;
  bool response_seen_ = false;  // of a call that has one
  bool idle_was_seen_ = false;
  std::uint32_t start_flags_ = 0;
  std::uint32_t send_flags_ = 0;
  bool send_with_receive_ = false;

  StartCompletion* started_ = nullptr;
  InitialMetadataCompletion* headers_ = nullptr;
  SendCompletion* sent_ = nullptr;
  CloseCompletion* closed_ = nullptr;
  ReceiveCompletion* received_ = nullptr;
  StatusCompletion* ended_ = nullptr;

  std::vector<grpc_metadata> request_metadata_;
  grpc_byte_buffer send_buffer_;  // initialised by a send, destroyed with its completion
  grpc_byte_buffer* receive_buffer_ = nullptr;
  StreamSpares::Received metadata_;
  int status_number_ = GRPC_STATUS_UNKNOWN;  // core writes whatever the peer sent
  grpc_slice status_details_;
  const char* error_string_ = nullptr;
  std::optional<CallStatus> local_status_;  // set: the outcome, whatever core says

  // The end is known here or in core.
  std::atomic<bool> ended_in_core_ = false;
  // Written by the first cancel, published by `cancelled_`.
  std::atomic<bool> cancel_claimed_ = false;
  std::atomic<bool> cancelled_ = false;
  StatusCode cancel_code_ = StatusCode::kCancelled;
  std::string cancel_details_;
};

}  // namespace weft
