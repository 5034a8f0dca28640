#pragma once

#include <grpc/grpc.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "grpc_channel.h"

namespace weft {

// What the streams of one loop leave to those that come after them, so that a call neither
// allocates nor looks up what the call before it had. Loop's thread.
class StreamSpares {
 public:
  StreamSpares() = default;
  StreamSpares(const StreamSpares&) = delete;
  StreamSpares& operator=(const StreamSpares&) = delete;
  ~StreamSpares();

  // A call's metadata as core tells it. Arrays that were given back keep the memory that core grew
  // them to, but not their entries, which were the call's.
  class Received {
   public:
    grpc_metadata_array initial = {0, 0, nullptr};
    grpc_metadata_array trailing = {0, 0, nullptr};
  };
  Received take_received() {
    if (received_count_ == 0) return Received();
    return received_[--received_count_];
  }
  void give_back(const Received& received) {
    if (received_count_ == received_.size() ||
        received.initial.capacity + received.trailing.capacity > entries_max) {
      return release(received);
    }
    Received& kept = received_[received_count_++];
    kept = received;
    kept.initial.count = 0;
    kept.trailing.count = 0;
  }

  void* registered_method(GrpcChannel& channel, std::string_view method);

 private:
  class Method {
   public:
    std::uint64_t channel = 0;
    std::string name;
    void* handle = nullptr;
  };

  // More are of a call out of the ordinary, and not worth keeping.
  static constexpr std::size_t entries_max = 64;
  static void release(Received received);

  std::array<Received, 64> received_;
  std::size_t received_count_ = 0;
  std::array<Method, 8> methods_;
};

}  // namespace weft
