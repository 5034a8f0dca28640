#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>

#include "connected.h"
#include "explored.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/fault_plan.h"

namespace weft::test {

// A message that not all bytes are.
class Number {
 public:
  Number() = default;
  explicit Number(int its_value) : value(its_value) {}
  int value = 0;
};

}  // namespace weft::test

template <>
struct weft::Codec<weft::test::Number> {
  static absl::StatusOr<Bytes> serialize(const test::Number& number, BytesAllocator&) {
    return Bytes::from_string(std::to_string(number.value));
  }
  static absl::Status parse(const Bytes& bytes, test::Number& number) {
    const std::string digits = bytes.to_string();
    if (digits.find_first_not_of("0123456789") != std::string::npos) {
      return absl::InvalidArgumentError("not a number");
    }
    number.value = std::stoi(digits);
    return absl::OkStatus();
  }
};

namespace weft::test {

inline constexpr UnaryStreamMethod<std::string, Number> count("/test.Numbers/Count");
inline constexpr UnaryUnaryMethod<std::string, Number> square("/test.Numbers/Square");

inline std::string code_of(const Call& call) {
  return std::string(status_code_name(call.outcome()->code));
}

// A call whose peer sends headers, two messages and OK. How far the client got:
// "headers, 1 messages, INTERNAL"; "unseen" if the peer never heard of the call.
inline sim::BodyFunction download(sim::FaultPlan plan) {
  return [plan](sim::World& world) -> sim::Body {
    world.allow(plan);
    sim::Script script;
    script.read_all().headers({{"peer", "here"}}).message("1").message("2");
    world.server().script(count, script.finish(StatusCode::kOk, "done"));
    Channel channel(world.transport("server", connected()), world.loop());
    auto call = channel.unary_stream(count, "request");
    const Metadata headers = co_await call.initial_metadata();
    int messages = 0;
    while (auto number = co_await call.read()) {
      EXPECT_GE(number->value, 1);
      ++messages;
    }
    EXPECT_EQ((co_await call.status()).code(), call.outcome()->code);
    EXPECT_TRUE(call.outcome()->trailing_metadata.empty());
    const char* how_far = world.server().calls_seen() == 0 ? "unseen"
                          : headers.empty()                ? "no headers"
                                                           : "headers";
    world.outcome(detail::text(how_far, ", ", messages, " messages, ", code_of(call)));
  };
}

// A unary call: "4", or the code.
inline sim::BodyFunction ask(sim::FaultPlan plan, CallOptions options = CallOptions(),
                             sim::SimTransportOptions transport = connected()) {
  return [plan, options, transport](sim::World& world) -> sim::Body {
    world.allow(plan);
    world.server().serve(square, [](const std::string&) { return Number(4); });
    Channel channel(world.transport("server", transport), world.loop());
    auto call = channel.unary_unary(square, "2", options);
    const absl::StatusOr<Number> reply = co_await call;
    world.outcome(reply.ok() ? std::to_string(reply->value) : code_of(call));
  };
}

inline std::vector<std::string> outcomes_of_download(sim::FaultPlan plan) {
  return Explored(download(std::move(plan))).outcomes;
}
inline std::vector<std::string> outcomes_of_ask(sim::FaultPlan plan,
                                                CallOptions options = CallOptions()) {
  return Explored(ask(std::move(plan), std::move(options))).outcomes;
}

// What may come out of download() besides going well: the fault strikes wherever it can, and the
// call ends with `code`.
inline auto everywhere_with(std::string_view code) {
  return testing::UnorderedElementsAre(
      detail::text("unseen, 0 messages, ", code), detail::text("no headers, 0 messages, ", code),
      detail::text("headers, 0 messages, ", code), detail::text("headers, 1 messages, ", code),
      detail::text("headers, 2 messages, ", code), "headers, 2 messages, OK");
}
inline auto at_messages_with(std::string_view code) {
  return testing::UnorderedElementsAre(detail::text("headers, 0 messages, ", code),
                                       detail::text("headers, 1 messages, ", code),
                                       "headers, 2 messages, OK");
}
inline auto at_the_end_with(std::string_view code) {
  return testing::UnorderedElementsAre(detail::text("headers, 2 messages, ", code),
                                       "headers, 2 messages, OK");
}

}  // namespace weft::test
