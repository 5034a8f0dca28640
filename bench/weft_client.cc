#include "weft_client.h"

#include "weft/api/block_on.h"
#include "weft/transport/assert.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::bench {
namespace {

constexpr UnaryUnaryMethod<Bytes, Bytes> unary_method(unary_method_name);
constexpr StreamStreamMethod<Bytes, Bytes> bidi_method(bidi_method_name);
constexpr UnaryStreamMethod<Bytes, Bytes> stream_method(stream_method_name);

CallOptions with_usual_deadline() {
  return CallOptions().timeout(absl::Seconds(deadline_seconds));
}

Task<void> unary_calls(Channel& channel, bool with_deadline, int calls) {
  const Bytes request = Bytes::copy_of(payload);
  for (int i = 0; i < calls; ++i) {
    CallOptions options = with_deadline ? with_usual_deadline() : CallOptions();
    const absl::StatusOr<Bytes> response =
        co_await channel.unary_unary(unary_method, request, std::move(options));
    WEFT_ASSERT(response.ok(), response.status().message());
    WEFT_ASSERT(response->size() == payload.size(), response->size());
  }
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

Task<void> stream_of_responses(Channel& channel, int messages) {
  const Bytes request = Bytes::copy_of(std::to_string(messages));
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

}  // namespace

WeftClient::WeftClient(const std::string& target, bool lean)
    : channel_(GrpcTransport::create(target,
                                     lean ? GrpcTransportOptions().lean() : GrpcTransportOptions())
                   .value(),
               loop_) {}

WeftClient::~WeftClient() {
  if (bidi_.has_value()) block_on(loop_, half_close(*bidi_));
}

void WeftClient::run(WorkloadKind workload, int ops) {
  switch (workload) {
    case WorkloadKind::unary:
      return block_on(loop_, unary_calls(channel_, true, ops));
    case WorkloadKind::unary_no_deadline:
      return block_on(loop_, unary_calls(channel_, false, ops));
    case WorkloadKind::exchange:
      return block_on(loop_, exchanges(bidi(), ops));
    case WorkloadKind::write_read:
      return block_on(loop_, writes_and_reads(bidi(), ops));
    case WorkloadKind::server_stream:
      return block_on(loop_, stream_of_responses(channel_, ops));
  }
}

const WeftClient::BidiCall& WeftClient::bidi() {
  if (!bidi_.has_value()) bidi_.emplace(channel_.stream_stream(bidi_method));
  return *bidi_;
}

}  // namespace weft::bench
