#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weft/transport/call_status.h"
#include "weft/transport/wire_status.h"

namespace weft::sim {

class PeerProgram;

// What a peer does with a call, frame by frame.
//
//   server.script("/pkg.Chat/Talk",
//   sim::Script().headers().read().message("hello").gap().finish());
//
// It goes on until it has to wait, for a message, for the half-close, or in a gap, which the
// explorer may make as long as it likes. What it sends takes its turn in order. A script that is
// over without finish() or reset() leaves the call open: a silent peer (F29). It takes messages
// only as it reads them; read_all() takes the rest.
class Script {
 public:
  Script() = default;

  // Waits for one message, and drops it.
  Script& read() { return add(Step::Kind::read); }
  // Waits for the half-close, dropping messages.
  Script& read_all() { return add(Step::Kind::read_all); }
  // Waits until the client has cancelled.
  Script& wait_for_cancel() { return add(Step::Kind::wait_for_cancel); }
  // Waits for a step of its own: "call1.gap".
  Script& gap() { return add(Step::Kind::gap); }

  Script& headers(Metadata metadata = Metadata());
  Script& message(std::string_view bytes);
  Script& finish(CallStatus status = CallStatus());
  Script& finish(StatusCode code, std::string_view details = "");
  Script& reset(Http2Error error);

  // A program that plays it once.
  std::unique_ptr<PeerProgram> play() const;

 private:
  friend class ScriptPlayer;

  class Step {
   public:
    enum class Kind { read, read_all, wait_for_cancel, gap, headers, message, finish, reset };
    explicit Step(Kind step_kind) : kind(step_kind) {}
    Kind kind;
    Metadata metadata;
    std::string bytes;
    CallStatus status;
    Http2Error error = Http2Error::no_error;
  };

  Script& add(Step::Kind kind) {
    steps_.emplace_back(kind);
    return *this;
  }

  std::vector<Step> steps_;
};

}  // namespace weft::sim
