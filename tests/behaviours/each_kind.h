#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "behaviour.h"
#include "weft/transport/method.h"
#include "weft/transport_sim/world.h"

// A behaviour that calls of several kinds have: the body has a `method` as well. In the simulator
// each kind is explored; over real gRPC they come one after the other.
//
//   BEHAVIOUR_OF_KINDS(Reading, EndsAgainAndAgain, "B071", (unary_stream, stream_stream)) {
//     auto call = open(setting.channel(), method, request("x", 2));
//     ...
//   }
#define BEHAVIOUR_OF_KINDS(suite, name, rows, methods, ...)                                       \
  template <class Method>                                                                         \
  static ::weft::Task<> body_##suite##_##name(::weft::test::Setting& setting, Method method);     \
  BEHAVIOUR(suite, name, rows, __VA_ARGS__) {                                                     \
    const auto body = [&setting](auto method) { return body_##suite##_##name(setting, method); }; \
    auto each = ::weft::test::with_each(setting, body, ::weft::test::Kinds methods);              \
    co_await std::move(each);                                                                     \
  }                                                                                               \
  template <class Method>                                                                         \
  static ::weft::Task<> body_##suite##_##name([[maybe_unused]] ::weft::test::Setting& setting,    \
                                              [[maybe_unused]] Method method)

#define BEHAVIOUR_OF_EACH_KIND(suite, name, rows, ...)                                            \
  BEHAVIOUR_OF_KINDS(suite, name, rows, (unary_unary, unary_stream, stream_unary, stream_stream), \
                     __VA_ARGS__)

namespace weft::test {

template <class... Methods>
class Kinds {
 public:
  explicit Kinds(Methods... all) : methods(all...) {}
  std::tuple<Methods...> methods;
};

// `body` must outlive the task.
template <class Body, class... Methods>
Task<> with_each(Setting& setting, const Body& body, Kinds<Methods...> kinds) {
  std::vector<Task<>> tasks;
  std::apply([&](Methods... method) { (tasks.push_back(body(method)), ...); }, kinds.methods);
  if (setting.simulated()) {
    co_await std::move(tasks[setting.world()->choose(tasks.size(), "kind")]);
    co_return;
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    co_await std::move(tasks[i]);
    if (!testing::Test::HasFailure()) continue;
    ADD_FAILURE() << "with kind " << i;
    co_return;
  }
}

// A call of any kind that sends this one request and half-closes.
template <CallKind kind>
auto open(Channel& channel, const MethodDescriptor<kind, EchoRequest, EchoResponse>& method,
          EchoRequest message, CallOptions options = CallOptions()) {
  if constexpr (kind == CallKind::unary_unary) {
    return channel.unary_unary(method, message, std::move(options));
  } else if constexpr (kind == CallKind::unary_stream) {
    return channel.unary_stream(method, message, std::move(options));
  } else if constexpr (kind == CallKind::stream_unary) {
    return channel.stream_unary(method, std::vector<EchoRequest>(1, std::move(message)),
                                std::move(options));
  } else {
    return channel.stream_stream(method, std::vector<EchoRequest>(1, std::move(message)),
                                 std::move(options));
  }
}

// A call of any kind that goes on until this side ends it: it asks the server to be silent, or for
// nothing yet if there is a stream of requests, which the body may write.
template <CallKind kind>
auto open_idle(Channel& channel, const MethodDescriptor<kind, EchoRequest, EchoResponse>& method,
               CallOptions options = CallOptions()) {
  if constexpr (kind == CallKind::stream_unary) {
    return channel.stream_unary(method, std::move(options));
  } else if constexpr (kind == CallKind::stream_stream) {
    return channel.stream_stream(method, std::move(options));
  } else {
    return open(channel, method, silent_request(), std::move(options));
  }
}

// Takes all there is, by the operations that fail with the call: how it ended.
template <class TypedCall>
Task<absl::Status> end_of(TypedCall call) {
  if constexpr (requires { call.read(); }) {
    for (;;) {
      const auto message = co_await call.read();
      if (!message) co_return message.status();
    }
  } else {
    const absl::StatusOr<EchoResponse>& response = co_await call;
    co_return response.status();
  }
}

}  // namespace weft::test
