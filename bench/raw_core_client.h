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

  void run(WorkloadKind workload, int ops) override;

 private:
  class Outcome;
  class BidiStream;

  void unary(gpr_timespec deadline);
  void server_stream(int messages);
  BidiStream& bidi();

  grpc_call* create_call(void* method, gpr_timespec deadline);
  // Starts a batch and waits for it.
  template <std::size_t count>
  void run_batch(grpc_call* call, const grpc_op (&ops)[count]);

  grpc_channel* channel_;
  grpc_completion_queue* queue_;
  void* unary_method_;
  void* bidi_method_;
  void* stream_method_;
  std::unique_ptr<BidiStream> bidi_;
};

}  // namespace weft::bench
