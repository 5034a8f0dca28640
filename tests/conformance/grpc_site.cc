#include "grpc_site.h"

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include <atomic>

namespace weft::conformance {

std::string GrpcSite::run_name() {
  static std::atomic<int> runs = 0;
  if (name_.empty()) name_ = std::to_string(++runs);
  return name_;
}

// [run]
void run_in_real_time(const Check& check, Site& site, absl::Duration limit) {
  if (!run_within(site.loop(), play(check, site, true), limit)) {
    ADD_FAILURE() << check.name() << " did not end within " << limit;
  }
}
// [/run]

CoreInUse::CoreInUse() {
  grpc_init();
}

CoreInUse::~CoreInUse() {
  grpc_shutdown();
}

}  // namespace weft::conformance
