// What the recording transport writes down of a call.

#include <string>
#include <vector>

#include "recording_transport.h"
#include "weft/api/channel.h"
#include "weft/transport_sim/sim_test.h"

namespace {

constexpr weft::UnaryStreamMethod<std::string, std::string> count("/demo.Greeter/Count");

WEFT_SIM_TEST(Recording, TellsWhatWentByInEveryOrder) {
  using Call = weft::sim::ServerCall<std::string, std::string>;
  world.server().serve(count, [](const std::string&, Call& call) -> weft::Task<absl::Status> {
    for (const char* number : {"one", "two", "three"}) co_await call.write(number);
    co_return absl::OkStatus();
  });
  std::vector<std::string> lines;
  const auto recording = std::make_shared<RecordingTransport>(
      world.transport(), [&](std::string line) { lines.push_back(std::move(line)); });
  weft::Channel channel(recording, world.loop());
  auto call = channel.unary_stream(count, "please");
  weft::sim::Anytime cancel(world, "user.cancels", [&] { call.cancel(); });
  std::size_t came = 0;
  while (auto number = co_await call.read()) ++came;
  const absl::Status status = co_await call.status();
  co_await world.yield();  // a cancel ends a call before its transport says so

  const std::vector<std::string> all = {
      "1 /demo.Greeter/Count", "1 > 6 bytes", "1 > half-close", "1 < headers Metadata(())",
      "1 < 3 bytes",           "1 < 3 bytes", "1 < 5 bytes"};
  EXPECT_GE(lines.size(), 3 + came);
  EXPECT_EQ(lines.back(),
            status.ok() ? "1 = OK" : "1 = CANCELLED: Locally cancelled by application!");
  lines.pop_back();
  EXPECT_TRUE(lines.size() <= all.size() && std::equal(lines.begin(), lines.end(), all.begin()));
  world.outcome(lines.back());
}

}  // namespace
