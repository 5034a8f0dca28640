#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weft/transport/detail/text.h"
#include "weft/transport/stream_state.h"
#include "weft/transport/wrapping_transport.h"

// A transport in one file: carries calls over another transport, and tells a recorder what went by,
// one line an event. A flight recorder for production, over any transport.

// Called on the loops' threads, with lines such as "1 > 5 bytes".
using Recorder = std::function<void(std::string)>;

// One call on its way. It stands between the stream of the transport below and whoever made the
// call, so each operation has a completion here that passes the result on.
class RecordingStream final : public weft::Stream {
 public:
  RecordingStream(std::string name, std::shared_ptr<const Recorder> recorder, weft::StreamPtr below)
      : name_(std::move(name)), recorder_(std::move(recorder)), below_(std::move(below)) {}

  // [verbs]
  // Each verb asks the rules first: what they refuse is refused with their error, and the stream
  // below, which would refuse it as well, never sees it (T25).
  absl::Status start(weft::StartCompletion& started,
                     weft::InitialMetadataCompletion& initial_metadata) override {
    if (absl::Status legal = state_.take(weft::StreamEvent::start); !legal.ok()) return legal;
    return below_->start(started_.to(started), headers_.to(initial_metadata));
  }
  absl::Status send_message(weft::Bytes message, weft::SendOptions options,
                            weft::SendCompletion& sent) override {
    if (absl::Status legal = state_.take(weft::StreamEvent::send); !legal.ok()) return legal;
    record(weft::detail::text("> ", std::to_string(message.size()), " bytes"));
    return below_->send_message(std::move(message), options, sent_.to(sent));
  }
  absl::Status send_close(weft::CloseCompletion& closed) override {
    if (absl::Status legal = state_.take(weft::StreamEvent::close); !legal.ok()) return legal;
    record("> half-close");
    return below_->send_close(closed_.to(closed));
  }
  absl::Status recv_message(weft::ReceiveCompletion& received) override {
    if (absl::Status legal = state_.take(weft::StreamEvent::receive); !legal.ok()) return legal;
    return below_->recv_message(received_.to(received));
  }
  absl::Status status(weft::StatusCompletion& ended) override {
    if (absl::Status legal = state_.take(weft::StreamEvent::request_status); !legal.ok())
      return legal;
    return below_->status(ended_.to(ended));
  }
  // [/verbs]

  // Any thread may cancel, so nothing is recorded here; the status tells.
  bool cancel(weft::StatusCode code, std::string_view details) noexcept override {
    return below_->cancel(code, details);
  }

  // Completions still come (T06), and this object is what they come to.
  void drop() noexcept override {
    below_.reset();
    dropped_ = true;
    delete_if_finished();
  }

 private:
  // [relay]
  // The completion of one operation, which passes the result on to the one that was given.
  template <class Result>
  class Relay final : public weft::Completion<Result> {
   public:
    using Classify = weft::StreamEvent (*)(const Result&);
    Relay(RecordingStream& stream, Classify classify)
        : weft::Completion<Result>(&arrived), stream_(stream), classify_(classify) {}

    Relay& to(weft::Completion<Result>& target) {
      target_ = &target;
      return *this;
    }

   private:
    static void arrived(weft::Completion<Result>& completion, Result&& result) noexcept {
      auto& self = static_cast<Relay&>(completion);
      const weft::StreamEvent event = self.classify_(result);
      self.stream_.pass(event, *self.target_, std::move(result));
    }

    RecordingStream& stream_;
    Classify classify_;
    weft::Completion<Result>* target_ = nullptr;
  };
  // [/relay]

  template <class Result>
  void pass(weft::StreamEvent event, weft::Completion<Result>& target, Result result) noexcept {
    state_.apply(event);
    record_result(result);
    passing_ = true;
    target.complete(std::move(result));  // may drop this stream, and start anything (T63)
    passing_ = false;
    delete_if_finished();
  }

  void record_result(weft::OperationResult) {}
  void record_result(const weft::InitialMetadata& headers) {
    if (headers.present) record(weft::detail::text("< headers ", headers.metadata.to_string()));
  }
  void record_result(const weft::Received& received) {
    if (received.kind == weft::Received::Kind::message) {
      record(weft::detail::text("< ", std::to_string(received.message.size()), " bytes"));
    }
  }
  void record_result(const weft::CallStatus& status) {
    record(weft::detail::text("= ", status.to_string()));
  }
  void record(std::string_view what) const { (*recorder_)(weft::detail::text(name_, " ", what)); }

  void delete_if_finished() noexcept {
    if (dropped_ && !passing_ && state_.finished()) delete this;
  }

  const std::string name_;
  const std::shared_ptr<const Recorder> recorder_;
  weft::StreamPtr below_;
  weft::StreamState state_;
  bool dropped_ = false;
  bool passing_ = false;

  static weft::StreamEvent of(weft::OperationResult result, weft::StreamEvent good,
                              weft::StreamEvent bad) {
    return result == weft::OperationResult::ok ? good : bad;
  }
  Relay<weft::OperationResult> started_{*this, [](const weft::OperationResult& result) {
                                          return of(result, weft::StreamEvent::started,
                                                    weft::StreamEvent::start_failed);
                                        }};
  Relay<weft::OperationResult> sent_{*this, [](const weft::OperationResult& result) {
                                       return of(result, weft::StreamEvent::sent,
                                                 weft::StreamEvent::send_failed);
                                     }};
  Relay<weft::OperationResult> closed_{
      *this, [](const weft::OperationResult&) { return weft::StreamEvent::closed; }};
  Relay<weft::InitialMetadata> headers_{
      *this, [](const weft::InitialMetadata&) { return weft::StreamEvent::initial_metadata; }};
  Relay<weft::Received> received_{*this, [](const weft::Received& received) {
                                    if (received.kind == weft::Received::Kind::message)
                                      return weft::StreamEvent::message;
                                    return received.kind == weft::Received::Kind::end
                                               ? weft::StreamEvent::end
                                               : weft::StreamEvent::receive_failed;
                                  }};
  Relay<weft::CallStatus> ended_{*this,
                                 [](const weft::CallStatus&) { return weft::StreamEvent::status; }};
};

// [transport]
// What the transport below can do, and whatever else is asked of it, WrappingTransport passes on.
class RecordingTransport final : public weft::WrappingTransport {
 public:
  RecordingTransport(std::shared_ptr<weft::Transport> below, Recorder recorder)
      : WrappingTransport(std::move(below)),
        recorder_(std::make_shared<const Recorder>(std::move(recorder))) {}

  weft::StreamPtr create_stream(weft::EventLoop& loop, weft::StreamOptions options) override {
    std::string name = std::to_string(++streams_made_);
    (*recorder_)(weft::detail::text(name, " ", options.method));
    return weft::StreamPtr(new RecordingStream(std::move(name), recorder_,
                                               inner().create_stream(loop, std::move(options))));
  }

 private:
  const std::shared_ptr<const Recorder> recorder_;
  std::atomic<std::size_t> streams_made_ = 0;  // several loops may make streams
};
// [/transport]
