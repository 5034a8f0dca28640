#include "raw_core_client.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "full_load.h"
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

grpc_slice slice_of(const std::string& text) {
  return grpc_slice_from_copied_buffer(text.data(), text.size());
}

// Shares what is in the slice.
grpc_byte_buffer* message_of(grpc_slice slice) {
  return grpc_raw_byte_buffer_create(&slice, 1);
}

grpc_byte_buffer* message_of(std::string_view text) {
  const grpc_slice slice = grpc_slice_from_copied_buffer(text.data(), text.size());
  grpc_byte_buffer* buffer = message_of(slice);
  grpc_slice_unref(slice);
  return buffer;
}

void take_message(grpc_byte_buffer* message, std::size_t bytes) {
  WEFT_ASSERT(message != nullptr);
  WEFT_ASSERT(grpc_byte_buffer_length(message) == bytes, grpc_byte_buffer_length(message));
  grpc_byte_buffer_destroy(message);
}

grpc_arg argument(const char* name, int value) {
  grpc_arg result = {};
  result.type = GRPC_ARG_INTEGER;
  result.key = const_cast<char*>(name);
  result.value.integer = value;
  return result;
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

// One call at a time, any number of times.
class RawCoreClient::UnaryCall {
 public:
  UnaryCall(RawCoreClient& client, const Workload& workload)
      : client_(client),
        message_bytes_(workload.message_bytes),
        message_(slice_of(std::string(workload.message_bytes, 'm'))),
        metadata_value_(slice_of(std::string(workload.metadata_bytes, 'v'))),
        has_metadata_(workload.metadata_bytes != 0),
        has_deadline_(workload.kind == WorkloadKind::unary) {}
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;
  ~UnaryCall() {
    grpc_slice_unref(message_);
    grpc_slice_unref(metadata_value_);
  }

  void start() {
    call_ = client_.create_call(client_.unary_method_,
                                has_deadline_ ? usual_deadline() : no_deadline());
    outcome_.emplace();
    request_ = message_of(message_);
    grpc_op headers = operation(GRPC_OP_SEND_INITIAL_METADATA);
    grpc_metadata entry = {};
    if (has_metadata_) {
      entry.key = grpc_slice_from_static_string(metadata_key);
      entry.value = metadata_value_;
      headers.data.send_initial_metadata.count = 1;
      headers.data.send_initial_metadata.metadata = &entry;
    }
    client_.start_batch(call_,
                        {headers, send_message(request_), operation(GRPC_OP_SEND_CLOSE_FROM_CLIENT),
                         outcome_->receive_initial_metadata(), receive_message(response_),
                         outcome_->receive_status()},
                        this);
  }

  void finish() {
    outcome_->expect_ok();
    outcome_.reset();
    grpc_byte_buffer_destroy(request_);
    take_message(std::exchange(response_, nullptr), message_bytes_);
    grpc_call_unref(call_);
  }

 private:
  RawCoreClient& client_;
  std::size_t message_bytes_;
  grpc_slice message_;
  grpc_slice metadata_value_;
  bool has_metadata_;
  bool has_deadline_;
  grpc_call* call_ = nullptr;
  std::optional<Outcome> outcome_;
  grpc_byte_buffer* request_ = nullptr;
  grpc_byte_buffer* response_ = nullptr;
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
  std::array arguments = {argument(own_connection_argument, 1),
                          argument(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1)};
  const grpc_channel_args all_arguments = {arguments.size(), arguments.data()};
  channel_ = grpc_channel_create(target.c_str(), credentials, &all_arguments);
  grpc_channel_credentials_release(credentials);
  queue_ = grpc_completion_queue_create_for_next(nullptr);
  unary_method_ = grpc_channel_register_call(channel_, unary_method_name, nullptr, nullptr);
  bidi_method_ = grpc_channel_register_call(channel_, bidi_method_name, nullptr, nullptr);
  stream_method_ = grpc_channel_register_call(channel_, stream_method_name, nullptr, nullptr);
  collect_method_ = grpc_channel_register_call(channel_, collect_method_name, nullptr, nullptr);
}

RawCoreClient::~RawCoreClient() {
  bidi_.reset();
  grpc_channel_destroy(channel_);
  grpc_completion_queue_shutdown(queue_);
  grpc_completion_queue_next(queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr);
  grpc_completion_queue_destroy(queue_);
  grpc_shutdown();
}

void RawCoreClient::run(const Workload& workload, int ops) {
  switch (workload.kind) {
    case WorkloadKind::unary:
    case WorkloadKind::unary_no_deadline:
      return unary(workload, ops);
    case WorkloadKind::exchange:
      for (int i = 0; i < ops; ++i) bidi().exchange();
      return;
    case WorkloadKind::write_read:
      for (int i = 0; i < ops; ++i) bidi().write_read();
      return;
    case WorkloadKind::server_stream:
    case WorkloadKind::server_stream_unbuffered:
      return server_stream(stream_request(workload.kind, ops), ops);
    case WorkloadKind::client_stream:
      return client_stream(workload, ops);
    case WorkloadKind::open_streams:
      return open_streams(ops);
  }
}

RawCoreClient::BidiStream& RawCoreClient::bidi() {
  if (bidi_ == nullptr) bidi_ = std::make_unique<BidiStream>(*this);
  return *bidi_;
}

void RawCoreClient::unary(const Workload& workload, int calls) {
  std::deque<UnaryCall> slots;
  int started = 0;
  for (; started < std::min(calls, workload.in_flight); ++started) {
    slots.emplace_back(*this, workload).start();
  }
  at_full_load();
  for (int done = 0; done < calls; ++done) {
    auto* call = static_cast<UnaryCall*>(next());
    call->finish();
    if (started == calls) continue;
    ++started;
    call->start();
  }
}

void RawCoreClient::server_stream(const std::string& text, int messages) {
  grpc_call* call = create_call(stream_method_, usual_deadline());
  Outcome outcome;
  grpc_byte_buffer* request = message_of(std::string_view(text));
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

void RawCoreClient::client_stream(const Workload& workload, int messages) {
  grpc_call* call = create_call(collect_method_, usual_deadline());
  Outcome outcome;
  const grpc_slice message = slice_of(std::string(workload.message_bytes, 'm'));
  run_batch(call, {operation(GRPC_OP_SEND_INITIAL_METADATA)});
  for (int i = 0; i < messages; ++i) {
    grpc_byte_buffer* request = message_of(message);
    run_batch(call, {send_message(request)});
    grpc_byte_buffer_destroy(request);
  }
  grpc_byte_buffer* response = nullptr;
  run_batch(call, {operation(GRPC_OP_SEND_CLOSE_FROM_CLIENT), outcome.receive_initial_metadata(),
                   receive_message(response), outcome.receive_status()});
  grpc_slice_unref(message);
  outcome.expect_ok();
  take_message(response, std::to_string(messages).size());
  grpc_call_unref(call);
}

void RawCoreClient::open_streams(int streams) {
  std::deque<BidiStream> open;
  for (int i = 0; i < streams; ++i) open.emplace_back(*this);
  at_full_load();
}

grpc_call* RawCoreClient::create_call(void* method, gpr_timespec deadline) {
  return grpc_channel_create_registered_call(channel_, nullptr, GRPC_PROPAGATE_DEFAULTS, queue_,
                                             method, deadline, nullptr);
}

template <std::size_t count>
void RawCoreClient::start_batch(grpc_call* call, const grpc_op (&ops)[count], void* tag) {
  const grpc_call_error error = grpc_call_start_batch(call, ops, count, tag, nullptr);
  WEFT_ASSERT(error == GRPC_CALL_OK, grpc_call_error_to_string(error));
}

void* RawCoreClient::next() {
  const grpc_event event = grpc_completion_queue_next(queue_, no_deadline(), nullptr);
  WEFT_ASSERT(event.type == GRPC_OP_COMPLETE && event.success != 0);
  return event.tag;
}

template <std::size_t count>
void RawCoreClient::run_batch(grpc_call* call, const grpc_op (&ops)[count]) {
  start_batch(call, ops, this);
  next();
}

}  // namespace weft::bench
