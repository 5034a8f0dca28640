#include "grpcpp_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>

#include "weft/transport/assert.h"

namespace weft::bench {
namespace {

std::shared_ptr<grpc::Channel> channel_to(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(own_connection_argument, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

GrpcppClient::GrpcppClient(const std::string& target)
    : channel_(channel_to(target)),
      unary_method_(unary_method_name, Method::NORMAL_RPC, channel_),
      bidi_method_(bidi_method_name, Method::BIDI_STREAMING, channel_),
      stream_method_(stream_method_name, Method::SERVER_STREAMING, channel_),
      collect_method_(collect_method_name, Method::CLIENT_STREAMING, channel_) {}

void GrpcppClient::run(const Workload& workload, int ops) {
  switch (workload.kind) {
    case WorkloadKind::unary:
    case WorkloadKind::unary_no_deadline:
      return unary(workload, ops);
    case WorkloadKind::exchange:
    case WorkloadKind::write_read:
      return exchange(workload, ops);
    case WorkloadKind::server_stream:
    case WorkloadKind::server_stream_unbuffered:
      return server_stream(workload, ops);
    case WorkloadKind::client_stream:
      return client_stream(workload, ops);
    case WorkloadKind::open_streams:
      break;
  }
}

void GrpcppClient::prepare(grpc::ClientContext& context, const Workload& workload) {
  if (workload.kind != WorkloadKind::unary_no_deadline) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(deadline_seconds));
  }
  if (workload.metadata_bytes != 0) {
    context.AddMetadata(metadata_key, std::string(workload.metadata_bytes, 'v'));
  }
}

grpc::ByteBuffer GrpcppClient::message_of(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer GrpcppClient::message_of(const Workload& workload) {
  return message_of(std::string(workload.message_bytes, 'm'));
}

void GrpcppClient::expect_ok(const grpc::Status& status) {
  WEFT_ASSERT(status.ok(), status.error_message());
}

void GrpcppClient::take_message(grpc::ByteBuffer& message, std::size_t bytes) {
  WEFT_ASSERT(message.Length() == bytes, message.Length());
  message.Clear();
}

}  // namespace weft::bench
