#include "weft/transport_sim/script.h"

#include "weft/transport/recycled.h"
#include "weft/transport_sim/peer_call.h"
#include "weft/transport_sim/world.h"

namespace weft::sim {
namespace {

constexpr Label::Name call_actor("call");
constexpr Label::Name gap_passes("gap");

}  // namespace

Script& Script::headers(Metadata metadata) {
  add(Step::Kind::headers);
  steps_.back().metadata = std::move(metadata);
  return *this;
}

Script& Script::message(std::string_view bytes) {
  add(Step::Kind::message);
  steps_.back().bytes = std::string(bytes);
  return *this;
}

Script& Script::finish(CallStatus status) {
  add(Step::Kind::finish);
  steps_.back().status = std::move(status);
  return *this;
}

Script& Script::finish(StatusCode code, std::string_view details) {
  return finish(CallStatus(code, std::string(details)));
}

Script& Script::reset(Http2Error error) {
  add(Step::Kind::reset);
  steps_.back().error = error;
  return *this;
}

class ScriptPlayer final : public PeerProgram, public Recycled {
 public:
  explicit ScriptPlayer(const Script& script) : script_(script) {}

  void opened(PeerCall& call) override { play(call); }

  void message(PeerCall& call, Bytes) override {
    call.want_message(false);
    if (at(Script::Step::Kind::read)) ++next_;
    play(call);
  }

  void half_closed(PeerCall& call) override {
    half_closed_ = true;
    play(call);
  }

  void cancelled(PeerCall& call) override { play(call); }

  bool cares_for_cancel() const override { return at(Script::Step::Kind::wait_for_cancel); }
  bool runs_user_code() const override { return false; }

 private:
  // A step that the explorer takes when it likes.
  class Gap final : public EventSource {
   public:
    explicit Gap(ScriptPlayer& player) : player_(player) {}
    void begin(PeerCall& call) {
      call_ = &call;
      ++number_;
      call.world().enable(EventClass::network, *this);
    }
    Label label() const override { return Label(call_actor, call_->number(), gap_passes, number_); }
    bool declares_footprint() const override { return true; }
    void fire() override {
      call_->world().touch(detail::ObjectKind::call_out, call_->number(), detail::Access::write);
      ++player_.next_;
      player_.play(*call_);
    }

   private:
    ScriptPlayer& player_;
    PeerCall* call_ = nullptr;
    std::uint32_t number_ = 0;
  };

  bool at(Script::Step::Kind kind) const {
    return next_ < script_.steps_.size() && script_.steps_[next_].kind == kind;
  }

  // Whether the step is done, and the next one may follow.
  bool do_step(PeerCall& call, const Script::Step& step) {
    switch (step.kind) {
      case Script::Step::Kind::read:
      case Script::Step::Kind::read_all:
        // After the half-close there is nothing to wait for.
        if (!half_closed_) call.want_message(true);
        return half_closed_;
      case Script::Step::Kind::wait_for_cancel:
        return call.cancelled();
      case Script::Step::Kind::gap:
        if (!gap_.is_enabled()) gap_.begin(call);
        return false;
      case Script::Step::Kind::headers:
        call.send_headers(step.metadata);
        return true;
      case Script::Step::Kind::message:
        call.send_message(Bytes::copy_of(step.bytes));
        return true;
      case Script::Step::Kind::finish:
        call.finish(step.status);
        return true;
      case Script::Step::Kind::reset:
        call.reset(step.error);
        return true;
    }
    return true;
  }

  void play(PeerCall& call) {
    while (next_ < script_.steps_.size() && do_step(call, script_.steps_[next_])) ++next_;
  }

  const Script& script_;
  std::size_t next_ = 0;
  bool half_closed_ = false;
  Gap gap_{*this};
};

std::unique_ptr<PeerProgram> Script::play() const {
  return std::make_unique<ScriptPlayer>(*this);
}

}  // namespace weft::sim
