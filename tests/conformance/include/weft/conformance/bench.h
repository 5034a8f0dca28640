#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "weft/conformance/observed_stream.h"
#include "weft/conformance/peer_report.h"
#include "weft/conformance/peer_script.h"
#include "weft/conformance/site.h"

namespace weft::conformance {

// What a check has in hand: transports to the peer, every one held to the rules by
// CheckedTransport, whose findings fail the test; streams over them; and the peer's board.
class Bench {
 public:
  Bench(Site& site, std::string check_name, bool real_time);

  Site& site() const { return site_; }
  EventLoop& loop() const { return site_.loop(); }

  // The transport that streams and notes go over unless another one is named; made when it is first
  // needed, with the default options.
  const std::shared_ptr<Transport>& transport();
  std::shared_ptr<Transport> connect(const ConnectOptions& options = ConnectOptions());
  std::shared_ptr<Transport> connect_to_nobody();
  // As users have it, for checks of misuse.
  std::shared_ptr<Transport> connect_bare();
  // From now on, this is transport().
  void use(std::shared_ptr<Transport> transport) { transport_ = std::move(transport); }
  void forget_transport() { transport_.reset(); }

  // What a call that plays `script` is made with.
  static StreamOptions options(const PeerScript& script, CallKind kind = CallKind::stream_stream);
  ObservedStream open(StreamOptions options) { return open(*transport(), std::move(options)); }
  ObservedStream open(Transport& transport, StreamOptions options);
  // Opened and started.
  ObservedStream start(StreamOptions options) { return start(*transport(), std::move(options)); }
  ObservedStream start(Transport& transport, StreamOptions options);
  ObservedStream start(const PeerScript& script, CallKind kind = CallKind::stream_stream) {
    return start(options(script, kind));
  }

  Deadline deadline_in(absl::Duration duration) const {
    return Deadline::after(loop().now(), duration);
  }
  // As many as it takes in real time, or so few that every order can be tried.
  std::size_t many(std::size_t in_real_time, std::size_t explored) const {
    return real_time_ ? in_real_time : explored;
  }
  // A message that no window takes while the peer does not read.
  std::string large_message() const { return numbered_message(0, large_bytes()); }
  std::size_t large_bytes() const { return real_time_ ? std::size_t{8} << 20 : 100'000; }

  // The name of a note of this run's.
  std::string note(std::string_view name) const;
  Task<> give(std::string_view name) { return site_.give_note(transport(), note(name)); }
  Task<> await(std::string_view name) { return site_.await_note(transport(), note(name)); }
  Task<> step() { return site_.step(); }

  Ledger::Awaiter all_completed() { return ledger_->all_completed(); }

 private:
  std::shared_ptr<Transport> watched(std::shared_ptr<Transport> transport);

  Site& site_;
  std::string check_name_;
  bool real_time_;
  std::shared_ptr<Ledger> ledger_;
  std::shared_ptr<Transport> transport_;
};

// What came, for comparing: "m:" and the message, "end", or "failed".
std::string told(const Received& received);
// "NOT_FOUND: none"
inline std::string told(const CallStatus& status) {
  return status.to_string();
}

}  // namespace weft::conformance
