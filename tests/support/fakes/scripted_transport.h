#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport/stream_state.h"
#include "weft/transport/transport.h"

namespace weft::test {

// A stream whose every completion the test gives by hand. It writes down the verbs that it was
// given; deliveries are posted to the loop, in the order of the test's script. It refuses verbs as
// the rules say and checks none of its own deliveries, so it can be told to break the rules.
class ScriptedStream final : public Stream {
 public:
  ScriptedStream(EventLoop& loop, StreamOptions stream_options)
      : options(std::move(stream_options)), method(options.method), loop_(loop) {}

  // What the caller did.
  StreamOptions options;
  std::string method;
  std::vector<std::string> verbs;  // "start", "send hello", "close", "cancel CANCELLED: why", ...
  bool dropped = false;

  // What every verb answers instead of what the rules say; what cancel() answers.
  std::optional<absl::Status> answer;
  std::optional<bool> cancel_answer;

  // The peer's side, in the loop's next turn.
  void accept_start() { deliver_start(OperationResult::ok); }
  void fail_start() { deliver_start(OperationResult::failed); }
  void send_headers(Metadata metadata = Metadata()) {
    post([this, metadata = std::move(metadata)]() mutable {
      note(StreamEvent::initial_metadata);
      metadata_->complete(InitialMetadata(std::move(metadata)));
    });
  }
  void omit_headers() {
    post([this] {
      note(StreamEvent::initial_metadata);
      metadata_->complete(InitialMetadata());
    });
  }
  void accept_message() { deliver_sent(OperationResult::ok); }
  void fail_message() { deliver_sent(OperationResult::failed); }
  void accept_close() { deliver_closed(OperationResult::ok); }
  void fail_close() { deliver_closed(OperationResult::failed); }
  void deliver(std::string message) {
    post([this, message = std::move(message)] {
      note(StreamEvent::message);
      latest(received_).complete(Received(Bytes::copy_of(message)));
    });
  }
  void deliver_end() {
    post([this] {
      note(StreamEvent::end);
      latest(received_).complete(Received::end_of_stream());
    });
  }
  void fail_receive() {
    post([this] {
      note(StreamEvent::receive_failed);
      latest(received_).complete(Received::failure());
    });
  }
  void finish(CallStatus status = CallStatus()) {
    post([this, status = std::move(status)]() mutable {
      note(StreamEvent::status);
      ended_->complete(std::move(status));
    });
  }

  // The call is open: its start was taken and headers came.
  void open(Metadata metadata = Metadata()) {
    accept_start();
    send_headers(std::move(metadata));
  }
  // Completes whatever is outstanding as a transport does at a bad end, and gives the status.
  void break_off(CallStatus status) {
    post([this, status = std::move(status)]() mutable {
      if (state_.start() == StreamState::Start::starting) complete_start(OperationResult::failed);
      if (state_.headers() == StreamState::Headers::awaited) {
        note(StreamEvent::initial_metadata);
        metadata_->complete(InitialMetadata());
      }
      if (state_.send_outstanding()) complete_sent(OperationResult::failed);
      if (state_.close() == StreamState::Close::outstanding)
        complete_closed(OperationResult::failed);
      if (state_.receive_outstanding()) complete_receive_at_end();
      if (state_.status() != StreamState::Status::asked) return;
      note(StreamEvent::status);
      ended_->complete(std::move(status));
    });
  }

  bool finished() const { return state_.finished(); }
  bool receive_outstanding() const { return state_.receive_outstanding(); }
  int count(std::string_view verb) const {
    int found = 0;
    for (const std::string& entry : verbs) found += entry.starts_with(verb) ? 1 : 0;
    return found;
  }

  absl::Status start(StartCompletion& started, InitialMetadataCompletion& metadata) override {
    return verb(StreamEvent::start, "start", [&](bool) {
      started_ = &started;
      metadata_ = &metadata;
    });
  }
  absl::Status send_message(Bytes message, SendOptions send_options,
                            SendCompletion& sent) override {
    std::string text = detail::text("send ", message.to_string());
    if (send_options.has_with_receive) text += " with receive";
    return verb(StreamEvent::send, std::move(text), [&](bool legal) { put(sent_, sent, legal); });
  }
  absl::Status send_close(CloseCompletion& closed) override {
    return verb(StreamEvent::close, "close", [&](bool) { closed_ = &closed; });
  }
  absl::Status recv_message(ReceiveCompletion& received) override {
    return verb(StreamEvent::receive, "receive",
                [&](bool legal) { put(received_, received, legal); });
  }
  absl::Status status(StatusCompletion& ended) override {
    return verb(StreamEvent::request_status, "status", [&](bool) { ended_ = &ended; });
  }
  bool cancel(StatusCode code, std::string_view details) noexcept override {
    verbs.push_back(detail::text("cancel ", status_code_name(code), ": ", details));
    if (cancel_answer.has_value()) return *cancel_answer;
    return state_.status() != StreamState::Status::delivered;
  }
  void drop() noexcept override { dropped = true; }

  // For broken transports: completes the last send on the stack that asks for it.
  void accept_message_at_once() { complete_sent(OperationResult::ok); }

 private:
  template <class Keep>
  absl::Status verb(StreamEvent event, std::string text, Keep keep) {
    absl::Status admitted = state_.admit(event);
    if (answer.has_value()) {
      keep(admitted.ok());
      if (admitted.ok()) state_.apply(event);
      verbs.push_back(std::move(text));
      return *answer;
    }
    if (!admitted.ok()) return admitted;
    keep(true);
    state_.apply(event);
    verbs.push_back(std::move(text));
    return admitted;
  }

  template <class Function>
  void post(Function function) {
    loop_.post(absl::AnyInvocable<void() &&>(std::move(function)));
  }
  void note(StreamEvent event) {
    if (state_.broken_rule(event) == nullptr) state_.apply(event);
  }

  // A completion that came with an illegal verb is completed before the legal one; the last that
  // there is stays, to be completed twice.
  template <class SomeCompletion>
  static void put(std::vector<SomeCompletion*>& completions, SomeCompletion& completion,
                  bool legal) {
    if (legal) completions.clear();
    completions.push_back(&completion);
  }
  template <class SomeCompletion>
  static SomeCompletion& latest(std::vector<SomeCompletion*>& completions) {
    SomeCompletion& completion = *completions.back();
    if (completions.size() > 1) completions.pop_back();
    return completion;
  }

  void deliver_start(OperationResult result) {
    post([this, result] { complete_start(result); });
  }
  void deliver_sent(OperationResult result) {
    post([this, result] { complete_sent(result); });
  }
  void deliver_closed(OperationResult result) {
    post([this, result] { complete_closed(result); });
  }
  void complete_start(OperationResult result) {
    note(result == OperationResult::ok ? StreamEvent::started : StreamEvent::start_failed);
    started_->complete(result);
  }
  void complete_sent(OperationResult result) {
    note(result == OperationResult::ok ? StreamEvent::sent : StreamEvent::send_failed);
    latest(sent_).complete(result);
  }
  void complete_closed(OperationResult result) {
    note(StreamEvent::closed);
    closed_->complete(result);
  }
  void complete_receive_at_end() {
    if (state_.receive() == StreamState::Receive::ended_outstanding) {
      note(StreamEvent::end);
      latest(received_).complete(Received::end_of_stream());
    } else {
      note(StreamEvent::receive_failed);
      latest(received_).complete(Received::failure());
    }
  }

  EventLoop& loop_;
  StreamState state_;
  StartCompletion* started_ = nullptr;
  InitialMetadataCompletion* metadata_ = nullptr;
  std::vector<SendCompletion*> sent_;
  CloseCompletion* closed_ = nullptr;
  std::vector<ReceiveCompletion*> received_;
  StatusCompletion* ended_ = nullptr;
};

// Makes scripted streams and owns them.
class ScriptedTransport final : public Transport {
 public:
  Capabilities sheet;
  ConnectivityState state = ConnectivityState::idle;
  std::vector<std::unique_ptr<ScriptedStream>> streams;
  int shutdowns = 0;
  int connects = 0;
  // Calls every change of connectivity that is being waited for.
  void change_state(ConnectivityState to) {
    state = to;
    for (ConnectivityCompletion* wait : std::exchange(waits_, {})) wait->complete(to);
  }
  int cancelled_waits = 0;
  std::size_t waits() const { return waits_.size(); }

  // Ends every stream that has not ended, as a transport does that was cancelled.
  void break_off_all() {
    for (const auto& stream : streams) {
      if (!stream->finished()) {
        stream->break_off(CallStatus(StatusCode::kCancelled, "the script is over"));
      }
    }
  }

  const Capabilities& capabilities() const override { return sheet; }
  StreamPtr create_stream(EventLoop& loop, StreamOptions options) override {
    streams.push_back(std::make_unique<ScriptedStream>(loop, std::move(options)));
    return StreamPtr(streams.back().get());
  }
  ConnectivityState connectivity(bool try_to_connect) override {
    if (try_to_connect) ++connects;
    return state;
  }
  void wait_for_change(EventLoop& loop, ConnectivityState, Deadline,
                       ConnectivityCompletion& changed) override {
    waits_.push_back(&changed);
    loop_of_waits_ = &loop;
  }
  void cancel_wait(ConnectivityCompletion& changed) override {
    ++cancelled_waits;
    if (std::erase(waits_, &changed) == 0) return;
    loop_of_waits_->post([this, &changed] { changed.complete(state); });
  }
  void shutdown(ShutdownMode, const CallStatus&) override { ++shutdowns; }
  Bytes allocate(std::size_t size) override { return Bytes::uninitialized(size); }

 private:
  std::vector<ConnectivityCompletion*> waits_;
  EventLoop* loop_of_waits_ = nullptr;
};

}  // namespace weft::test
