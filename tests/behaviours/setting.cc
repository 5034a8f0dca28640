#include "setting.h"

#include <unistd.h>

namespace weft::test {
namespace {

constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> await_end("/weft.test.Echo/AwaitEnd");

Task<std::string> ask_for_end(Setting& setting, std::string name, bool now) {
  EchoRequest question = request(std::move(name));
  question.set_answer_now(now);
  auto call = setting.channel().unary_unary(await_end, question);
  const absl::StatusOr<EchoResponse>& response = co_await call;
  co_return response.ok() ? response->payload() : response.status().ToString();
}

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
  return ask_for_end(setting, std::move(name), false);
}

Task<std::string> state_seen_by_server(Setting& setting, std::string name) {
  return ask_for_end(setting, std::move(name), true);
}

Task<> silence_seen_by_server(Setting& setting, std::string name) {
  name += "/silent";
  auto answer = ask_for_end(setting, std::move(name), false);
  (void)co_await std::move(answer);
}

CallOptions headers_at_once() {
  return CallOptions().metadata("send-headers-early", "1").early_initial_metadata();
}

EchoRequest request_beyond_any_window(const Setting& setting) {
  // The simulator's windows stay as they are; gRPC's grow, and its sockets have room as well.
  return request(std::string(setting.simulated() ? 70'000 : 8 << 20, 'x'));
}

}  // namespace weft::test
