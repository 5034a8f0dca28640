#include "weft/conformance/bench.h"

#include <gtest/gtest.h>

#include <utility>

#include "weft/transport/checked_transport.h"
#include "weft/transport/detail/text.h"

namespace weft::conformance {

Bench::Bench(Site& site, std::string check_name, bool real_time)
    : site_(site),
      check_name_(std::move(check_name)),
      real_time_(real_time),
      ledger_(std::make_shared<Ledger>(site.loop())) {}

std::shared_ptr<Transport> Bench::watched(std::shared_ptr<Transport> transport) {
  return std::make_shared<CheckedTransport>(
      std::move(transport), [](const RuleViolation& violation) {
        ADD_FAILURE() << "the transport broke rule " << violation.rule << ": " << violation.event
                      << " in state " << violation.state;
      });
}

const std::shared_ptr<Transport>& Bench::transport() {
  if (transport_ == nullptr) transport_ = connect();
  return transport_;
}

std::shared_ptr<Transport> Bench::connect(const ConnectOptions& options) {
  return watched(site_.connect(options));
}

std::shared_ptr<Transport> Bench::connect_to_nobody() {
  return watched(site_.connect_to_nobody());
}

std::shared_ptr<Transport> Bench::connect_bare() {
  return site_.connect(ConnectOptions());
}

StreamOptions Bench::options(const PeerScript& script, CallKind kind) {
  StreamOptions options(peer_method, kind);
  options.metadata.add(std::string(script_header), script.to_string());
  return options;
}

ObservedStream Bench::open(Transport& transport, StreamOptions options) {
  return ObservedStream(ledger_, transport.create_stream(loop(), std::move(options)));
}

ObservedStream Bench::start(Transport& transport, StreamOptions options) {
  ObservedStream stream = open(transport, std::move(options));
  const absl::Status accepted = stream.start();
  EXPECT_TRUE(accepted.ok()) << accepted;
  return stream;
}

std::string Bench::note(std::string_view name) const {
  return detail::text(check_name_, "-", site_.run_name(), "-", name);
}

std::string told(const Received& received) {
  switch (received.kind) {
    case Received::Kind::message:
      return "m:" + received.message.to_string();
    case Received::Kind::end:
      return "end";
    default:
      return "failed";
  }
}

}  // namespace weft::conformance
