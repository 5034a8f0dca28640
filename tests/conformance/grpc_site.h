#pragma once

#include <memory>
#include <string>

#include "weft/conformance/fixture.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::conformance {

// A site in real time, on a gRPC loop.
class GrpcSite : public Site {
 public:
  EventLoop& loop() override { return loop_; }
  std::string run_name() override;

 private:
  GrpcEventLoop loop_;
  std::string name_;
};

// Runs the check at `site`, for so long at most.
void run_in_real_time(const Check& check, Site& site, absl::Duration limit);

// Keeps gRPC core up as long as it lives: core waits up to ten seconds for what still lingers
// whenever its last user is gone, which would be after every check.
class CoreInUse {
 public:
  CoreInUse();
  ~CoreInUse();
};

}  // namespace weft::conformance
