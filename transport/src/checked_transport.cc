#include "weft/transport/checked_transport.h"

#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "weft/transport/detail/text.h"
#include "weft/transport/recycled.h"
#include "weft/transport/stream_state.h"

namespace weft {
namespace {

using ViolationHandler = CheckedTransport::ViolationHandler;

void print_and_abort(const RuleViolation& violation) {
  std::fputs(detail::text("weft: the transport broke rule ", violation.rule, ": ", violation.event,
                          " in state ", violation.state, "\n")
                 .c_str(),
             stderr);
  std::abort();
}

// Stands between a stream and its owner, with a completion of its own for each operation.
class CheckedStream final : public Stream, public Recycled {
 public:
  CheckedStream(EventLoop& loop, std::shared_ptr<ViolationHandler> handler, StreamPtr inner)
      : loop_(loop), handler_(std::move(handler)), inner_(std::move(inner)) {}

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override {
    return verb(StreamEvent::start, [&] {
      started_.target = &started;
      metadata_.target = &metadata;
      return inner_->start(started_, metadata_);
    });
  }
  absl::Status send_message(Bytes message, SendOptions options, SendCompletion& sent) override {
    return verb(StreamEvent::send, [&] {
      sent_.target = &sent;
      return inner_->send_message(std::move(message), options, sent_);
    });
  }
  absl::Status send_close(CloseCompletion& closed) override {
    return verb(StreamEvent::close, [&] {
      closed_.target = &closed;
      return inner_->send_close(closed_);
    });
  }
  absl::Status recv_message(ReceiveCompletion& received) override {
    return verb(StreamEvent::receive, [&] {
      received_.target = &received;
      return inner_->recv_message(received_);
    });
  }
  absl::Status status(StatusCompletion& ended) override {
    return verb(StreamEvent::request_status, [&] {
      status_.target = &ended;
      return inner_->status(status_);
    });
  }

  bool cancel(StatusCode code, std::string_view details) noexcept override {
    const bool taken = inner_->cancel(code, details);
    if (taken && loop_.is_current() && state_.status() == StreamState::Status::delivered) {
      report("T36", "cancel after the end said that it took effect");
    }
    return taken;
  }

  void drop() noexcept override {
    inner_.reset();
    dropped_ = true;
    delete_if_unused();
  }

 private:
  template <class Result, StreamEvent (*classify)(const Result&)>
  class Forward final : public Completion<Result> {
   public:
    explicit Forward(CheckedStream& owner) : Completion<Result>(&arrived), stream(owner) {}

    CheckedStream& stream;
    Completion<Result>* target = nullptr;

   private:
    static void arrived(Completion<Result>& completion, Result result) noexcept {
      auto& self = static_cast<Forward&>(completion);
      const StreamEvent event = classify(result);
      self.stream.deliver(event, std::exchange(self.target, nullptr), std::move(result));
    }
  };

  static StreamEvent start_event(const OperationResult& result) {
    return result == OperationResult::ok ? StreamEvent::started : StreamEvent::start_failed;
  }
  static StreamEvent metadata_event(const InitialMetadata&) {
    return StreamEvent::initial_metadata;
  }
  static StreamEvent send_event(const OperationResult& result) {
    return result == OperationResult::ok ? StreamEvent::sent : StreamEvent::send_failed;
  }
  static StreamEvent close_event(const OperationResult&) { return StreamEvent::closed; }
  static StreamEvent receive_event(const Received& received) {
    switch (received.kind) {
      case Received::Kind::message:
        return StreamEvent::message;
      case Received::Kind::end:
        return StreamEvent::end;
      default:
        return StreamEvent::receive_failed;
    }
  }
  static StreamEvent status_event(const CallStatus&) { return StreamEvent::status; }
  template <class Result>
  static StreamEvent never_event(const Result&) {
    return StreamEvent::start;
  }

  // Passes a verb on, unless the rules refuse it: then the inner stream must refuse it as well, and
  // is asked with a completion that must never come.
  template <class Call>
  absl::Status verb(StreamEvent event, Call call) {
    const StreamState before = state_;
    if (absl::Status expected = state_.take(event); !expected.ok()) {
      return expected_refusal(event, std::move(expected));
    }
    in_verb_ = true;
    absl::Status actual = call();
    in_verb_ = false;
    if (!actual.ok()) {
      state_ = before;  // a refused verb changes nothing
      report("T25", detail::text("a legal ", to_string(event), " was refused: ", actual.message()));
    }
    return actual;
  }

  absl::Status expected_refusal(StreamEvent event, absl::Status expected) {
    const absl::Status actual = refused_verb(event);
    if (actual.ok()) {
      report("T25", detail::text("an illegal ", to_string(event), " was accepted, against ",
                                 expected.message()));
      return expected;
    }
    return actual;
  }

  absl::Status refused_verb(StreamEvent event) {
    switch (event) {
      case StreamEvent::start:
        return inner_->start(never_, never_metadata_);
      case StreamEvent::send:
        return inner_->send_message(Bytes(), SendOptions(), never_);
      case StreamEvent::close:
        return inner_->send_close(never_);
      case StreamEvent::receive:
        return inner_->recv_message(never_received_);
      default:
        return inner_->status(never_status_);
    }
  }

  template <class Result>
  void deliver(StreamEvent event, Completion<Result>* target,
               std::type_identity_t<Result>&& result) noexcept {
    if (in_verb_) report("T61", detail::text(to_string(event), " came on the starting stack"));
    if (delivering_)
      report("T60", detail::text(to_string(event), " came inside another completion"));
    if (const char* rule = state_.try_apply(event)) {
      report(rule, detail::text(to_string(event), " was delivered"));
    }
    // What was forwarded is over, legal or not: the owner asks for nothing twice.
    if (event == StreamEvent::status) status_forwarded_ = true;
    const bool outer = std::exchange(delivering_, true);
    if (target != nullptr) target->complete(std::move(result));
    delivering_ = outer;
    if (!outer) delete_if_unused();
  }

  void report(std::string_view rule, std::string what) {
    const RuleViolation violation(std::string(rule), std::move(what), state_.to_string());
    if (*handler_) {
      (*handler_)(violation);
    } else {
      print_and_abort(violation);
    }
  }

  void delete_if_unused() noexcept {
    if (!dropped_ || delivering_) return;
    if (state_.finished() || (status_forwarded_ && state_.quiescent())) delete this;
  }

  EventLoop& loop_;
  std::shared_ptr<ViolationHandler> handler_;
  StreamPtr inner_;
  StreamState state_;
  bool in_verb_ = false;
  bool delivering_ = false;
  bool dropped_ = false;
  bool status_forwarded_ = false;

  Forward<OperationResult, &start_event> started_{*this};
  Forward<InitialMetadata, &metadata_event> metadata_{*this};
  Forward<OperationResult, &send_event> sent_{*this};
  Forward<OperationResult, &close_event> closed_{*this};
  Forward<Received, &receive_event> received_{*this};
  Forward<CallStatus, &status_event> status_{*this};

  // Handed to the inner stream with verbs that it has to refuse. A delivery to one of them is a
  // completion of an operation that was never accepted.
  Forward<OperationResult, &never_event<OperationResult>> never_{*this};
  Forward<InitialMetadata, &never_event<InitialMetadata>> never_metadata_{*this};
  Forward<Received, &never_event<Received>> never_received_{*this};
  Forward<CallStatus, &never_event<CallStatus>> never_status_{*this};
};

}  // namespace

CheckedTransport::CheckedTransport(std::shared_ptr<Transport> inner, ViolationHandler handler)
    : WrappingTransport(std::move(inner)),
      handler_(make_recycled<ViolationHandler>(std::move(handler))) {}

CheckedTransport::~CheckedTransport() = default;

StreamPtr CheckedTransport::create_stream(EventLoop& loop, StreamOptions options) {
  return StreamPtr(
      new CheckedStream(loop, handler_, inner().create_stream(loop, std::move(options))));
}

}  // namespace weft
