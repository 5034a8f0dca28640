#pragma once

#include <optional>
#include <utility>

#include "observations.h"
#include "weft/api/read_result.h"
#include "weft/api/task.h"

namespace weft::test {

// A call of any kind, whose operations tell what they observed. A kind that has no such operation
// says so.
class PlayedCall {
 public:
  virtual ~PlayedCall() = default;
  virtual const Call& call() const = 0;
  virtual Task<Json> response() = 0;
  virtual Task<Json> read() = 0;
  virtual Task<Json> next() = 0;
  virtual Task<Json> write(EchoRequest message) = 0;
  virtual Task<Json> done_writing() = 0;
};

template <class AnyCall>
class TypedCall final : public PlayedCall {
 public:
  explicit TypedCall(AnyCall call) : call_(std::move(call)) {}

  const Call& call() const override { return call_; }

  Task<Json> response() override {
    if constexpr (requires { call_.value_or_throw(); }) {
      const absl::StatusOr<EchoResponse>& response = co_await call_;
      co_return response.ok() ? observed(*response) : observed(response.status(), call_);
    } else {
      co_return nullptr;
    }
  }

  Task<Json> read() override {
    if constexpr (requires { call_.read(); }) {
      const ReadResult<EchoResponse> result = co_await call_.read();
      co_return seen(result);
    } else {
      co_return nullptr;
    }
  }

  Task<Json> next() override {
    if constexpr (requires { call_.responses(); }) {
      auto responses = call_.responses();
      const ReadResult<EchoResponse> result = co_await responses.next();
      co_return seen(result);
    } else {
      co_return nullptr;
    }
  }

  Task<Json> write(EchoRequest message) override {
    if constexpr (requires { call_.write(message); }) {
      const absl::Status written = co_await call_.write(message);
      co_return observed(written, call_);
    } else {
      co_return nullptr;
    }
  }

  Task<Json> done_writing() override {
    if constexpr (requires { call_.done_writing(); }) {
      const absl::Status closed = co_await call_.done_writing();
      co_return observed(closed, call_);
    } else {
      co_return nullptr;
    }
  }

 private:
  Json seen(const ReadResult<EchoResponse>& result) const {
    if (result) return observed(*result);
    return result.is_end() ? Json("EOF") : observed(result.status(), call_);
  }

  AnyCall call_;
};

}  // namespace weft::test
