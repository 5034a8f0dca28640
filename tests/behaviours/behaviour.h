#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "setting.h"
#include "weft/api/task.h"
#include "weft/api/usage_error.h"
#include "weft/transport_sim/explore_options.h"

// A behaviour of the contract, as a test that runs in every setting: in the simulator under every
// order of events, and over real gRPC.
//
//   BEHAVIOUR(UnaryUnary, AwaitingAgainGivesTheSameResponse, "B040 B041") {
//     auto call = setting.channel().unary_unary(unary_unary, request("x"));
//     EXPECT_EQ((co_await call)->payload(), "x");
//   }
//
// The rows are those of docs/behaviours.md. The body is a weft::Task<> with a `setting`. A fourth
// argument is a weft::sim::ExploreOptions. WEFT_TEST_PEER chooses the setting: sim, cpp or python.
#define BEHAVIOUR(suite, name, rows, ...)                                                       \
  static ::weft::Task<> behaviour_##suite##_##name(::weft::test::Setting& setting);             \
  TEST(suite, name) {                                                                           \
    ::weft::test::show_behaviour(#suite "." #name, rows, &behaviour_##suite##_##name,           \
                                 ::weft::sim::ExploreOptions(__VA_ARGS__), __FILE__, __LINE__); \
  }                                                                                             \
  static ::weft::Task<> behaviour_##suite##_##name([[maybe_unused]] ::weft::test::Setting& setting)

namespace weft::test {

using BehaviourBody = Task<> (*)(Setting& setting);

// What BEHAVIOUR does: runs the body in the setting that the environment names.
void show_behaviour(std::string_view name, std::string_view rows, BehaviourBody body,
                    sim::ExploreOptions options, const char* file, int line);

MATCHER_P(HasCode, code, "") {
  return arg.code() == code;
}

MATCHER_P2(IsError, code, text, "") {
  return arg.code() == code && std::string(arg.message()) == text;
}
MATCHER_P(IsUsageError, text, "") {
  return is_usage_error(arg) && std::string(arg.message()) == text;
}
// CANCELLED, by this side.
MATCHER(IsLocalCancel, "") {
  return arg.code() == StatusCode::kCancelled && std::string(arg.message()) == local_cancel_details;
}

}  // namespace weft::test
