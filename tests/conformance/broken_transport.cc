#include "broken_transport.h"

#include <utility>
#include <vector>

#include "weft/conformance/peer_script.h"
#include "weft/transport/wrapping_transport.h"

namespace weft::conformance {
namespace {

// Empties the first message that passes, and passes everything on.
class Emptier final : public Completion<Received> {
 public:
  Emptier() : Completion<Received>(&pass) {}
  ReceiveCompletion* target = nullptr;

 private:
  static void pass(Completion<Received>& completion, Received&& received) noexcept {
    auto& self = static_cast<Emptier&>(completion);
    if (received.kind == Received::Kind::message && !std::exchange(self.emptied_, true)) {
      received.message = Bytes();
    }
    std::exchange(self.target, nullptr)->complete(std::move(received));
  }
  bool emptied_ = false;
};

// Somebody has to be told that a send is over whose completion has been called already.
class Ignored final : public Completion<OperationResult> {
 public:
  Ignored() : Completion<OperationResult>([](Completion&, OperationResult) noexcept {}) {}
};

class BrokenStream final : public Stream {
 public:
  BrokenStream(EventLoop& loop, StreamPtr good, Breach breach)
      : loop_(loop), good_(std::move(good)), breach_(breach) {}

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& headers) override {
    return good_->start(started, headers);
  }
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override {
    if (breach_ != Breach::send_is_inline) {
      return good_->send_message(std::move(message), options, sent);
    }
    const absl::Status accepted = good_->send_message(std::move(message), options, ignored_);
    if (accepted.ok()) sent.complete(OperationResult::ok);
    return accepted;
  }
  absl::Status send_close(CloseCompletion& closed) override {
    if (breach_ != Breach::close_is_lost) return good_->send_close(closed);
    loop_.post([&closed] { closed.complete(OperationResult::ok); });
    return absl::OkStatus();
  }
  absl::Status recv_message(ReceiveCompletion& received) override {
    if (breach_ != Breach::message_is_empty) return good_->recv_message(received);
    emptier_.target = &received;
    return good_->recv_message(emptier_);
  }
  absl::Status status(StatusCompletion& ended) override { return good_->status(ended); }
  bool cancel(StatusCode code, std::string_view details) noexcept override {
    const bool taken =
        good_->cancel(code, breach_ == Breach::reason_is_lost ? "for some reason" : details);
    return taken || breach_ == Breach::cancel_lies;
  }
  // Stays: what wraps completions must outlive them, and a test is short.
  void drop() noexcept override { good_.reset(); }

 private:
  EventLoop& loop_;
  StreamPtr good_;
  Breach breach_;
  Emptier emptier_;
  Ignored ignored_;
};

class BrokenTransport final : public WrappingTransport {
 public:
  BrokenTransport(std::shared_ptr<Transport> good, Breach breach)
      : WrappingTransport(std::move(good)), breach_(breach) {}

  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override {
    if (breach_ == Breach::deadline_is_lost) options.deadline = Deadline::infinite();
    if (breach_ == Breach::metadata_is_lost) {
      const std::string script(options.metadata.get(script_header).value_or(""));
      options.metadata = Metadata{{std::string(script_header), script}};
    }
    streams_->push_back(std::make_unique<BrokenStream>(
        loop, inner().create_stream(loop, std::move(options)), breach_));
    return StreamPtr(streams_->back().get());
  }

 private:
  using Streams = std::vector<std::unique_ptr<BrokenStream>>;
  // Reachable to the end of the process.
  static Streams& kept() {
    static auto* const streams = new Streams();
    return *streams;
  }

  Breach breach_;
  Streams* streams_ = &kept();
};

}  // namespace

std::shared_ptr<Transport> break_transport(std::shared_ptr<Transport> good, Breach breach) {
  return std::make_shared<BrokenTransport>(std::move(good), breach);
}

}  // namespace weft::conformance
