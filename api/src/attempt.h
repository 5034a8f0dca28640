#pragma once

#include <cstddef>

#include "weft/transport/recycled.h"
#include "weft/transport/stream.h"

namespace weft::detail {

class InterceptedStream;

// A message that the caller sent.
class Request {
 public:
  Request(Bytes bytes, SendOptions send_options)
      : message(std::move(bytes)), options(send_options) {}
  Bytes message;
  SendOptions options;
};

// One try of an intercepted call: a stream of whatever comes next, fed with the call's requests
// from the first one on. Lives until its stream has completed everything, given up or not.
class Attempt final : public Recycled {
 public:
  Attempt(InterceptedStream& call, StreamPtr stream);

  void start();
  // The call has something new: a request, a half-close, a demand for a message.
  void go_on();
  // Reads on although nobody has asked for a message: the status may be behind one.
  void look_ahead();
  // Nothing more can be sent; the status, when it comes, says why.
  bool send_failed() const { return send_failed_; }
  // It is of no interest any more: cancelled, if it has not ended.
  void give_up();

 private:
  template <class Result, void (Attempt::*arrived)(Result)>
  class Sink final : public Completion<Result> {
   public:
    explicit Sink(Attempt& attempt)
        : Completion<Result>([](Completion<Result>& completion, Result result) noexcept {
            Attempt& its = static_cast<Sink&>(completion).attempt_;
            if (its.call_ != nullptr) (its.*arrived)(std::move(result));
            --its.outstanding_;
            its.delete_if_unused();
          }),
          attempt_(attempt) {}
    // Handed to a verb.
    Completion<Result>& armed() {
      ++attempt_.outstanding_;
      return *this;
    }

   private:
    Attempt& attempt_;
  };

  void on_started(OperationResult result);
  void on_headers(InitialMetadata headers);
  void on_sent(OperationResult result);
  void on_closed(OperationResult result);
  void on_received(Received received);
  void on_ended(CallStatus status);
  void send();
  void delete_if_unused();

  InterceptedStream* call_;  // null once it was given up
  StreamPtr stream_;
  int outstanding_ = 0;
  std::size_t next_request_ = 0;
  bool sending_ = false;
  bool send_failed_ = false;
  bool closed_ = false;
  bool receiving_ = false;
  bool receive_over_ = false;

  Sink<OperationResult, &Attempt::on_started> started_{*this};
  Sink<InitialMetadata, &Attempt::on_headers> headers_{*this};
  Sink<OperationResult, &Attempt::on_sent> sent_{*this};
  Sink<OperationResult, &Attempt::on_closed> close_done_{*this};
  Sink<Received, &Attempt::on_received> received_{*this};
  Sink<CallStatus, &Attempt::on_ended> ended_{*this};
};

}  // namespace weft::detail
