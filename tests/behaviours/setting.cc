#include "setting.h"

#include <unistd.h>

namespace weft::test {
namespace {

constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> await_end("/weft.test.Echo/AwaitEnd");

}  // namespace

Channel& Setting::channel() {
  if (!channel_) channel_.emplace(transport(), loop());
  return *channel_;
}

std::string Setting::new_name() {
  if (simulated()) return "watched" + std::to_string(++names_);
  static int names = 0;
  return std::to_string(getpid()) + "." + std::to_string(++names);
}

Task<std::string> end_seen_by_server(Setting& setting, std::string name) {
  auto call = setting.channel().unary_unary(await_end, request(std::move(name)));
  const absl::StatusOr<EchoResponse>& response = co_await call;
  co_return response.ok() ? response->payload() : response.status().ToString();
}

}  // namespace weft::test
