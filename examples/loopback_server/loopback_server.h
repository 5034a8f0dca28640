#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

// A real gRPC server on a free port of this machine, for as long as it lives.
class LoopbackServer {
 public:
  // Null: no service but what gRPC was told to add by itself.
  explicit LoopbackServer(grpc::Service* service) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    if (service != nullptr) {
      builder.RegisterService(service);
    } else {
      builder.RegisterCallbackGenericService(&unimplemented_);
    }
    server_ = builder.BuildAndStart();
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  // Calls that still run are cancelled.
  ~LoopbackServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  grpc::Server& server() { return *server_; }

 private:
  int port_ = 0;
  grpc::CallbackGenericService unimplemented_;  // a server needs a service
  std::unique_ptr<grpc::Server> server_;
};
