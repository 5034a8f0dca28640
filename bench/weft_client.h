#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::bench {

// What a user of Weft writes, on raw bytes so that no codec is measured.
class WeftClient final : public Client {
 public:
  WeftClient(const std::string& target, bool lean);
  ~WeftClient() override;

  void run(const Workload& workload, int ops) override;

 private:
  using BidiCall = StreamStreamCall<Bytes, Bytes>;

  const BidiCall& bidi();

  Task<void> close();
  void unary(const Workload& workload, int calls);
  Bytes message(const Workload& workload) const;

  std::shared_ptr<Transport> transport_;
  GrpcEventLoop loop_;
  Channel channel_;
  std::optional<BidiCall> bidi_;
};

}  // namespace weft::bench
