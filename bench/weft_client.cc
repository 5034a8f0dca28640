#include "weft_client.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <vector>

#include "full_load.h"
#include "weft/api/block_on.h"
#include "weft/api/task_scope.h"
#include "weft/transport/assert.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::bench {
namespace {

constexpr UnaryUnaryMethod<Bytes, Bytes> unary_method(unary_method_name);
constexpr StreamStreamMethod<Bytes, Bytes> bidi_method(bidi_method_name);
constexpr UnaryStreamMethod<Bytes, Bytes> stream_method(stream_method_name);
constexpr StreamUnaryMethod<Bytes, Bytes> collect_method(collect_method_name);

CallOptions with_usual_deadline() {
  return CallOptions().timeout(absl::Seconds(deadline_seconds));
}

CallOptions options_of(const Workload& workload) {
  CallOptions options =
      workload.kind == WorkloadKind::unary ? with_usual_deadline() : CallOptions();
  if (workload.metadata_bytes != 0) {
    options.metadata(metadata_key, std::string(workload.metadata_bytes, 'v'));
  }
  return options;
}

// As many as are left when it is its turn.
Task<void> unary_calls(Channel& channel, const Workload& workload, Bytes request, int& left) {
  while (left > 0) {
    --left;
    const absl::StatusOr<Bytes> response =
        co_await channel.unary_unary(unary_method, request, options_of(workload));
    WEFT_ASSERT(response.ok(), response.status().message());
    WEFT_ASSERT(response->size() == workload.message_bytes, response->size());
  }
}

// Once so many batches have been started: what a turn's calls want starts at its end.
Task<void> note_full_load(TaskScope& scope, const GrpcEventLoop& loop, std::uint64_t batches) {
  if (loop.batches_started() >= batches) {
    at_full_load();
  } else {
    scope.spawn(note_full_load(scope, loop, batches));
  }
  co_return;
}

Task<void> unary_calls_together(Channel& channel, const GrpcEventLoop& loop,
                                const Workload& workload, Bytes request, int& left) {
  TaskScope scope(channel.loop());
  const int together = std::min(left, workload.in_flight);
  const std::uint64_t batches = loop.batches_started() + static_cast<std::uint64_t>(together);
  for (int i = 0; i < together; ++i) scope.spawn(unary_calls(channel, workload, request, left));
  scope.spawn(note_full_load(scope, loop, batches));
  co_await scope.join();
}

Task<void> exchanges(const StreamStreamCall<Bytes, Bytes>& call, int round_trips) {
  const Bytes request = Bytes::copy_of(payload);
  for (int i = 0; i < round_trips; ++i) {
    const ReadResult<Bytes> response = co_await call.exchange(request);
    WEFT_ASSERT(response, response.status().message());
    WEFT_ASSERT(response->size() == payload.size(), response->size());
  }
}

Task<void> writes_and_reads(const StreamStreamCall<Bytes, Bytes>& call, int round_trips) {
  const Bytes request = Bytes::copy_of(payload);
  for (int i = 0; i < round_trips; ++i) {
    const absl::Status written = co_await call.write(request);
    WEFT_ASSERT(written.ok(), written.message());
    const ReadResult<Bytes> response = co_await call.read();
    WEFT_ASSERT(response, response.status().message());
    WEFT_ASSERT(response->size() == payload.size(), response->size());
  }
}

Task<void> half_close(const StreamStreamCall<Bytes, Bytes>& call) {
  const absl::Status closed = co_await call.done_writing();
  WEFT_ASSERT(closed.ok(), closed.message());
  const ReadResult<Bytes> end = co_await call.read();
  WEFT_ASSERT(end.is_end(), end.status().message());
}

Task<void> stream_of_responses(Channel& channel, std::string text, int messages) {
  const Bytes request = Bytes::copy_of(text);
  const auto call = channel.unary_stream(stream_method, request, with_usual_deadline());
  int received = 0;
  while (const ReadResult<Bytes> message = co_await call.read()) {
    WEFT_ASSERT(message->size() == stream_message_bytes, message->size());
    ++received;
  }
  const absl::Status status = co_await call.status();
  WEFT_ASSERT(status.ok(), status.message());
  WEFT_ASSERT(received == messages, received);
}

Task<void> stream_of_requests(Channel& channel, Bytes request, int messages) {
  const auto call = channel.stream_unary(collect_method, with_usual_deadline());
  for (int i = 0; i < messages; ++i) {
    const absl::Status written = co_await call.write(request);
    WEFT_ASSERT(written.ok(), written.message());
  }
  const absl::Status closed = co_await call.done_writing();
  WEFT_ASSERT(closed.ok(), closed.message());
  const absl::StatusOr<Bytes> response = co_await call;
  WEFT_ASSERT(response.ok(), response.status().message());
  WEFT_ASSERT(*response == std::to_string(messages), response->to_string());
}

Task<void> many_streams(Channel& channel, int streams) {
  std::vector<StreamStreamCall<Bytes, Bytes>> calls;
  for (int i = 0; i < streams; ++i) {
    calls.push_back(channel.stream_stream(bidi_method));
    co_await exchanges(calls.back(), 1);
  }
  at_full_load();
  for (const StreamStreamCall<Bytes, Bytes>& call : calls) co_await half_close(call);
}

}  // namespace

WeftClient::WeftClient(const std::string& target, bool lean)
    : transport_(GrpcTransport::create(
                     target, (lean ? GrpcTransportOptions().lean() : GrpcTransportOptions())
                                 .receive_bytes_max(INT_MAX)
                                 .channel_argument(own_connection_argument, 1))
                     .value()),
      channel_(transport_, loop_) {}

WeftClient::~WeftClient() {
  // On this thread, whichever used the loop last: it is this one's now.
  block_on(loop_, close());
}

Task<void> WeftClient::close() {
  if (bidi_.has_value()) co_await half_close(*bidi_);
}

void WeftClient::run(const Workload& workload, int ops) {
  switch (workload.kind) {
    case WorkloadKind::unary:
    case WorkloadKind::unary_no_deadline:
      return unary(workload, ops);
    case WorkloadKind::exchange:
      return block_on(loop_, exchanges(bidi(), ops));
    case WorkloadKind::write_read:
      return block_on(loop_, writes_and_reads(bidi(), ops));
    case WorkloadKind::server_stream:
    case WorkloadKind::server_stream_unbuffered:
      return block_on(loop_,
                      stream_of_responses(channel_, stream_request(workload.kind, ops), ops));
    case WorkloadKind::client_stream:
      return block_on(loop_, stream_of_requests(channel_, message(workload), ops));
    case WorkloadKind::open_streams:
      return block_on(loop_, many_streams(channel_, ops));
  }
}

void WeftClient::unary(const Workload& workload, int calls) {
  int left = calls;
  if (workload.in_flight == 1) {
    return block_on(loop_, unary_calls(channel_, workload, message(workload), left));
  }
  block_on(loop_, unary_calls_together(channel_, loop_, workload, message(workload), left));
}

Bytes WeftClient::message(const Workload& workload) const {
  if (workload.message_bytes == 0) return Bytes();
  Bytes bytes = transport_->allocate(workload.message_bytes);
  std::memset(bytes.mutable_data(), 'm', workload.message_bytes);
  return bytes;
}

const WeftClient::BidiCall& WeftClient::bidi() {
  if (!bidi_.has_value()) bidi_.emplace(channel_.stream_stream(bidi_method));
  return *bidi_;
}

}  // namespace weft::bench
