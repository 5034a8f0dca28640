#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>
#include <optional>

#include "grpcpp_client.h"
#include "weft/transport/assert.h"

namespace weft::bench {
namespace {

using Buffer = grpc::ByteBuffer;

// grpc++'s synchronous API: a call blocks its thread, so there is one at a time.
class GrpcppSyncClient final : public GrpcppClient {
 public:
  explicit GrpcppSyncClient(const std::string& target) : GrpcppClient(target) {}
  ~GrpcppSyncClient() override {
    if (bidi_ == nullptr) return;
    bidi_->WritesDone();
    expect_ok(bidi_->Finish());
  }

  bool supports(const Workload& workload) const override {
    return workload.in_flight == 1 && GrpcppClient::supports(workload);
  }

 private:
  void unary(const Workload& workload, int calls) override {
    const Buffer request = message_of(workload);
    for (int i = 0; i < calls; ++i) {
      grpc::ClientContext context;
      prepare(context, workload);
      Buffer response;
      expect_ok(grpc::internal::BlockingUnaryCall<Buffer, Buffer>(channel_.get(), unary_method_,
                                                                  &context, request, &response));
      take_message(response, workload.message_bytes);
    }
  }

  void exchange(const Workload& workload, int round_trips) override {
    using Factory = grpc::internal::ClientReaderWriterFactory<Buffer, Buffer>;
    if (bidi_ == nullptr) bidi_.reset(Factory::Create(channel_.get(), bidi_method_, &context_));
    const Buffer request = message_of(workload);
    Buffer response;
    for (int i = 0; i < round_trips; ++i) {
      const bool written = bidi_->Write(request);
      WEFT_ASSERT(written);
      const bool read = bidi_->Read(&response);
      WEFT_ASSERT(read);
      take_message(response, workload.message_bytes);
    }
  }

  void server_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    const Buffer request = message_of(stream_request(workload.kind, messages));
    const std::unique_ptr<grpc::ClientReader<Buffer>> reader(
        grpc::internal::ClientReaderFactory<Buffer>::Create(channel_.get(), stream_method_,
                                                            &context, request));
    int received = 0;
    for (Buffer message; reader->Read(&message); ++received) {
      take_message(message, stream_message_bytes);
    }
    expect_ok(reader->Finish());
    WEFT_ASSERT(received == messages, received);
  }

  void client_stream(const Workload& workload, int messages) override {
    grpc::ClientContext context;
    prepare(context, workload);
    Buffer response;
    const Buffer request = message_of(workload);
    const std::unique_ptr<grpc::ClientWriter<Buffer>> writer(
        grpc::internal::ClientWriterFactory<Buffer>::Create(channel_.get(), collect_method_,
                                                            &context, &response));
    for (int i = 0; i < messages; ++i) {
      const bool written = writer->Write(request);
      WEFT_ASSERT(written);
    }
    writer->WritesDone();
    expect_ok(writer->Finish());
    take_message(response, std::to_string(messages).size());
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Buffer, Buffer>> bidi_;
};

}  // namespace

std::unique_ptr<Client> make_grpcpp_sync_client(const std::string& target) {
  return std::make_unique<GrpcppSyncClient>(target);
}

}  // namespace weft::bench
