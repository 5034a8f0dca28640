#pragma once

#include <cstdint>

namespace weft::bench {

// How many batches gRPC core has been asked to start by this process so far, whoever asked. Counted
// by standing in for grpc_call_start_batch.
std::uint64_t batch_count();

}  // namespace weft::bench
