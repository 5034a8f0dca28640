#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/conformance/pending.h"
#include "weft/transport/event_loop.h"
#include "weft/transport/stream.h"
#include "weft/transport/transport.h"

namespace weft::conformance {

// How many operations of a run have not completed, and who waits for there to be none (T05).
class Ledger {
 public:
  explicit Ledger(EventLoop& loop) : loop_(loop) {}

  void begin() { ++outstanding_; }
  void end();
  std::size_t outstanding() const { return outstanding_; }
  EventLoop& loop() const { return loop_; }

  class Awaiter {
   public:
    explicit Awaiter(Ledger& ledger) : ledger_(ledger) {}
    bool await_ready() const { return ledger_.outstanding_ == 0; }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      ledger_.waiter_ = handle;
      wait_.begin(ledger_.loop_, handle, "completions", where);
    }
    void await_resume() { wait_.end(); }
    ~Awaiter() { ledger_.waiter_ = nullptr; }

   private:
    Ledger& ledger_;
    weft::detail::ObservedWait wait_;
  };
  Awaiter all_completed() { return Awaiter(*this); }

 private:
  EventLoop& loop_;
  std::size_t outstanding_ = 0;
  std::coroutine_handle<> waiter_;
};

// The memory of an ObservedStream: lives until the stream was dropped and every operation has
// completed.
class StreamRecord final : public CompletionLog, public std::enable_shared_from_this<StreamRecord> {
 public:
  StreamRecord(std::shared_ptr<Ledger> ledger, StreamPtr stream)
      : stream_(std::move(stream)), ledger_(std::move(ledger)) {}

 private:
  friend class ObservedStream;

  void begin_completion(std::string what) override;
  void end_completion() override;
  EventLoop& loop() override { return ledger_->loop(); }
  absl::Status count(absl::Status accepted, std::size_t completions);

  StreamPtr stream_;
  std::shared_ptr<Ledger> ledger_;
  std::vector<std::string> log_;
  std::size_t outstanding_ = 0;
  std::shared_ptr<StreamRecord> self_;  // while something is outstanding
  bool completing_ = false;

  Pending<OperationResult> started_{*this, "start"};
  Pending<InitialMetadata> headers_{*this, "headers"};
  Pending<OperationResult> sent_{*this, "send"};
  Pending<OperationResult> closed_{*this, "close"};
  Pending<Received> received_{*this, "receive"};
  Pending<CallStatus> ended_{*this, "status"};
};

// A stream as a check has it in hand: every verb, its completion to be awaited, and a log of what
// came. Awaiting resumes inside the completion. Dropped with this object.
//
// Fails the test itself when completions of the stream overlap (T60), or come on the stack of a
// cancel (T31).
class ObservedStream {
 public:
  ObservedStream(std::shared_ptr<Ledger> ledger, StreamPtr stream)
      : record_(std::make_shared<StreamRecord>(std::move(ledger), std::move(stream))) {}
  ObservedStream(ObservedStream&&) = default;
  ObservedStream& operator=(ObservedStream&&) = delete;
  ~ObservedStream() { drop(); }

  absl::Status start();
  absl::Status begin_send(std::string message, SendOptions options = SendOptions());
  absl::Status begin_send(Bytes message, SendOptions options = SendOptions());
  absl::Status begin_close();
  absl::Status begin_receive();
  absl::Status ask_status();
  bool cancel(StatusCode code = StatusCode::kCancelled, std::string_view details = "enough");
  void drop();
  // The stream itself: its cancel() may be called on any thread, as long as this was not dropped.
  Stream& bare() { return *record_->stream_; }

  Pending<OperationResult>::Awaiter started() { return record_->started_.next(); }
  Pending<InitialMetadata>::Awaiter headers() { return record_->headers_.next(); }
  Pending<OperationResult>::Awaiter sent() { return record_->sent_.next(); }
  Pending<OperationResult>::Awaiter closed() { return record_->closed_.next(); }
  Pending<Received>::Awaiter received() { return record_->received_.next(); }
  Pending<CallStatus>::Awaiter ended() { return record_->ended_.next(); }

  // Begins, expecting to be allowed to, and awaits. status() asks for it if that was not done.
  Pending<OperationResult>::Awaiter send(std::string message);
  Pending<OperationResult>::Awaiter close();
  Pending<Received>::Awaiter receive();
  Pending<CallStatus>::Awaiter status();

  // "start", "headers", "send failed", "close", "receive message", "receive end", "status": every
  // completion in order.
  const std::vector<std::string>& log() const { return record_->log_; }
  bool has(std::string_view event) const { return count(event) > 0; }
  std::size_t count(std::string_view event) const;
  // The log in one line.
  std::string story() const;

 private:
  std::shared_ptr<StreamRecord> record_;
  bool asked_status_ = false;
};

}  // namespace weft::conformance
