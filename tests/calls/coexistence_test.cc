// Weft in a process that uses gRPC's own C++ clients and servers.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <memory>
#include <string>
#include <thread>

#include "call_test.h"

namespace weft::test {
namespace {

// Answers every request with the same message.
class Mirror final : public grpc::ServerGenericBidiReactor {
 public:
  Mirror() { StartRead(&buffer_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer buffer_;
};

class MirrorService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Mirror();
  }
};

grpc::Status call_with_grpcpp(grpc::Channel& channel, const EchoResponse& request,
                              EchoResponse& response) {
  grpc::ClientContext context;
  return grpc::internal::BlockingUnaryCall<
      EchoResponse, EchoResponse, google::protobuf::MessageLite, google::protobuf::MessageLite>(
      &channel,
      grpc::internal::RpcMethod("/weft.test.Mirror/Show", grpc::internal::RpcMethod::NORMAL_RPC),
      &context, request, &response);
}

// B493
TEST(Coexistence, WeftCallsBesideABlockingClientAndACallbackServerOfGrpcpp) {
  MirrorService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const std::string target = "127.0.0.1:" + std::to_string(port);
  EchoResponse message;
  message.set_payload("both");

  std::thread blocking([&] {
    const auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
    for (int round = 0; round < 20; ++round) {
      EchoResponse response;
      const grpc::Status status = call_with_grpcpp(*channel, message, response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(response.payload(), "both");
    }
  });
  constexpr UnaryUnaryMethod<EchoResponse, EchoResponse> show("/weft.test.Mirror/Show");
  GrpcEventLoop loop;
  Channel channel(GrpcTransport::create(target).value(), loop);
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(block_on(loop, channel.unary_unary(show, message))->payload(), "both");
  }
  blocking.join();
  server->Shutdown();
}

}  // namespace
}  // namespace weft::test
