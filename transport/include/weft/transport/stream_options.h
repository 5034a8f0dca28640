#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "weft/transport/call_credentials.h"
#include "weft/transport/deadline.h"
#include "weft/transport/metadata.h"
#include "weft/transport/method.h"

namespace weft {

enum class Compression { none, deflate, gzip };

// What a stream is started with. Values are fixed when the stream is created; later changes of the
// caller's objects do not matter (B372).
class StreamOptions {
 public:
  StreamOptions() = default;
  StreamOptions(std::string_view method_name, CallKind call_kind)
      : method(method_name), kind(call_kind) {}

  // "/package.Service/Method". Needs to live only until create_stream returns.
  std::string_view method;
  // A transport may use it to start operations together; it never changes what is observed.
  CallKind kind = CallKind::stream_stream;
  // Overrides the transport's authority, if not empty.
  std::string authority;
  Metadata metadata;
  Deadline deadline;
  // Unset: the transport's default, which is to fail fast (T80, B343).
  std::optional<bool> wait_for_ready;
  // Unset: the transport's default. Compression::none overrides a compressing default (B473).
  std::optional<Compression> compression;
  std::shared_ptr<CallCredentials> credentials;
  // Deliver the initial metadata event when headers arrive, even if that costs a unary call another
  // batch (B019, D19). Streaming responses always do.
  bool early_initial_metadata = false;

  // Whether a transport may tell a single response together with the status. It must not when a
  // caller wants the headers early, nor without a deadline: a peer that answers twice would never
  // let the status through, and only a further receive finds that out (D19, B056).
  bool response_with_status() const {
    return response_cardinality(kind) == Cardinality::one && !deadline.is_infinite() &&
           !early_initial_metadata;
  }
};

// Hints of one message. A hint never loses data (T54) and may be ignored.
class SendOptions {
 public:
  SendOptions() = default;

  // The message may wait for the next one without the hint, for send_close or for cancel (T54).
  SendOptions& buffer_hint(bool on = true) {
    has_buffer_hint = on;
    return *this;
  }
  // Do not compress this message.
  SendOptions& no_compression(bool on = true) {
    has_no_compression = on;
    return *this;
  }
  // The caller starts a receive in this very turn of the loop and does not look at this send's
  // completion before that receive's. Lets a transport carry both in one step (D20).
  SendOptions& with_receive(bool on = true) {
    has_with_receive = on;
    return *this;
  }

  bool has_buffer_hint = false;
  bool has_no_compression = false;
  bool has_with_receive = false;
};

}  // namespace weft
