#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "weft/api/detail/call_awaiters.h"
#include "weft/api/detail/call_core.h"
#include "weft/api/request_source.h"
#include "weft/api/task.h"

namespace weft::detail {

// "cannot serialise the request: ..."
std::string unserialisable_text(const absl::Status& why);

// Writes one request; false if the source is to stop.
Task<bool> pump_one(CallCore& call, absl::StatusOr<Bytes> message);

// Writes everything that the source gives and half-closes. The frame belongs to the call, which
// destroys it when it ends.
template <class Request, class Source>
RootCoroutine pump_requests(CallCore& call,
                            absl::StatusOr<Bytes> (*serialize)(const Request&, BytesAllocator&),
                            Source source) {
  std::string failure;
  try {
    if constexpr (is_generator_of<Source, Request>) {
      while (std::optional<Request> request = co_await source.next()) {
        auto pumped = pump_one(call, serialize_contained(serialize, *request, call.transport()));
        if (!co_await std::move(pumped)) co_return;
      }
    } else {
      for (const Request& request : source) {
        auto pumped = pump_one(call, serialize_contained(serialize, request, call.transport()));
        if (!co_await std::move(pumped)) co_return;
      }
    }
    CallAwaitable<DoneWritingAwaiter, Writer> half_close(CallReference(call), Writer::source);
    // What became of it shows in the call's outcome.
    (void)co_await std::move(half_close);
    co_return;
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
    failure = "an exception of unknown type";
  }
  call.source_failed(failure);
}

}  // namespace weft::detail
