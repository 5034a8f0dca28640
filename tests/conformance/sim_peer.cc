#include "sim_peer.h"

#include <string>
#include <utility>

#include "weft/conformance/peer_player.h"
#include "weft/transport_sim/world.h"

namespace weft::conformance {
namespace {

class SimPeer final : public sim::PeerProgram, public PeerWire {
 public:
  SimPeer(sim::Server& server, std::shared_ptr<PeerBoard> board)
      : server_(server),
        board_(std::move(board)),
        player_(*this, *board_, [this, alive = std::weak_ptr<int>(alive_)] {
          if (!alive.expired()) player_.noted();
        }) {}

  // --- what happens ---
  void opened(sim::PeerCall& call) override {
    call_ = &call;
    player_.opened(call.metadata().get(script_header).value_or(""));
  }
  void message(sim::PeerCall& call, Bytes message) override {
    call.want_message(false);
    player_.message(std::move(message));
  }
  void half_closed(sim::PeerCall&) override { player_.half_closed(); }
  void cancelled(sim::PeerCall&) override { player_.cancelled(); }
  void room(sim::PeerCall& call) override {
    if (waits_for_room_ && call.has_room()) {
      waits_for_room_ = false;
      player_.done();
    }
  }
  bool cares_for_cancel() const override { return player_.cares_for_cancel(); }

  // --- what the script says ---
  bool send_headers(Metadata metadata) override {
    call_->send_headers(std::move(metadata));
    return true;
  }
  bool send_message(Bytes message) override {
    call_->send_message(std::move(message));
    waits_for_room_ = !call_->has_room() && !call_->cancelled();
    return !waits_for_room_;
  }
  void send_last(Bytes message, CallStatus status) override {
    call_->send_message(std::move(message));
    call_->finish(std::move(status));
  }
  void read() override { call_->want_message(true); }
  void finish(CallStatus status) override { call_->finish(std::move(status)); }
  void abort() override { call_->reset(Http2Error::cancel); }
  PeerReport request() override {
    PeerReport report;
    report.authority = std::string(call_->authority());
    report.metadata = call_->metadata();
    report.metadata.remove_all(script_header);
    const Deadline deadline = call_->deadline();
    if (!deadline.is_infinite()) {
      report.remaining_ms =
          absl::ToInt64Milliseconds(deadline.remaining(call_->world().loop().now()));
    }
    return report;
  }
  void go_away() override { server_.go_away(); }

 private:
  sim::Server& server_;
  std::shared_ptr<PeerBoard> board_;
  sim::PeerCall* call_ = nullptr;
  bool waits_for_room_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  PeerPlayer player_;
};

}  // namespace

std::unique_ptr<sim::PeerProgram> make_sim_peer(sim::Server& server,
                                                std::shared_ptr<PeerBoard> board) {
  return std::make_unique<SimPeer>(server, std::move(board));
}

}  // namespace weft::conformance
