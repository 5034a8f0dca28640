// Reduced searches that see what user code loads and stores: what shares memory is tried in both
// orders, whatever was declared, and what does not is not, though nothing was.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "chain.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/api/when_all.h"
#include "weft/transport_sim/detail/recorded_memory.h"
#include "weft/transport_sim/explore.h"
#include "weft/transport_sim/isolated.h"

namespace weft::sim {
namespace {

using detail::RecordedMemory;
using test::Chain;
using test::Gate;

constexpr UnaryUnaryMethod<std::string, std::string> echo("/test.Echo/Echo");

using Outcomes = std::map<std::string, std::size_t>;

Outcomes outcomes(const Report& report) {
  Outcomes all;
  for (const auto& [text, outcome] : report.outcomes) all[text] = 1;
  return all;
}

Report explored(const BodyFunction& body, SearchMode mode) {
  Report report = explore(ExploreOptions().name("Recorded.Test").mode(mode), body);
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report;
}

// As if nothing were recorded.
Report declared(const BodyFunction& body) {
  RecordedMemory::available() = false;
  Report report = explore(ExploreOptions().name("Recorded.Test").mode(SearchMode::reduced), body);
  RecordedMemory::available() = true;
  return report;
}

// Two coroutines that say that they share nothing, and do: a search that believes them loses what
// this one has to find.
template <class State, class First, class Second>
void expect_hidden_dependence_is_seen(First first, Second second) {
  const auto body = detail::to_body([=](World& world) -> Task<> {
    auto state = std::make_shared<State>();
    const auto run = [](World& its_world, auto what, std::shared_ptr<State> its) -> Task<> {
      co_await its_world.yield();
      what(*its);
    };
    auto a = run(world, first, state);
    auto b = run(world, second, state);
    co_await isolated(world, std::move(a), std::move(b));
    world.outcome(state->text());
  });
  const Report all = explored(body, SearchMode::brute_force);
  EXPECT_EQ(outcomes(all).size(), 2u);
  EXPECT_EQ(outcomes(explored(body, SearchMode::reduced)), outcomes(all));
  const Report believed = declared(body);
  EXPECT_TRUE(!believed.ok() || outcomes(believed) != outcomes(all)) << believed.to_string();
}

TEST(HiddenDependence, OfANumberIsSeen) {
  class State {
   public:
    int number = 1;
    std::string text() const { return std::to_string(number); }
  };
  expect_hidden_dependence_is_seen<State>([](State& state) { state.number += 3; },
                                          [](State& state) { state.number *= 2; });
}

TEST(HiddenDependence, OfAStringIsSeen) {
  class State {
   public:
    std::string letters = "a string too long to be stored within the object: ";
    std::string text() const { return letters; }
  };
  expect_hidden_dependence_is_seen<State>([](State& state) { state.letters += 'a'; },
                                          [](State& state) { state.letters.append("bc"); });
}

// Bytes that one compares while the other writes them, at the same size.
TEST(HiddenDependence, OfTheBytesOfAStringIsSeen) {
  class State {
   public:
    std::string letters = "a string too long to be stored within the object";
    bool same = false;
    std::string text() const { return same ? "same" : "other"; }
  };
  expect_hidden_dependence_is_seen<State>(
      [](State& state) { state.letters[40] = 'X'; },
      [](State& state) {
        state.same = state.letters == "a string too long to be stored within the object";
      });
}

TEST(HiddenDependence, OfWhatIsCopiedAsAWholeIsSeen) {
  class Large {
   public:
    int values[40] = {};
  };
  class State {
   public:
    Large from, to;
    std::string text() const { return std::to_string(to.values[39]); }
  };
  expect_hidden_dependence_is_seen<State>([](State& state) { state.from.values[39] = 1; },
                                          [](State& state) { state.to = state.from; });
}

TEST(HiddenDependence, OfATreeIsSeen) {
  class State {
   public:
    std::map<int, int> tree = {{1, 1}, {3, 3}};
    bool found = false;
    std::string text() const { return found ? "found" : "not found"; }
  };
  expect_hidden_dependence_is_seen<State>(
      [](State& state) { state.tree.emplace(2, 2); },
      [](State& state) { state.found = state.tree.contains(2); });
}

TEST(HiddenDependence, OfTheEndOfAListIsSeen) {
  class State {
   public:
    std::list<int> list = {1};
    int last = 0;
    std::string text() const { return std::to_string(last); }
  };
  expect_hidden_dependence_is_seen<State>([](State& state) { state.list.push_back(2); },
                                          [](State& state) { state.last = state.list.back(); });
}

int a_global = 0;

TEST(HiddenDependence, OfAGlobalIsSeen) {
  class State {
   public:
    State() { a_global = 1; }
    std::string text() const { return std::to_string(a_global); }
  };
  expect_hidden_dependence_is_seen<State>([](State&) { a_global += 3; },
                                          [](State&) { a_global *= 2; });
}

Task<> count_privately(World& world, int& total) {
  int count = 0;
  for (int i = 0; i < 2; ++i) {
    co_await world.yield();
    count += i;
  }
  total = count;
}

// Nothing is declared, and nothing shared.
TEST(DisjointMemory, MakesStepsIndependentThatNobodyHasDeclaredToBe) {
  const auto body = detail::to_body([](World& world) -> Task<> {
    int totals[3] = {};
    auto a = count_privately(world, totals[0]);
    auto b = count_privately(world, totals[1]);
    auto c = count_privately(world, totals[2]);
    co_await when_all(std::move(a), std::move(b), std::move(c));
    world.outcome(std::to_string(totals[0] + totals[1] + totals[2]));
  });
  const Report all = explored(body, SearchMode::brute_force);
  const Report reduced = explored(body, SearchMode::reduced);
  EXPECT_EQ(outcomes(reduced), outcomes(all));
  EXPECT_EQ(declared(body).executions, all.executions);
  // World::yield numbers its steps, and the last to end goes on with the body.
  EXPECT_EQ(reduced.executions, 36u);
}

Task<> call_against_cancel(World& world, Channel& channel, std::string name) {
  auto call = channel.unary_unary(echo, "you");
  Anytime cancel(world, name, [&] { call.cancel(); });
  (void)co_await call;
}

TEST(DisjointMemory, MakesFewerOrdersOfACallAndWhatGoesOnBeside) {
  const auto body = detail::to_body([](World& world) -> Task<> {
    world.server().script(echo, Script().read_all().message("hello").finish());
    Channel channel(world.transport("server", SimTransportOptions().connected()), world.loop());
    int total = 0;
    auto calling = call_against_cancel(world, channel, "call1.cancel");
    auto counting = count_privately(world, total);
    co_await when_all(std::move(calling), std::move(counting));
  });
  const Report all = explored(body, SearchMode::brute_force);
  const Report reduced = explored(body, SearchMode::reduced);
  EXPECT_EQ(outcomes(reduced), outcomes(all));
  EXPECT_LT(reduced.executions * 4, declared(body).executions);
}

// Two or three sources with two events each, which read and write plain variables; what each has
// read and what is left in the end is the outcome.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) {
    std::mt19937 random(seed);  // its values are the same everywhere
    const std::size_t sources = 2 + random() % 2;
    for (std::size_t source = 0; source < sources; ++source) {
      std::vector<Event>& events = events_.emplace_back();
      for (int i = 0; i < 2; ++i) {
        Event& event = events.emplace_back();
        for (std::size_t n = random() % 3; n > 0; --n) {
          event.emplace_back(random() % 4, random() % 2 == 0, random() % 100);
        }
      }
    }
  }

  Body operator()(World& world) const {
    Gate done;
    std::vector<std::uint64_t> cells(4);
    std::vector<std::string> seen(events_.size());
    std::size_t left = 2 * events_.size();
    std::vector<std::unique_ptr<Chain>> sources;
    for (std::size_t source = 0; source < events_.size(); ++source) {
      const auto happens = [&, source](std::size_t number) {
        for (const auto& [cell, writes, value] : events_[source][number - 1]) {
          if (writes) {
            cells[cell] = value;
          } else {
            seen[source] += std::to_string(cells[cell]) + ";";
          }
        }
        const detail::Unrecorded counting;  // who comes last is nobody's concern
        world.join(0);
        if (--left > 0) return;
        world.pass(0);
        done.open();
      };
      sources.push_back(
          std::make_unique<Chain>(world, "source" + std::to_string(source), 2, happens));
    }
    co_await done;
    std::string outcome;
    for (const std::string& each : seen) outcome += each + " ";
    for (const std::uint64_t cell : cells) outcome += std::to_string(cell) + " ";
    world.outcome(outcome);
  }

 private:
  using Event = std::vector<std::tuple<std::size_t, bool, std::uint64_t>>;
  std::vector<std::vector<Event>> events_;
};

TEST(RandomPrograms, HaveTheSameOutcomesRecordedAsByBruteForce) {
  std::size_t executions_of_all = 0;
  std::size_t executions = 0;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const RandomProgram program(seed);
    const BodyFunction body = [&program](World& world) { return program(world); };
    const Report all = explored(body, SearchMode::brute_force);
    const Report reduced = explored(body, SearchMode::reduced);
    ASSERT_EQ(outcomes(reduced), outcomes(all)) << "program " << seed;
    executions_of_all += all.executions;
    executions += reduced.executions;
  }
  EXPECT_LT(executions * 3, executions_of_all);
  RecordProperty("executions", std::to_string(executions));
  RecordProperty("executions_of_all", std::to_string(executions_of_all));
}

}  // namespace
}  // namespace weft::sim
