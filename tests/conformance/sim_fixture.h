#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "weft/conformance/fixture.h"

namespace weft::conformance {

// [fixture]
// The simulator under the suite: every check in every order of events, as far as its bound.
class SimFixture final : public Fixture {
 public:
  // Every transport goes through `wrap`, if there is one.
  using Wrap = std::function<std::shared_ptr<Transport>(std::shared_ptr<Transport>)>;
  explicit SimFixture(Wrap wrap = nullptr) : wrap_(std::move(wrap)) {}

  std::string name() const override { return "simulator"; }
  Capabilities capabilities() override;
  std::optional<std::string> lacks(Need need) override;
  void run(const Check& check) override;

 private:
  Wrap wrap_;
};
// [/fixture]

}  // namespace weft::conformance
