// The loop of a world: what runs within a step, and what is an event of its own.

#include "weft/transport_sim/sim_event_loop.h"

#include <string>
#include <thread>

#include "chain.h"
#include "explored.h"

namespace weft::sim {
namespace {

using test::Chain;
using test::Explored;
using test::Gate;
using testing::ElementsAre;

TEST(SimLoop, RunsADeferredTaskInTheSameStep) {
  const Explored explored([](World& world) -> Body {
    Chain other(world, "other.event", 2);
    class Task final : public LoopTask {
     public:
      explicit Task(Gate& gate)
          : LoopTask([](LoopTask& task) noexcept { static_cast<Task&>(task).gate_.open(); }),
            gate_(gate) {}

     private:
      Gate& gate_;
    };
    Gate gate;
    Task task(gate);
    world.loop().defer(task);
    co_await gate;
    EXPECT_EQ(other.happened(), 0u);
  });
  EXPECT_EQ(explored.report.executions, 1u);
}

TEST(SimLoop, MakesAnEventOfEveryPostAndKeepsTheirOrder) {
  const Explored explored([](World& world) -> Body {
    Gate done;
    std::string order;
    Chain other(world, "other.event", 1, [&](std::size_t) { order += "e"; });
    world.loop().post([&] { order += "1"; });
    world.loop().post([&] {
      order += "2";
      done.open();
    });
    co_await done;
    world.outcome(order);
  });
  EXPECT_THAT(explored.outcomes, ElementsAre("12", "1e2", "e12"));
  EXPECT_EQ(explored.report.executions, 3u);
}

TEST(SimLoopDeathTest, AbortsWhenAnotherThreadPosts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      {
        World world;
        std::thread([&] { world.loop().post([] {}); }).join();
      },
      "another thread posts into a simulation");
}

}  // namespace
}  // namespace weft::sim
