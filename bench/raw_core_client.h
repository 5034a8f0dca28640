#pragma once

#include <grpc/grpc.h>

#include <cstddef>
#include <memory>
#include <string>

#include "client.h"

namespace weft::bench {

// The floor: gRPC core's C API with a completion queue, and as little else as it can do with.
class RawCoreClient final : public Client {
 public:
  explicit RawCoreClient(const std::string& target);
  ~RawCoreClient() override;

  void run(const Workload& workload, int ops) override;

 private:
  class Outcome;
  class UnaryCall;
  class BidiStream;

  void unary(const Workload& workload, int calls);
  void server_stream(const std::string& request, int messages);
  void client_stream(const Workload& workload, int messages);
  void open_streams(int streams);
  BidiStream& bidi();

  grpc_call* create_call(void* method, gpr_timespec deadline);
  // Starts a batch.
  template <std::size_t count>
  void start_batch(grpc_call* call, const grpc_op (&ops)[count], void* tag);
  // The tag of the next batch that is done.
  void* next();
  // Starts a batch and waits for it.
  template <std::size_t count>
  void run_batch(grpc_call* call, const grpc_op (&ops)[count]);

  grpc_channel* channel_;
  grpc_completion_queue* queue_;
  void* unary_method_;
  void* bidi_method_;
  void* stream_method_;
  void* collect_method_;
  std::unique_ptr<BidiStream> bidi_;
};

}  // namespace weft::bench
