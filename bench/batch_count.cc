#include "batch_count.h"

#include <dlfcn.h>
#include <grpc/grpc.h>

#include <atomic>

namespace {

std::atomic<std::uint64_t> count = 0;

}  // namespace

extern "C" grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops,
                                                 void* tag, void* reserved) {
  static const auto next = reinterpret_cast<decltype(&grpc_call_start_batch)>(
      ::dlsym(RTLD_NEXT, "grpc_call_start_batch"));
  count.fetch_add(1, std::memory_order_relaxed);
  return next(call, ops, nops, tag, reserved);
}

namespace weft::bench {

std::uint64_t batch_count() {
  return count.load(std::memory_order_relaxed);
}

}  // namespace weft::bench
