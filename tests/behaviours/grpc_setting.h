#pragma once

#include "setting.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {

// Real gRPC, to a real server in another process.
class GrpcSetting final : public Setting {
 public:
  // `peer` is "cpp" or "python". `repetition` shifts what happens at any time.
  GrpcSetting(std::string_view peer, int repetition);
  ~GrpcSetting() override;

  EventLoop& loop() override { return loop_; }
  std::string_view name() const override { return peer_; }
  std::shared_ptr<Transport> transport(const TransportWishes& wishes) override;
  std::shared_ptr<Transport> transport_to(TestServer& server,
                                          const TransportWishes& wishes) override;
  std::shared_ptr<Transport> unreachable(const TransportWishes& wishes) override;
  std::unique_ptr<TestServer> start_server(ServerOptions options) override;
  std::unique_ptr<Floating> anytime(std::string_view label,
                                    absl::AnyInvocable<void() &&> action) override;
  void sometimes(std::string_view, bool) override {}

  // Whether anytime() was called.
  bool has_floating() const { return has_floating_; }

 private:
  std::string_view peer_;
  int repetition_;
  bool has_floating_ = false;
  GrpcEventLoop loop_;
};

}  // namespace weft::test
