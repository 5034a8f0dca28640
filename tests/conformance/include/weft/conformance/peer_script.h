#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/transport/call_status.h"
#include "weft/transport/metadata.h"

namespace weft::conformance {

// The method that every peer of the suite serves; any other is UNIMPLEMENTED (T85).
inline constexpr std::string_view peer_method = "/weft.conformance.Peer/Play";
// The request header that carries the script.
inline constexpr std::string_view script_header = "weft-script";

// One step of a script. Which fields mean something, its kind says.
class PeerStep {
 public:
  enum class Kind {
    headers,          // sends `metadata`, and an entry "large" of `size` bytes if that is not 0
    read,             // waits for one message, or for the half-close
    read_all,         // waits for the half-close, taking messages
    echo,             // as read, and sends what it got
    echo_all,         // echoes until the half-close
    message,          // sends `text`
    messages,         // sends `count` messages: numbered_message(0, size), (1, size), ...
    report,           // sends a PeerReport: what it has seen so far
    finish,           // ends with `code`, `text`, trailing `metadata`, and "large" as for headers
    abort,            // ends without a status: resets the stream
    wait_for_cancel,  // waits until the client has ended the call
    tell,             // posts the note `text` on the peer's board
    await,            // waits for the note `text`, and takes it
    go_away,          // the whole peer: no new calls on this connection, but on new ones (T83)
  };

  explicit PeerStep(Kind step_kind) : kind(step_kind) {}

  Kind kind;
  std::string text;
  StatusCode code = StatusCode::kOk;
  std::size_t count = 0;
  std::size_t size = 0;
  Metadata metadata;
};

// What a check tells the peer to do with one call: steps, done one after the other.
//
//   PeerScript().headers().read().message("pong").finish()
//
// A script that is over leaves the call open: a silent peer. When the client ends the call, the
// peer goes on behind the next wait_for_cancel, or is over if there is none.
//
// On the wire it is text: steps behind each other, each `kind:text:code:count:size:key=value,...;`,
// kinds by their names, every other byte than letters, digits, '-', '_' and '.' as %XX.
class PeerScript {
 public:
  using Kind = PeerStep::Kind;

  PeerScript() = default;

  PeerScript& headers(Metadata metadata = Metadata(), std::size_t large = 0);
  PeerScript& read() { return add(Kind::read); }
  PeerScript& read_all() { return add(Kind::read_all); }
  PeerScript& echo() { return add(Kind::echo); }
  PeerScript& echo_all() { return add(Kind::echo_all); }
  PeerScript& message(std::string_view text) { return add(Kind::message, text); }
  PeerScript& messages(std::size_t count, std::size_t size);
  PeerScript& report() { return add(Kind::report); }
  PeerScript& finish(StatusCode code = StatusCode::kOk, std::string_view text = "",
                     Metadata trailers = Metadata(), std::size_t large = 0);
  PeerScript& abort() { return add(Kind::abort); }
  PeerScript& wait_for_cancel() { return add(Kind::wait_for_cancel); }
  PeerScript& tell(std::string_view note) { return add(Kind::tell, note); }
  PeerScript& await(std::string_view note) { return add(Kind::await, note); }
  PeerScript& go_away() { return add(Kind::go_away); }

  const std::vector<PeerStep>& steps() const { return steps_; }

  std::string to_string() const;
  // INVALID_ARGUMENT naming the step that makes no sense.
  static absl::StatusOr<PeerScript> parse(std::string_view text);

 private:
  PeerScript& add(Kind kind, std::string_view text = "");

  std::vector<PeerStep> steps_;
};

// "17:xxxx", of `size` bytes if that is enough for the number.
std::string numbered_message(std::size_t number, std::size_t size);

}  // namespace weft::conformance
