// The server of the benchmarks: grpc++'s generic asynchronous service on raw bytes, one completion
// queue, one thread, so that it costs the same whoever calls.
//
//   weft_bench_server [SOCKET]
//
// Prints "port N" when it listens, on loopback and on the unix socket if one is named, and ends
// when its standard input does.
//
//   /weft.bench.Echo/Unary    answers the request
//   /weft.bench.Echo/Bidi     answers every request
//   /weft.bench.Echo/Stream   as many responses as its request says, in text, of 64 bytes each;
//   with
//                             "unbuffered" behind the number it holds none back
//   /weft.bench.Echo/Collect  answers how many requests there were, in text

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t stream_message_bytes = 64;
// Writes between two that are not held back. The first is never held back: a stream that begins
// with a buffer hint sends nothing.
constexpr int flush_interval = 64;

// More than gRPC's 8 KiB, which the largest of scale's calls would exceed.
constexpr int metadata_bytes_max = 64 * 1024;

std::string text_in(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

grpc::ByteBuffer buffer_of(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

// One call, and the tag of the one operation that it has under way. Deletes itself.
class Conversation {
 public:
  Conversation(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), stream_(&context_) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  void proceed(bool ok) {
    switch (state_) {
      case State::requested:
        return ok ? begin() : end();
      case State::reading:
        return ok ? on_request() : on_half_close();
      case State::writing:
        return ok ? on_written() : finish();
      case State::finishing:
        return end();
    }
  }

 private:
  enum class State { requested, reading, writing, finishing };

  void begin() {
    new Conversation(service_, queue_);
    is_unary_ = context_.method().ends_with("/Unary");
    is_stream_ = context_.method().ends_with("/Stream");
    is_collect_ = context_.method().ends_with("/Collect");
    read();
  }

  void on_request() {
    if (is_unary_) {
      state_ = State::finishing;
      return stream_.WriteAndFinish(buffer_, grpc::WriteOptions(), grpc::Status::OK, this);
    }
    ++requests_;
    if (is_collect_) return read();
    if (!is_stream_) return write(grpc::WriteOptions());
    const std::string request = text_in(buffer_);
    responses_ = std::atoi(request.c_str());
    is_buffered_ = !request.ends_with("unbuffered");
    buffer_ = buffer_of(std::string(stream_message_bytes, 's'));
    write_next_of_stream();
  }

  void on_half_close() {
    if (!is_collect_) return finish();
    buffer_ = buffer_of(std::to_string(requests_));
    state_ = State::finishing;
    stream_.WriteAndFinish(buffer_, grpc::WriteOptions(), grpc::Status::OK, this);
  }

  void on_written() {
    if (is_stream_) return write_next_of_stream();
    read();
  }

  void write_next_of_stream() {
    if (written_ == responses_) return finish();
    grpc::WriteOptions options;
    if (is_buffered_ && written_ % flush_interval != 0) options.set_buffer_hint();
    ++written_;
    write(options);
  }

  void read() {
    state_ = State::reading;
    stream_.Read(&buffer_, this);
  }
  void write(grpc::WriteOptions options) {
    state_ = State::writing;
    stream_.Write(buffer_, options, this);
  }
  void finish() {
    state_ = State::finishing;
    stream_.Finish(grpc::Status::OK, this);
  }
  void end() { delete this; }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  State state_ = State::requested;
  grpc::ByteBuffer buffer_;
  bool is_unary_ = false;
  bool is_stream_ = false;
  bool is_collect_ = false;
  bool is_buffered_ = true;
  int requests_ = 0;
  int responses_ = 0;
  int written_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  if (argc > 1) {
    builder.AddListeningPort("unix:" + std::string(argv[1]), grpc::InsecureServerCredentials());
  }
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
  builder.RegisterAsyncGenericService(&service);
  const std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::thread serving([&] {
    new Conversation(service, *queue);
    void* tag = nullptr;
    for (bool ok = false; queue->Next(&tag, &ok);) static_cast<Conversation*>(tag)->proceed(ok);
  });
  std::printf("port %d\n", port);
  std::fflush(stdout);
  for (char byte; std::cin.get(byte);) {
  }
  // Nothing is kept that an orderly end would save.
  std::_Exit(0);
}
