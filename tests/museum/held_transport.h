#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "weft/transport/detail/text.h"
#include "weft/transport/wrapping_transport.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// What an interceptor is at the seam: a transport around a transport. It holds each call back until
// a step of its own, "call1.let_go", as interceptors do that still run when the call is made; what
// is asked of the call until then waits, but for its cancel.
class HeldTransport final : public WrappingTransport {
 public:
  HeldTransport(sim::World& world, std::shared_ptr<Transport> inner)
      : WrappingTransport(std::move(inner)), world_(world) {}

  // Calls that are held back at this moment.
  int holding() const { return holding_; }

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override {
    return StreamPtr(new Held(*this, inner().create_stream(loop, std::move(options))));
  }

 private:
  class Held final : public Stream, public sim::EventSource {
   public:
    Held(HeldTransport& transport, StreamPtr inner)
        : transport_(transport),
          inner_(std::move(inner)),
          text_(detail::text("call", ++transport.streams_, ".let_go")),
          name_(text_) {
      ++transport_.holding_;
      transport_.world_.enable(sim::EventClass::network, *this);
    }

    absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override {
      return pass([&](Stream& stream) { return stream.start(started, metadata); });
    }
    absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override {
      return pass([message = std::move(message), options, &sent](Stream& stream) {
        return stream.send_message(message, options, sent);
      });
    }
    absl::Status send_close(CloseCompletion& closed) override {
      return pass([&](Stream& stream) { return stream.send_close(closed); });
    }
    absl::Status recv_message(ReceiveCompletion& received) override {
      return pass([&](Stream& stream) { return stream.recv_message(received); });
    }
    absl::Status status(StatusCompletion& ended) override {
      return pass([&](Stream& stream) { return stream.status(ended); });
    }
    bool cancel(StatusCode code, std::string_view details) noexcept override {
      const bool cancelled = inner_->cancel(code, details);
      let_go();
      return cancelled;
    }
    void drop() noexcept override {
      if (holds_) cancel(StatusCode::kCancelled, dropped_details);
      delete this;
    }

    sim::Label label() const override { return sim::Label(name_); }
    void fire() override { let_go(); }

   private:
    using Verb = absl::AnyInvocable<absl::Status(Stream&)>;

    // A verb that waits is accepted: the call layer keeps to the rules.
    absl::Status pass(Verb verb) {
      if (!holds_) return verb(*inner_);
      verbs_.push_back(std::move(verb));
      return absl::OkStatus();
    }
    void let_go() {
      if (!std::exchange(holds_, false)) return;
      --transport_.holding_;
      withdraw();
      for (Verb& verb : std::exchange(verbs_, {})) {
        const absl::Status accepted = verb(*inner_);
        WEFT_ASSERT(accepted.ok(), detail::as_std(accepted.message()));
      }
    }

    HeldTransport& transport_;
    StreamPtr inner_;
    std::string text_;
    sim::Label::Name name_;
    bool holds_ = true;
    std::vector<Verb> verbs_;
  };

  sim::World& world_;
  std::uint32_t streams_ = 0;
  int holding_ = 0;
};

}  // namespace weft::test
