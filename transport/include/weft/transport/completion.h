#pragma once

#include <optional>
#include <utility>

#include "weft/transport/bytes.h"
#include "weft/transport/call_status.h"
#include "weft/transport/metadata.h"

namespace weft {

// The one-shot sink of a started operation: an intrusive object owned by whoever waits (D3), which
// keeps it alive until it was completed, also after the stream's handle is gone (T05, T06). The
// function runs on the loop's thread, never on the stack that started the operation (T61), never
// while another completion of the stream runs (T60), holding no lock (T62); it must not throw (T65)
// nor block (T64), and may do anything else: start operations, cancel, drop the stream or the
// transport, start another stream (T63). What the result carries needs no further synchronisation
// (T66).
template <class Result>
class Completion {
 public:
  using Deliver = void (*)(Completion&, Result) noexcept;

  explicit Completion(Deliver deliver) noexcept : deliver_(deliver) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // For transports: exactly once for each accepted operation (T05).
  void complete(Result&& result) noexcept { deliver_(*this, std::move(result)); }
  void complete(const Result& result) noexcept { deliver_(*this, result); }

 protected:
  ~Completion() = default;

 private:
  Deliver deliver_;
};

// Whether a start, a send or a close was taken by the transport. A failure carries no reason of its
// own: the stream's status says why (T19).
enum class OperationResult { ok, failed };

// What the peer sent before its first message.
class InitialMetadata {
 public:
  InitialMetadata() = default;
  explicit InitialMetadata(Metadata received) : present(true), metadata(std::move(received)) {}

  // False when the call ended without headers; transports that cannot tell this from empty headers
  // say so in their capabilities and report true (T14).
  bool present = false;
  Metadata metadata;
};

// What one receive found.
class Received {
 public:
  enum class Kind { message, end, failed };

  static Received end_of_stream() { return Received(Kind::end, Bytes()); }
  // The status says why (T19).
  static Received failure() { return Received(Kind::failed, Bytes()); }
  explicit Received(Bytes received) : Received(Kind::message, std::move(received)) {}

  Kind kind;
  Bytes message;  // empty unless kind is message

 private:
  Received(Kind received_kind, Bytes received)
      : kind(received_kind), message(std::move(received)) {}
};

using StartCompletion = Completion<OperationResult>;
using InitialMetadataCompletion = Completion<InitialMetadata>;
using SendCompletion = Completion<OperationResult>;
using CloseCompletion = Completion<OperationResult>;
using ReceiveCompletion = Completion<Received>;
using StatusCompletion = Completion<CallStatus>;

}  // namespace weft
