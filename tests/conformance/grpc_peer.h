#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "weft/conformance/peer_board.h"

namespace weft::conformance {

// Where a GrpcPeer listens, and as what.
class GrpcPeerOptions {
 public:
  std::string address;  // "127.0.0.1:0", "unix:/path"; empty: nowhere, for in-process channels
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  int streams_max = 0;            // on one connection; 0: no limit
  std::function<void()> go_away;  // for the step go_away; called on a thread of gRPC's
};

// The suite's peer as a gRPC server: the interpreter of scripts over the generic callback service.
// The destructor ends what still runs. Threads: any.
class GrpcPeer {
 public:
  GrpcPeer(const GrpcPeerOptions& options, std::shared_ptr<PeerBoard> board);
  ~GrpcPeer();

  grpc::Server& server() { return *server_; }
  // Of "127.0.0.1:0".
  int port() const { return port_; }
  // Takes no more calls, and waits until those that run have ended.
  void finish();

 private:
  class Service;

  int port_ = 0;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace weft::conformance
