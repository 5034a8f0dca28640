// Uses enough of the call layer to have all of it linked, and runs none of it.

#include <memory>

#include "weft/api/block_on.h"
#include "weft/api/channel.h"

namespace {

constexpr weft::StreamStreamMethod<weft::Bytes, weft::Bytes> method("/a.B/C");

weft::Task<absl::Status> use(weft::Channel& channel) {
  auto call = channel.stream_stream(method);
  auto answer = co_await call.exchange(weft::Bytes());
  co_return answer.status();
}

}  // namespace

int main(int argc, char**) {
  if (argc < 1000) return 0;
  std::shared_ptr<weft::Transport> no_transport;
  weft::EventLoop* no_loop = nullptr;
  weft::Channel channel(no_transport, *no_loop);
  return weft::block_on(*no_loop, use(channel)).ok() ? 0 : 1;
}
