// Compression of messages, as a channel's default and by call.

#include <optional>

#include "behaviour.h"

namespace weft::test {
namespace {

const std::string compressible(2000, 'x');

// A call over a channel with this default, to a server that refuses gzip: how it ended.
Task<absl::Status> call_refusing_server(Setting& setting, std::optional<Compression> by_default,
                                        std::optional<Compression> by_call) {
  const auto server = setting.start_server(ServerOptions().refuse(Compression::gzip));
  TransportWishes wishes;
  if (by_default) wishes.compression(*by_default);
  Channel channel(setting.transport_to(*server, wishes), setting.loop());
  CallOptions options;
  if (by_call) options.compression(*by_call);
  auto call = channel.unary_unary(unary_unary, request(compressible), options);
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(!response.ok() || response->payload() == compressible);
  co_return response.status();
}

BEHAVIOUR(Compression, OfAChannelThatTheServerSupportsIsTransparent, "B470") {
  auto end = call_refusing_server(setting, Compression::deflate, std::nullopt);
  EXPECT_EQ(co_await std::move(end), absl::OkStatus());
}

BEHAVIOUR(Compression, OfAChannelThatTheServerRefusesIsUnimplemented, "B470") {
  auto end = call_refusing_server(setting, Compression::gzip, std::nullopt);
  EXPECT_THAT(co_await std::move(end), HasCode(StatusCode::kUnimplemented));
}

BEHAVIOUR(Compression, OfACallIsChosenByTheCall, "B471 B472") {
  auto supported = call_refusing_server(setting, std::nullopt, Compression::deflate);
  EXPECT_EQ(co_await std::move(supported), absl::OkStatus());
  auto refused = call_refusing_server(setting, std::nullopt, Compression::gzip);
  EXPECT_THAT(co_await std::move(refused), HasCode(StatusCode::kUnimplemented));
}

BEHAVIOUR(Compression, NoneOfACallOverridesTheChannelsDefault, "B473") {
  auto end = call_refusing_server(setting, Compression::gzip, Compression::none);
  EXPECT_EQ(co_await std::move(end), absl::OkStatus());
}

BEHAVIOUR(Compression, OfResponsesIsTransparent, "B474") {
  auto call = setting.channel().unary_stream(unary_stream, request(compressible, 4),
                                             CallOptions().metadata("compress-responses", "1"));
  for (int index = 0; index < 4; ++index) {
    const auto response = co_await call.read();
    EXPECT_TRUE(response && response->payload() == compressible) << index;
  }
  EXPECT_TRUE((co_await call.read()).is_end());
  auto unary = setting.channel().unary_unary(unary_unary, request(compressible),
                                             CallOptions().metadata("compress-responses", "1"));
  EXPECT_EQ((co_await unary)->payload(), compressible);
}

}  // namespace
}  // namespace weft::test
