#include "raw_core_client.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>

#include "weft/transport/assert.h"

namespace weft::bench {
namespace {

gpr_timespec no_deadline() {
  return gpr_inf_future(GPR_CLOCK_MONOTONIC);
}

gpr_timespec usual_deadline() {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_seconds(deadline_seconds, GPR_TIMESPAN));
}

grpc_byte_buffer* message_of(std::string_view text) {
  grpc_slice slice = grpc_slice_from_copied_buffer(text.data(), text.size());
  grpc_byte_buffer* buffer = grpc_raw_byte_buffer_create(&slice, 1);
  grpc_slice_unref(slice);
  return buffer;
}

void take_message(grpc_byte_buffer* message, std::size_t bytes) {
  WEFT_ASSERT(message != nullptr);
  WEFT_ASSERT(grpc_byte_buffer_length(message) == bytes, grpc_byte_buffer_length(message));
  grpc_byte_buffer_destroy(message);
}

grpc_op operation(grpc_op_type type) {
  grpc_op op = {};
  op.op = type;
  return op;
}

grpc_op send_message(grpc_byte_buffer* message) {
  grpc_op op = operation(GRPC_OP_SEND_MESSAGE);
  op.data.send_message.send_message = message;
  return op;
}

grpc_op receive_message(grpc_byte_buffer*& message) {
  grpc_op op = operation(GRPC_OP_RECV_MESSAGE);
  op.data.recv_message.recv_message = &message;
  return op;
}

}  // namespace

// What core fills in for every call.
class RawCoreClient::Outcome {
 public:
  Outcome() {
    grpc_metadata_array_init(&initial_metadata_);
    grpc_metadata_array_init(&trailing_metadata_);
  }
  ~Outcome() {
    grpc_metadata_array_destroy(&initial_metadata_);
    grpc_metadata_array_destroy(&trailing_metadata_);
    grpc_slice_unref(details_);
    gpr_free(const_cast<char*>(error_string_));
  }

  grpc_op receive_initial_metadata() {
    grpc_op op = operation(GRPC_OP_RECV_INITIAL_METADATA);
    op.data.recv_initial_metadata.recv_initial_metadata = &initial_metadata_;
    return op;
  }
  grpc_op receive_status() {
    grpc_op op = operation(GRPC_OP_RECV_STATUS_ON_CLIENT);
    op.data.recv_status_on_client.trailing_metadata = &trailing_metadata_;
    op.data.recv_status_on_client.status = &status_;
    op.data.recv_status_on_client.status_details = &details_;
    op.data.recv_status_on_client.error_string = &error_string_;
    return op;
  }
  void expect_ok() const { WEFT_ASSERT(status_ == GRPC_STATUS_OK, static_cast<int>(status_)); }

 private:
  grpc_metadata_array initial_metadata_;
  grpc_metadata_array trailing_metadata_;
  grpc_status_code status_ = GRPC_STATUS_UNKNOWN;
  grpc_slice details_ = grpc_empty_slice();
  const char* error_string_ = nullptr;
};

// A stream that stays open.
class RawCoreClient::BidiStream {
 public:
  explicit BidiStream(RawCoreClient& client)
      : client_(client), call_(client.create_call(client.bidi_method_, no_deadline())) {
    client_.run_batch(call_, {operation(GRPC_OP_SEND_INITIAL_METADATA)});
    grpc_byte_buffer* request = message_of(payload);
    grpc_byte_buffer* response = nullptr;
    client_.run_batch(call_, {outcome_.receive_initial_metadata(), send_message(request),
                              receive_message(response)});
    grpc_byte_buffer_destroy(request);
    take_message(response, payload.size());
  }
  ~BidiStream() {
    client_.run_batch(call_,
                      {operation(GRPC_OP_SEND_CLOSE_FROM_CLIENT), outcome_.receive_status()});
    outcome_.expect_ok();
    grpc_call_unref(call_);
  }

  void exchange() {
    grpc_byte_buffer* request = message_of(payload);
    grpc_byte_buffer* response = nullptr;
    client_.run_batch(call_, {send_message(request), receive_message(response)});
    grpc_byte_buffer_destroy(request);
    take_message(response, payload.size());
  }

  void write_read() {
    grpc_byte_buffer* request = message_of(payload);
    grpc_byte_buffer* response = nullptr;
    client_.run_batch(call_, {send_message(request)});
    grpc_byte_buffer_destroy(request);
    client_.run_batch(call_, {receive_message(response)});
    take_message(response, payload.size());
  }

 private:
  RawCoreClient& client_;
  grpc_call* call_;
  Outcome outcome_;
};

RawCoreClient::RawCoreClient(const std::string& target) {
  grpc_init();
  grpc_channel_credentials* credentials = grpc_insecure_credentials_create();
  channel_ = grpc_channel_create(target.c_str(), credentials, nullptr);
  grpc_channel_credentials_release(credentials);
  queue_ = grpc_completion_queue_create_for_next(nullptr);
  unary_method_ = grpc_channel_register_call(channel_, unary_method_name, nullptr, nullptr);
  bidi_method_ = grpc_channel_register_call(channel_, bidi_method_name, nullptr, nullptr);
  stream_method_ = grpc_channel_register_call(channel_, stream_method_name, nullptr, nullptr);
}

RawCoreClient::~RawCoreClient() {
  bidi_.reset();
  grpc_channel_destroy(channel_);
  grpc_completion_queue_shutdown(queue_);
  grpc_completion_queue_next(queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr);
  grpc_completion_queue_destroy(queue_);
  grpc_shutdown();
}

void RawCoreClient::run(WorkloadKind workload, int ops) {
  if (workload == WorkloadKind::server_stream) return server_stream(ops);
  for (int i = 0; i < ops; ++i) {
    switch (workload) {
      case WorkloadKind::unary:
        unary(usual_deadline());
        break;
      case WorkloadKind::unary_no_deadline:
        unary(no_deadline());
        break;
      case WorkloadKind::exchange:
        bidi().exchange();
        break;
      case WorkloadKind::write_read:
        bidi().write_read();
        break;
      case WorkloadKind::server_stream:
        break;
    }
  }
}

RawCoreClient::BidiStream& RawCoreClient::bidi() {
  if (bidi_ == nullptr) bidi_ = std::make_unique<BidiStream>(*this);
  return *bidi_;
}

void RawCoreClient::unary(gpr_timespec deadline) {
  grpc_call* call = create_call(unary_method_, deadline);
  Outcome outcome;
  grpc_byte_buffer* request = message_of(payload);
  grpc_byte_buffer* response = nullptr;
  run_batch(call, {operation(GRPC_OP_SEND_INITIAL_METADATA), send_message(request),
                   operation(GRPC_OP_SEND_CLOSE_FROM_CLIENT), outcome.receive_initial_metadata(),
                   receive_message(response), outcome.receive_status()});
  outcome.expect_ok();
  grpc_byte_buffer_destroy(request);
  take_message(response, payload.size());
  grpc_call_unref(call);
}

void RawCoreClient::server_stream(int messages) {
  grpc_call* call = create_call(stream_method_, usual_deadline());
  Outcome outcome;
  grpc_byte_buffer* request = message_of(std::to_string(messages));
  run_batch(call, {operation(GRPC_OP_SEND_INITIAL_METADATA), send_message(request),
                   operation(GRPC_OP_SEND_CLOSE_FROM_CLIENT), outcome.receive_initial_metadata()});
  grpc_byte_buffer_destroy(request);
  grpc_byte_buffer* response = nullptr;
  for (int i = 0; i < messages; ++i) {
    run_batch(call, {receive_message(response)});
    take_message(response, stream_message_bytes);
  }
  run_batch(call, {receive_message(response)});
  WEFT_ASSERT(response == nullptr, "a message too many");
  run_batch(call, {outcome.receive_status()});
  outcome.expect_ok();
  grpc_call_unref(call);
}

grpc_call* RawCoreClient::create_call(void* method, gpr_timespec deadline) {
  return grpc_channel_create_registered_call(channel_, nullptr, GRPC_PROPAGATE_DEFAULTS, queue_,
                                             method, deadline, nullptr);
}

template <std::size_t count>
void RawCoreClient::run_batch(grpc_call* call, const grpc_op (&ops)[count]) {
  const grpc_call_error error = grpc_call_start_batch(call, ops, count, this, nullptr);
  WEFT_ASSERT(error == GRPC_CALL_OK, grpc_call_error_to_string(error));
  const grpc_event event = grpc_completion_queue_next(queue_, no_deadline(), nullptr);
  WEFT_ASSERT(event.type == GRPC_OP_COMPLETE && event.success != 0);
}

}  // namespace weft::bench
