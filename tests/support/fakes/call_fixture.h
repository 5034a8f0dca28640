#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manual_loop.h"
#include "scripted_transport.h"
#include "started.h"
#include "weft/api/channel.h"
#include "weft/api/usage_error.h"
#include "weft/transport/checked_transport.h"

namespace weft::test {

inline constexpr UnaryUnaryMethod<std::string, std::string> unary_unary("/test.Echo/UnaryUnary");
inline constexpr UnaryStreamMethod<std::string, std::string> unary_stream("/test.Echo/UnaryStream");
inline constexpr StreamUnaryMethod<std::string, std::string> stream_unary("/test.Echo/StreamUnary");
inline constexpr StreamStreamMethod<std::string, std::string> stream_stream(
    "/test.Echo/StreamStream");

MATCHER_P2(IsError, code, text, "") {
  return arg.code() == code && std::string(arg.message()) == text;
}
MATCHER_P(IsUsageError, text, "") {
  return is_usage_error(arg) && std::string(arg.message()) == text;
}
MATCHER(IsAnyUsageError, "") {
  return is_usage_error(arg);
}
MATCHER_P(IsMessage, text, "") {
  return arg.kind() == ReadResultBase::Kind::message && *arg == text;
}

// A channel over a scripted transport and a manual loop. Every stream is checked against the rules
// of the seam, and ends at the end of the test.
class ScriptedCallTest : public testing::Test {
 protected:
  ScriptedCallTest()
      : transport(std::make_shared<ScriptedTransport>()),
        channel(std::make_unique<Channel>(
            std::make_shared<CheckedTransport>(transport), loop,
            ChannelOptions().on_callback_exception([this](std::exception_ptr exception) {
              try {
                std::rethrow_exception(exception);
              } catch (const std::exception& error) {
                callback_exceptions.push_back(error.what());
              } catch (...) {
                callback_exceptions.push_back("?");
              }
            }))) {}

  ~ScriptedCallTest() override {
    loop.settle();
    transport->break_off_all();
    transport->change_state(ConnectivityState::shutdown);
    loop.settle();
    for (const auto& each : transport->streams) EXPECT_TRUE(each->finished());
  }

  // The stream of the call that was made last.
  ScriptedStream& stream() { return *transport->streams.back(); }

  template <class Awaitable>
  auto run(Awaitable awaitable) {
    return block_on(loop, std::move(awaitable));
  }

  // A call of two streams that was accepted by the transport and has its headers.
  StreamStreamCall<std::string, std::string> open_stream_stream(
      CallOptions options = CallOptions()) {
    auto call = channel->stream_stream(stream_stream, std::move(options));
    stream().open();
    loop.settle();
    return call;
  }
  UnaryStreamCall<std::string, std::string> open_unary_stream(std::string request = "request") {
    auto call = channel->unary_stream(unary_stream, request);
    stream().open();
    stream().accept_message();
    stream().accept_close();
    loop.settle();
    return call;
  }

  ManualLoop loop;
  std::shared_ptr<ScriptedTransport> transport;
  std::vector<std::string> callback_exceptions;
  std::unique_ptr<Channel> channel;
};

}  // namespace weft::test
