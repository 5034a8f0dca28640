#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "weft/conformance/peer_board.h"
#include "weft/conformance/peer_report.h"
#include "weft/conformance/peer_script.h"
#include "weft/transport/bytes.h"

namespace weft::conformance {

// What a server lets a PeerPlayer do with one call. One of the first three is under way at a time.
class PeerWire {
 public:
  // Each gives true if that was that, or false if PeerPlayer::done() will be called.
  virtual bool send_headers(Metadata metadata) = 0;
  virtual bool send_message(Bytes message) = 0;
  // A message with the end behind it, in one step: what follows in the script waits for neither.
  virtual void send_last(Bytes message, CallStatus status) = 0;
  // PeerPlayer::message() or half_closed() will be called, not on this stack.
  virtual void read() = 0;

  // The end. Whatever follows it in the script does not touch the call any more.
  virtual void finish(CallStatus status) = 0;
  virtual void abort() = 0;

  // Authority, deadline and metadata of the call; the player knows the rest.
  virtual PeerReport request() = 0;
  virtual void go_away() = 0;

 protected:
  ~PeerWire() = default;
};

// Plays the script of one call: the part of a peer that does not depend on the server. A peer for a
// C++ server is a PeerWire and somebody who tells the player what happened; one in another language
// is this, written again, in some hundred lines.
//
// Threads: one at a time. Lifetime: a wait for a note does not keep it alive.
class PeerPlayer {
 public:
  // `resume` is called, on any thread, when a note came: it must call noted(), one at a time with
  // the rest, unless this player is gone.
  PeerPlayer(PeerWire& wire, PeerBoard& board, PeerBoard::Then resume);

  // The call is there, with this in its script header.
  void opened(std::string_view script);
  void done();
  void message(Bytes message);
  void half_closed();
  // The client has ended the call, or is gone.
  void cancelled();
  void noted();

  // Whether cancelled() would still do anything that somebody can see.
  bool cares_for_cancel() const;
  bool finished() const { return finished_; }

 private:
  void play();
  bool do_step(const PeerStep& step);
  bool do_read();
  bool send(Bytes message, bool step_ends = true);
  bool send_numbered(const PeerStep& step);
  bool at(PeerStep::Kind kind) const;
  void finish(CallStatus status);
  std::size_t next_wait_for_cancel() const;

  PeerWire& wire_;
  PeerBoard& board_;
  PeerBoard::Then resume_;
  PeerScript script_;
  std::size_t next_ = 0;
  std::size_t sent_of_step_ = 0;
  bool reading_ = false;
  bool sending_ = false;
  bool awaiting_ = false;
  bool playing_ = false;
  bool half_closed_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  std::vector<PeerReport::Message> taken_;
};

}  // namespace weft::conformance
