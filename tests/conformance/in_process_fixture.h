#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpc_peer.h"
#include "grpc_site.h"

namespace weft::conformance {

// gRPC 1.51's in-process transport: what it breaks is in the list of expected failures.
class InProcessFixture final : public Fixture {
 public:
  std::string name() const override { return "gRPC in-process"; }
  Capabilities capabilities() override;
  std::optional<std::string> lacks(Need need) override;
  void run(const Check& check) override;
  std::vector<ExpectedFailure> expected_failures() const override;

 private:
  CoreInUse core_;
};

}  // namespace weft::conformance
