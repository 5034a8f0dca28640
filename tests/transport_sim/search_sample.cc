// Searches for the tests that look at a test program from outside: kill it, merge its reports, open
// its pages. Some fail, as they should.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/api/task.h"
#include "weft/transport_sim/sim_test.h"

namespace {

// A line for each body that runs, for whoever counts them; WEFT_SAMPLE_KILL_AT=N is killed within
// its Nth. WEFT_SAMPLE_ASKS=1 takes a byte of standard input before each, as leave to go on.
void tell() {
  static const bool asks = std::getenv("WEFT_SAMPLE_ASKS") != nullptr;
  char leave;
  if (asks && read(STDIN_FILENO, &leave, 1) != 1) std::abort();
  static const char* const at = std::getenv("WEFT_SAMPLE_KILL_AT");
  static const long kill_at = at == nullptr ? 0 : std::strtol(at, nullptr, 10);
  static long bodies = 0;
  std::puts("body");
  std::fflush(stdout);
  if (++bodies == kill_at) kill(getpid(), SIGKILL);
}

std::string choices(weft::sim::World& world, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) path += std::to_string(world.choose(2 + i % 2, "branch"));
  return path;
}

WEFT_SIM_TEST(Sample, Passes) {
  tell();
  EXPECT_SCHEDULES(216);
  const std::string path = choices(world, 6);
  world.sometimes("an end with two", path.back() == '2');
  world.outcome(path.substr(0, 2));
  co_return;
}

// More than a search that chooses how to go on looks at first.
WEFT_SIM_TEST(Choosing, IsLarge) {
  tell();
  EXPECT_SCHEDULES(15'552);
  world.outcome(choices(world, 11).substr(0, 2));
  co_return;
}

WEFT_SIM_TEST(Sample, FailsHereAndThere, weft::sim::ExploreOptions().keep_going()) {
  tell();
  const std::string path = choices(world, 6);
  EXPECT_EQ(path.find("11"), std::string::npos) << "two ones in " << path;
  world.outcome(path.substr(0, 1));
  co_return;
}

WEFT_SIM_TEST(Sample, FailsSomewhere) {
  tell();
  EXPECT_NE(choices(world, 6), "101010");
  co_return;
}

WEFT_SIM_TEST_SHARDED(Divided, Passes, 4) {
  tell();
  EXPECT_SCHEDULES(216);
  const std::string path = choices(world, 6);
  world.sometimes("an end with two", path.back() == '2');
  world.outcome(path.substr(0, 2));
  co_return;
}

constexpr weft::UnaryStreamMethod<std::string, std::string> count("/demo.Greeter/Count");

WEFT_SIM_TEST(Sample, CallsWithADeadline) {
  using Call = weft::sim::ServerCall<std::string, std::string>;
  world.server().serve(count, [](const std::string&, Call& call) -> weft::Task<absl::Status> {
    for (const char* number : {"one", "two"}) co_await call.write(number);
    co_return absl::OkStatus();
  });
  weft::Channel channel(world.transport(), world.loop());
  auto call = channel.unary_stream(count, "x", weft::CallOptions().timeout(absl::Seconds(1)));
  std::string came;
  while (auto number = co_await call.read()) came += " " + *number;
  const absl::Status status = co_await call.status();
  world.outcome(absl::StatusCodeToString(status.code()) + " <after>" + came);
}

WEFT_SIM_TEST(Sample, WaitsForEver) {
  world.server().script(count, weft::sim::Script().headers());
  weft::Channel channel(world.transport(), world.loop());
  auto call = channel.unary_stream(count, "x");
  weft::sim::Anytime cancel(world, "user.cancels", [&] { call.cancel(); });
  co_await call.read();
  world.fail("<script>alert('it ended')</script>");
}

}  // namespace
