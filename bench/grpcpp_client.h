#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "client.h"

namespace weft::bench {

// What the three ways of grpc++ have in common. They call what generated stubs call, on byte
// buffers instead of protobuf messages.
class GrpcppClient : public Client {
 public:
  bool supports(const Workload& workload) const override {
    return workload.kind != WorkloadKind::open_streams;
  }
  void run(const Workload& workload, int ops) final;

 protected:
  explicit GrpcppClient(const std::string& target);

  class Method final : public grpc::internal::RpcMethod {
   public:
    Method(const char* name, RpcType type, const std::shared_ptr<grpc::ChannelInterface>& channel)
        : RpcMethod(name, type, channel) {}
  };

  virtual void unary(const Workload& workload, int calls) = 0;
  virtual void exchange(const Workload& workload, int round_trips) = 0;
  virtual void server_stream(const Workload& workload, int messages) = 0;
  virtual void client_stream(const Workload& workload, int messages) = 0;

  // Makes a context what the workload asks for.
  static void prepare(grpc::ClientContext& context, const Workload& workload);

  static grpc::ByteBuffer message_of(const std::string& text);
  static grpc::ByteBuffer message_of(const Workload& workload);
  static void expect_ok(const grpc::Status& status);
  // And empties it: what is received next goes into an empty one.
  static void take_message(grpc::ByteBuffer& message, std::size_t bytes);

  std::shared_ptr<grpc::Channel> channel_;
  Method unary_method_;
  Method bidi_method_;
  Method stream_method_;
  Method collect_method_;
};

std::unique_ptr<Client> make_grpcpp_sync_client(const std::string& target);
std::unique_ptr<Client> make_grpcpp_queue_client(const std::string& target);
std::unique_ptr<Client> make_grpcpp_callback_client(const std::string& target);

}  // namespace weft::bench
