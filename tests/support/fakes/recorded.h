#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "weft/transport/completion.h"

namespace weft::test {

// A completion that keeps what it was given, and then does what the test says.
template <class Result>
class Recorded final : public Completion<Result> {
 public:
  Recorded() : Completion<Result>(&keep) {}

  std::vector<Result> results;
  std::function<void()> then;

 private:
  static void keep(Completion<Result>& completion, Result&& result) noexcept {
    auto& self = static_cast<Recorded&>(completion);
    self.results.push_back(std::move(result));
    if (self.then) self.then();
  }
};

}  // namespace weft::test
