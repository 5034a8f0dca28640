#pragma once

#include "scenario.h"
#include "weft/api/task_scope.h"
#include "weft/api/when_all.h"

namespace weft::test {

using ResponsesCall = UnaryStreamCall<EchoRequest, EchoResponse>;
using RequestsCall = StreamUnaryCall<EchoRequest, EchoResponse>;
using BothCall = StreamStreamCall<EchoRequest, EchoResponse>;

// "headers:[...]", once they are here or never will be.
template <class StreamCall>
Task<> see_headers(Run& run, StreamCall call) {
  const Metadata headers = co_await call.initial_metadata();
  run.saw("headers:", word_of(headers));
}

// "read:..." for each, up to the end or the failure.
template <class StreamCall>
Task<> read_all(Run& run, StreamCall call) {
  for (;;) {
    const ReadResult<EchoResponse> result = co_await call.read();
    run.saw("read:", word_of(result));
    if (!result) co_return;
  }
}

template <class StreamCall>
Task<> write_one(Run& run, StreamCall call, EchoRequest message) {
  const absl::Status written = co_await call.write(message);
  run.saw("write:", word_of(written));
}

template <class StreamCall>
Task<> half_close(Run& run, StreamCall call) {
  const absl::Status closed = co_await call.done_writing();
  run.saw("half-close:", word_of(closed));
}

template <class StreamCall>
Task<> see_status(Run& run, StreamCall call) {
  const absl::Status status = co_await call.status();
  run.saw("status:", word_of(status));
}

template <class StreamCall>
Task<> see_response(Run& run, StreamCall call) {
  const absl::StatusOr<EchoResponse>& response = co_await call;
  run.saw("response:", word_of(response));
}

// Side by side.
inline Task<> both(Task<> one, Task<> other) {
  auto all = when_all(std::move(one), std::move(other));
  co_await std::move(all);
}

inline EchoRequest slow_request(std::string payload, int responses, int delay_ms) {
  EchoRequest message = request(std::move(payload), responses);
  message.set_delay_ms(delay_ms);
  return message;
}

inline EchoRequest answered_now(std::string payload) {
  EchoRequest message = request(std::move(payload));
  message.set_answer_now(true);
  return message;
}

inline CallOptions with_metadata() {
  return CallOptions().metadata("echo-initial", "i").metadata("echo-trailing", "t");
}

}  // namespace weft::test
