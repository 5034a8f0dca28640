#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "full_load.h"
#include "grpcpp_client.h"
#include "weft/transport/assert.h"

namespace weft::bench {
namespace {

using Buffer = grpc::ByteBuffer;

// grpc++'s asynchronous API with a completion queue.
class GrpcppQueueClient final : public GrpcppClient {
 public:
  explicit GrpcppQueueClient(const std::string& target) : GrpcppClient(target) {}
  ~GrpcppQueueClient() override {
    if (bidi_ != nullptr) {
      bidi_->WritesDone(this);
      wait();
      finish(*bidi_);
    }
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

 private:
  // One call at a time, any number of times.
  class UnaryCall {
   public:
    void start(GrpcppQueueClient& client, const Workload& workload, const Buffer& request) {
      prepare(context_.emplace(), workload);
      reader_ = grpc::internal::ClientAsyncResponseReaderFactory<Buffer>::Create(
          client.channel_.get(), &client.queue_, client.unary_method_, &*context_, request, true);
      reader_->Finish(&response_, &status_, this);
    }
    void finish(const Workload& workload) {
      expect_ok(status_);
      take_message(response_, workload.message_bytes);
      context_.reset();
    }

   private:
    std::optional<grpc::ClientContext> context_;
    grpc::ClientAsyncResponseReader<Buffer>* reader_ = nullptr;  // in the call's memory
    Buffer response_;
    grpc::Status status_;
  };

  void* next() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return ok ? tag : nullptr;
  }
  // For the one operation that is under way.
  bool wait() { return next() != nullptr; }
  void wait_for_success() {
    const bool ok = wait();
    WEFT_ASSERT(ok);
  }
  template <class Stream>
  void finish(Stream& stream) {
    grpc::Status status;
    stream.Finish(&status, this);
    wait_for_success();
    expect_ok(status);
  }

  void unary(const Workload& workload, int calls) override {
    const Buffer request = message_of(workload);
    std::deque<UnaryCall> slots;
    int started = 0;
    for (; started < std::min(calls, workload.in_flight); ++started) {
      slots.emplace_back().start(*this, workload, request);
    }
    at_full_load();
    for (int done = 0; done < calls; ++done) {
      auto* call = static_cast<UnaryCall*>(next());
      call->finish(workload);
      if (started == calls) continue;
      ++started;
      call->start(*this, workload, request);
    }
  }

  void exchange(const Workload& workload, int round_trips) override {
    if (bidi_ == nullptr) {
      using Factory = grpc::internal::ClientAsyncReaderWriterFactory<Buffer, Buffer>;
      bidi_.reset(
          Factory::Create(channel_.get(), &queue_, bidi_method_, &bidi_context_, true, this));
      wait_for_success();
    }
    const Buffer request = message_of(workload);
    Buffer response;
    for (int i = 0; i < round_trips; ++i) {
      bidi_->Write(request, this);
      bidi_->Read(&response, this);
      wait_for_success();
      wait_for_success();
      take_message(response, workload.message_bytes);
    }
  }

  void server_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    const Buffer request = message_of(stream_request(workload.kind, messages));
    const std::unique_ptr<grpc::ClientAsyncReader<Buffer>> reader(
        grpc::internal::ClientAsyncReaderFactory<Buffer>::Create(
            channel_.get(), &queue_, stream_method_, &context, request, true, this));
    wait_for_success();
    Buffer message;
    for (int i = 0; i < messages; ++i) {
      reader->Read(&message, this);
      wait_for_success();
      take_message(message, stream_message_bytes);
    }
    reader->Read(&message, this);
    const bool one_more = wait();
    WEFT_ASSERT(!one_more, "a message too many");
    finish(*reader);
  }

  void client_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    Buffer response;
    const Buffer request = message_of(workload);
    const std::unique_ptr<grpc::ClientAsyncWriter<Buffer>> writer(
        grpc::internal::ClientAsyncWriterFactory<Buffer>::Create(
            channel_.get(), &queue_, collect_method_, &context, &response, true, this));
    wait_for_success();
    for (int i = 0; i < messages; ++i) {
      writer->Write(request, this);
      wait_for_success();
    }
    writer->WritesDone(this);
    wait_for_success();
    finish(*writer);
    take_message(response, std::to_string(messages).size());
  }

  grpc::CompletionQueue queue_;
  grpc::ClientContext bidi_context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<Buffer, Buffer>> bidi_;
};

}  // namespace

std::unique_ptr<Client> make_grpcpp_queue_client(const std::string& target) {
  return std::make_unique<GrpcppQueueClient>(target);
}

}  // namespace weft::bench
