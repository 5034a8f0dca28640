#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "full_load.h"
#include "grpcpp_client.h"
#include "weft/transport/assert.h"

namespace weft::bench {
namespace {

using Buffer = grpc::ByteBuffer;

// Set by gRPC's thread, awaited by the client's.
class Signal {
 public:
  void set() {
    set_.store(true, std::memory_order_release);
    set_.notify_one();
  }
  void wait() { set_.wait(false, std::memory_order_acquire); }

 private:
  std::atomic<bool> set_ = false;
};

// Ends its program unless the stream ended well.
template <class Base>
class Reactor : public Base {
 public:
  void OnDone(const grpc::Status& status) override {
    WEFT_ASSERT(status.ok(), status.error_message());
    done_.set();
  }
  void wait_until_done() { done_.wait(); }

 private:
  Signal done_;
};

// grpc++'s callback API: what comes next is started by the callback, on gRPC's thread, as its users
// do. The client's thread only waits for the end of the round.
class GrpcppCallbackClient final : public GrpcppClient {
 public:
  explicit GrpcppCallbackClient(const std::string& target) : GrpcppClient(target) {}
  ~GrpcppCallbackClient() override {
    if (bidi_ != nullptr) bidi_->close();
  }

 private:
  class UnaryRound;
  // One call at a time, any number of times.
  class UnaryCall {
   public:
    explicit UnaryCall(UnaryRound& round) : round_(round) {}
    void start();

   private:
    UnaryRound& round_;
    std::optional<grpc::ClientContext> context_;
    Buffer response_;
  };

  class UnaryRound {
   public:
    UnaryRound(GrpcppCallbackClient& of, const Workload& what, int calls)
        : client(of), workload(what), request(message_of(what)), to_start(calls), to_end(calls) {}

    GrpcppCallbackClient& client;
    const Workload& workload;
    Buffer request;
    std::atomic<int> to_start;
    std::atomic<int> to_end;
    Signal done;
  };

  class Conversation final : public Reactor<grpc::ClientBidiReactor<Buffer, Buffer>> {
   public:
    explicit Conversation(GrpcppCallbackClient& client) {
      grpc::internal::ClientCallbackReaderWriterFactory<Buffer, Buffer>::Create(
          client.channel_.get(), client.bidi_method_, &context_, this);
      AddHold();
      StartCall();
    }
    void exchange(const Workload& workload, int round_trips) {
      request_ = message_of(workload);
      bytes_ = workload.message_bytes;
      left_ = round_trips;
      round_done_.emplace();
      next();
      round_done_->wait();
    }
    void close() {
      StartWritesDone();
      RemoveHold();
      wait_until_done();
    }

    void OnReadDone(bool ok) override {
      WEFT_ASSERT(ok);
      take_message(response_, bytes_);
      on_half();
    }
    void OnWriteDone(bool ok) override {
      WEFT_ASSERT(ok);
      on_half();
    }

   private:
    void next() {
      halves_left_.store(2, std::memory_order_relaxed);
      StartRead(&response_);
      StartWrite(&request_);
    }
    void on_half() {
      if (halves_left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      if (--left_ == 0) return round_done_->set();
      next();
    }

    grpc::ClientContext context_;
    Buffer request_;
    Buffer response_;
    std::size_t bytes_ = 0;
    int left_ = 0;
    std::atomic<int> halves_left_ = 0;
    std::optional<Signal> round_done_;
  };

  class Reader final : public Reactor<grpc::ClientReadReactor<Buffer>> {
   public:
    void begin() {
      StartRead(&message_);
      StartCall();
    }
    void OnReadDone(bool ok) override {
      if (!ok) return;
      take_message(message_, stream_message_bytes);
      ++received_;
      StartRead(&message_);
    }
    int received() const { return received_; }

   private:
    Buffer message_;
    int received_ = 0;
  };

  class Writer final : public Reactor<grpc::ClientWriteReactor<Buffer>> {
   public:
    Writer(Buffer message, int messages) : message_(message), left_(messages) {}
    void begin() {
      StartWrite(&message_);
      StartCall();
    }
    void OnWriteDone(bool ok) override {
      WEFT_ASSERT(ok);
      if (--left_ == 0) return StartWritesDone();
      StartWrite(&message_);
    }

   private:
    Buffer message_;
    int left_;
  };

  void unary(const Workload& workload, int calls) override {
    UnaryRound round(*this, workload, calls);
    std::deque<UnaryCall> slots;
    const int together = std::min(calls, workload.in_flight);
    round.to_start = calls - together;
    for (int i = 0; i < together; ++i) slots.emplace_back(round).start();
    at_full_load();
    round.done.wait();
  }

  void exchange(const Workload& workload, int round_trips) override {
    if (bidi_ == nullptr) bidi_ = std::make_unique<Conversation>(*this);
    bidi_->exchange(workload, round_trips);
  }

  void server_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    const Buffer request = message_of(stream_request(workload.kind, messages));
    Reader reader;
    grpc::internal::ClientCallbackReaderFactory<Buffer>::Create(channel_.get(), stream_method_,
                                                                &context, &request, &reader);
    reader.begin();
    reader.wait_until_done();
    WEFT_ASSERT(reader.received() == messages, reader.received());
  }

  void client_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    Buffer response;
    Writer writer(message_of(workload), messages);
    grpc::internal::ClientCallbackWriterFactory<Buffer>::Create(channel_.get(), collect_method_,
                                                                &context, &response, &writer);
    writer.begin();
    writer.wait_until_done();
    take_message(response, std::to_string(messages).size());
  }

  std::unique_ptr<Conversation> bidi_;
};

void GrpcppCallbackClient::UnaryCall::start() {
  prepare(context_.emplace(), round_.workload);
  grpc::internal::CallbackUnaryCall<Buffer, Buffer>(
      round_.client.channel_.get(), round_.client.unary_method_, &*context_, &round_.request,
      &response_, [this](const grpc::Status& status) {
        expect_ok(status);
        take_message(response_, round_.workload.message_bytes);
        if (round_.to_start.fetch_sub(1) > 0) start();
        // The round, and this call with it, may be gone after that.
        if (round_.to_end.fetch_sub(1) == 1) round_.done.set();
      });
}

}  // namespace

std::unique_ptr<Client> make_grpcpp_callback_client(const std::string& target) {
  return std::make_unique<GrpcppCallbackClient>(target);
}

}  // namespace weft::bench
