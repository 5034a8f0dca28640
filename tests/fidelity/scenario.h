#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "run.h"
#include "weft/transport_sim/explore_options.h"
#include "words.h"

// What a client sees over real gRPC, under disturbed timing, is something that the simulator
// foresaw.
//
//   FIDELITY(UnaryUnary, IsAnsweredOrCancelled) {
//     auto call = run.channel().unary_unary(unary_unary, request("x"));
//     const auto cancel = run.anytime("cancel", [&] { run.saw("cancel:", call.cancel()); });
//     const absl::StatusOr<EchoResponse> response = co_await call;
//     run.saw(word_of(response));
//   }
//
// The body is a weft::Task<> with a `run`. It is explored in the simulator, completely, and played
// WEFT_FIDELITY_RUNS times (default 20) to the server that WEFT_TEST_PEER names (default cpp); each
// real outcome must be a simulated one. A run's seed is WEFT_FIDELITY_SEED (default 1) plus its
// number: 1 run with the seed of a failure disturbs in the same way again.
#define FIDELITY(suite, name)                                                   \
  static ::weft::Task<> scenario_##suite##_##name(::weft::test::Run& run);      \
  TEST(suite, name) {                                                           \
    ::weft::test::check_fidelity(#suite "." #name, &scenario_##suite##_##name); \
  }                                                                             \
  static ::weft::Task<> scenario_##suite##_##name(::weft::test::Run& run)

namespace weft::test {

using Scenario = Task<> (*)(Run& run);

// What FIDELITY does.
void check_fidelity(std::string_view name, Scenario scenario);

}  // namespace weft::test
