#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weft/api/channel.h"
#include "weft/api/task.h"

namespace weft::test {

// The four kinds of call, each with what makes such a call and uses it to its end.

class UnaryUnary {
 public:
  static constexpr UnaryUnaryMethod<std::string, std::string> method{"/test.Kinds/UnaryUnary"};
  static auto make(Channel& channel, const std::string& request, CallOptions options) {
    return channel.unary_unary(method, request, std::move(options));
  }
  // Writes nothing; the request went with the start.
  template <class Call>
  static Task<absl::Status> write(Call&, std::string) {
    co_return absl::OkStatus();
  }
  template <class Call>
  static Task<std::vector<std::string>> read(Call& call) {
    std::vector<std::string> messages;
    const absl::StatusOr<std::string> response = co_await call;
    if (response.ok()) messages.push_back(*response);
    co_return messages;
  }
};

class UnaryStream {
 public:
  static constexpr UnaryStreamMethod<std::string, std::string> method{"/test.Kinds/UnaryStream"};
  static auto make(Channel& channel, const std::string& request, CallOptions options) {
    return channel.unary_stream(method, request, std::move(options));
  }
  template <class Call>
  static Task<absl::Status> write(Call&, std::string) {
    co_return absl::OkStatus();
  }
  template <class Call>
  static Task<std::vector<std::string>> read(Call& call) {
    std::vector<std::string> messages;
    while (auto message = co_await call.read()) messages.push_back(*message);
    co_return messages;
  }
};

class StreamUnary {
 public:
  static constexpr StreamUnaryMethod<std::string, std::string> method{"/test.Kinds/StreamUnary"};
  static auto make(Channel& channel, const std::string&, CallOptions options) {
    return channel.stream_unary(method, std::move(options));
  }
  template <class Call>
  static Task<absl::Status> write(Call& call, std::string message) {
    const absl::Status written = co_await call.write(message);
    if (!written.ok()) co_return written;
    co_return co_await call.done_writing();
  }
  template <class Call>
  static Task<std::vector<std::string>> read(Call& call) {
    std::vector<std::string> messages;
    const absl::StatusOr<std::string> response = co_await call;
    if (response.ok()) messages.push_back(*response);
    co_return messages;
  }
};

class StreamStream {
 public:
  static constexpr StreamStreamMethod<std::string, std::string> method{"/test.Kinds/StreamStream"};
  static auto make(Channel& channel, const std::string&, CallOptions options) {
    return channel.stream_stream(method, std::move(options));
  }
  template <class Call>
  static Task<absl::Status> write(Call& call, std::string message) {
    const absl::Status written = co_await call.write(message);
    if (!written.ok()) co_return written;
    co_return co_await call.done_writing();
  }
  template <class Call>
  static Task<std::vector<std::string>> read(Call& call) {
    std::vector<std::string> messages;
    while (auto message = co_await call.read()) messages.push_back(*message);
    co_return messages;
  }
};

}  // namespace weft::test
