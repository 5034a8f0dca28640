#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "weft/transport_sim/explore.h"

// Explorations as GoogleTest tests.
//
//   WEFT_SIM_TEST(Greeter, SurvivesACancel) {
//     world.server().serve(say_hello, [](const Name& name) { return greeting(name); });
//     weft::Channel channel(world.transport(), world.loop());
//     auto call = channel.unary_unary(say_hello, name);
//     weft::sim::Anytime cancel(world, "call1.cancel", [&] { call.cancel(); });
//     EXPECT_SCHEDULES(20);
//     const auto reply = co_await call;
//     world.outcome(reply.ok() ? "OK" : "CANCELLED");
//   }
//
// The body is a coroutine with a `world` of type weft::sim::World&, and runs once for each order of
// events. It is an ordinary test: filters, shards, XML output and death tests work. EXPECT_... may
// be used anywhere in it; ASSERT_... returns, which a coroutine cannot, so use `co_return` after an
// EXPECT. A third argument is a weft::sim::ExploreOptions: what it sets wins over the flags below.
//
// Flags of the test program, and the environment variables that stand for them (a flag wins). What
// is read from either is said in the report:
//   --weft_replay=TOKEN        WEFT_REPLAY        runs that one schedule of the selected test
//   --weft_replay_near         WEFT_REPLAY_NEAR=1 ... and, if it does not fit, all those near it
//   --weft_mode=levels|brute_force|reduced|sample  WEFT_MODE
//   --weft_sampling=random_walk|pos|pct  WEFT_SAMPLING  how a sample is drawn
//   --weft_seed=N              WEFT_SEED          ... from which seed
//   --weft_runs=N              WEFT_RUNS          ... how many schedules
//   --weft_swarm               WEFT_SWARM=1       ... each without some of the faults
//   --weft_deviations=N        WEFT_DEVIATIONS    bound of deviations
//   --weft_executions=N        WEFT_EXECUTIONS    budget
//   --weft_seconds=N           WEFT_SECONDS       budget of real time
//   --weft_timeline=FILE.html  WEFT_TIMELINE      the failing (or replayed) schedule as a page
//   --weft_report=FOLDER       WEFT_REPORT        the report as JSON, JUnit's XML and a page; see
//                                                 report_formats.h
//   --weft_checkpoint=FOLDER   WEFT_CHECKPOINT    keeps there how far a search is, and goes on from
//                                                 what is there: ExploreOptions::checkpoint
//   --weft_checkpoint_seconds=N WEFT_CHECKPOINT_SECONDS  how often; 5 unless said
//   --weft_progress=auto|off   WEFT_PROGRESS      lines about long searches; auto: once a second
//   --weft_crash_folder=FOLDER WEFT_CRASH_FOLDER  where a crash leaves its token (TMPDIR, or /tmp)
// Any other --weft_ flag fails the test.
#define WEFT_SIM_TEST(suite, name, ...)                                               \
  static ::weft::sim::Body weft_sim_body_##suite##_##name(::weft::sim::World& world); \
  static ::weft::sim::ExploreOptions weft_sim_options_##suite##_##name() {            \
    return ::weft::sim::ExploreOptions(__VA_ARGS__);                                  \
  }                                                                                   \
  TEST(suite, name) {                                                                 \
    ::weft::sim::run_sim_test(#suite "." #name, weft_sim_options_##suite##_##name(),  \
                              &weft_sim_body_##suite##_##name, __FILE__, __LINE__);   \
  }                                                                                   \
  static ::weft::sim::Body weft_sim_body_##suite##_##name(                            \
      [[maybe_unused]] ::weft::sim::World& world)

// The same as `count` tests, suite.name/0, suite.name/1, ..., each of which searches a part.
// Whatever divides GoogleTest's tests over processes or machines (GTEST_TOTAL_SHARDS and
// GTEST_SHARD_INDEX, or a filter) so divides the search. Every part that passes is complete; that
// all of them are there, and are of one search, is what weft_sim_merge says of their reports
// (--weft_report). So does what the body expects of the whole: EXPECT_SCHEDULES, World::sometimes.
#define WEFT_SIM_TEST_SHARDED(suite, name, count, ...)                                           \
  static ::weft::sim::Body weft_sim_body_##suite##_##name(::weft::sim::World& world);            \
  static ::weft::sim::ExploreOptions weft_sim_options_##suite##_##name() {                       \
    return ::weft::sim::ExploreOptions(__VA_ARGS__);                                             \
  }                                                                                              \
  [[maybe_unused]] static const bool weft_sim_parts_##suite##_##name =                           \
      ::weft::sim::register_sharded_test({#suite "." #name, count,                               \
                                          &weft_sim_options_##suite##_##name,                    \
                                          &weft_sim_body_##suite##_##name, __FILE__, __LINE__}); \
  static ::weft::sim::Body weft_sim_body_##suite##_##name(                                       \
      [[maybe_unused]] ::weft::sim::World& world)

// Pins a schedule of WEFT_SIM_TEST(suite, name), which stands above it in the same file: a test
// that replays this token, and fails when it fails, or does not fit the program any more.
#define WEFT_SIM_REPLAY_TEST(suite, name, token) WEFT_SIM_REPLAY_TEST_(suite, name, token, __LINE__)
#define WEFT_SIM_REPLAY_TEST_(suite, name, token, line) \
  WEFT_SIM_REPLAY_TEST_ON_LINE_(suite, name, token, line)
#define WEFT_SIM_REPLAY_TEST_ON_LINE_(suite, name, token, line)                                    \
  TEST(suite, name##_replay_##line) {                                                              \
    ::weft::sim::run_sim_test(#suite "." #name, weft_sim_options_##suite##_##name().replay(token), \
                              &weft_sim_body_##suite##_##name, __FILE__, __LINE__);                \
  }

// Within the body: the exact number of schedules that the whole exploration has. Catches coverage
// that is lost by accident, by an event that merged with another or a wait that was added.
#define EXPECT_SCHEDULES(count) world.expect_schedules(count)

namespace weft::sim {

// What WEFT_SIM_TEST does: explores, prints the verdict, and turns what was found into failures of
// the running test.
void run_sim_test(std::string_view name, ExploreOptions options, const BodyFunction& body,
                  const char* file, int line);

// What WEFT_SIM_TEST_SHARDED says; all texts are constants.
class ShardedTest {
 public:
  const char* name;
  std::size_t count;
  ExploreOptions (*options)();
  Body (*body)(World&);
  const char* file;
  int line;
};
// Before GoogleTest starts. True, so that it can initialise something.
bool register_sharded_test(const ShardedTest& test);

// Explores under the same flags and tells nobody: what was found is in the report.
Report explore_in_test(std::string_view name, ExploreOptions options, const BodyFunction& body);

}  // namespace weft::sim
