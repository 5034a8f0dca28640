// Objects of a loop that threads elsewhere own.

#include "weft/adapters/on_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "call_test.h"
#include "weft/adapters/loop_thread.h"
#include "weft/transport_grpc/grpc_event_loop.h"

namespace weft::test {
namespace {

class OnLoops : public CallTest {
 protected:
  template <class Function>
  auto on_loop(Function function) {
    return start_future(background.port(), std::move(function)).get();
  }

  LoopThread<GrpcEventLoop> background;
};

// Notes the threads that make and destroy it.
class Noted {
 public:
  Noted(std::thread::id& made, std::thread::id& destroyed) : destroyed_(destroyed) {
    made = std::this_thread::get_id();
  }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  ~Noted() { destroyed_ = std::this_thread::get_id(); }

 private:
  std::thread::id& destroyed_;
};

TEST_F(OnLoops, AreMadeAndDestroyedOnTheThreadOfTheLoop) {
  std::thread::id loops, made, destroyed;
  ASSERT_TRUE(on_loop([&] { loops = std::this_thread::get_id(); }).ok());
  {
    const OnLoop<Noted> noted(background.port(), made, destroyed);
    EXPECT_EQ(made, loops);
    EXPECT_EQ(destroyed, std::thread::id());
  }
  EXPECT_EQ(destroyed, loops);
}

TEST_F(OnLoops, GiveACallAChannel) {
  const OnLoop<Channel> own_channel(background.port(), transport, background.loop());
  const auto reply = on_loop([&] { return own_channel->unary_unary(unary_unary, request("x")); });
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->payload(), "x");
}

class Throwing {
 public:
  explicit Throwing(std::unique_ptr<int> number) {
    throw std::out_of_range("at " + std::to_string(*number));
  }
};

TEST_F(OnLoops, ThrowWhatTheConstructorThrows) {
  try {
    const OnLoop<Throwing> throwing(background.port(), std::make_unique<int>(7));
    FAIL() << "was made";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "at 7");
  }
}

template <class Function>
std::error_code error_of(Function function) {
  try {
    function();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

TEST_F(OnLoops, AreNotMadeOnTheirOwnThread) {
  std::error_code error;
  ASSERT_TRUE(on_loop([&] { error = error_of([&] { OnLoop<int>(background.port(), 1); }); }).ok());
  EXPECT_EQ(error, std::errc::resource_deadlock_would_occur);
}

TEST_F(OnLoops, AreNotMadeByAClosedPort) {
  std::optional<LoopPort> port;
  ASSERT_TRUE(on_loop([&] {
                port.emplace(background.loop());
                port->close();
              }).ok());
  EXPECT_EQ(error_of([&] { OnLoop<int>(*port, 1); }), std::errc::operation_canceled);
  ASSERT_TRUE(on_loop([&] { port.reset(); }).ok());
}

TEST_F(OnLoops, GoWithTheirPort) {
  std::optional<LoopPort> port;
  std::thread::id made, destroyed;
  ASSERT_TRUE(on_loop([&] { port.emplace(background.loop()); }).ok());
  const OnLoop<Noted> noted(*port, made, destroyed);
  ASSERT_TRUE(on_loop([&] { port.reset(); }).ok());
  EXPECT_EQ(destroyed, made);
}

TEST_F(OnLoops, MayGoOnTheirOwnThread) {
  std::thread::id made, destroyed;
  auto noted = std::make_unique<OnLoop<Noted>>(background.port(), made, destroyed);
  ASSERT_TRUE(on_loop([&] { noted.reset(); }).ok());
  ASSERT_TRUE(on_loop([] {}).ok());
  EXPECT_EQ(destroyed, made);
}

TEST_F(OnLoops, MayGoOnAThirdThread) {
  std::thread::id made, destroyed;
  auto noted = std::make_unique<OnLoop<Noted>>(background.port(), made, destroyed);
  std::thread([&] { noted.reset(); }).join();
  EXPECT_NE(destroyed, std::thread::id());
  EXPECT_EQ(destroyed, made);
}

TEST_F(OnLoops, MayOutliveTheirLoop) {
  std::thread::id made, destroyed;
  std::optional<LoopThread<GrpcEventLoop>> short_lived(std::in_place);
  const OnLoop<Noted> noted(short_lived->port(), made, destroyed);
  short_lived.reset();
  EXPECT_NE(destroyed, std::thread::id());
  EXPECT_EQ(destroyed, made);
}

// The port closes while threads make them and drop them: each was made and destroyed by the loop's
// thread, or not made.
TEST_F(OnLoops, MayMeetTheEndOfTheirPort) {
  for (int round = 0; round < 100; ++round) {
    std::optional<LoopPort> port;
    ASSERT_TRUE(on_loop([&] { port.emplace(background.loop()); }).ok());
    std::vector<std::thread> owners;
    for (int i = 0; i < 3; ++i) {
      owners.emplace_back([&port] {
        std::thread::id made, destroyed;
        const std::error_code error =
            error_of([&] { const OnLoop<Noted> noted(*port, made, destroyed); });
        EXPECT_EQ(destroyed, made);
        EXPECT_EQ(made == std::thread::id(), error == std::errc::operation_canceled);
        EXPECT_EQ(made != std::thread::id(), error == std::error_code());
      });
    }
    ASSERT_TRUE(on_loop([&] { port->close(); }).ok());
    for (std::thread& owner : owners) owner.join();
    ASSERT_TRUE(on_loop([&] { port.reset(); }).ok());
  }
}

// Resets it when it goes.
class Drops {
 public:
  explicit Drops(std::unique_ptr<OnLoop<Noted>>& noted) : noted_(noted) {}
  Drops(const Drops&) = delete;
  Drops& operator=(const Drops&) = delete;
  ~Drops() { noted_.reset(); }

 private:
  std::unique_ptr<OnLoop<Noted>>& noted_;
};

Task<void> drop_when_torn_down(std::unique_ptr<OnLoop<Noted>>& noted) {
  const Drops drops(noted);
  co_await detail::Forever();
}

// The port tears the task down before what the task holds, and knows nobody any more.
TEST_F(OnLoops, MayBeHeldByATaskOfTheSamePort) {
  std::thread::id made, destroyed;
  std::unique_ptr<OnLoop<Noted>> noted;
  std::optional<LoopPort> port;
  ASSERT_TRUE(on_loop([&] { port.emplace(background.loop()); }).ok());
  auto holding = start_future(*port, [&] { return drop_when_torn_down(noted); });
  noted = std::make_unique<OnLoop<Noted>>(*port, made, destroyed);
  ASSERT_TRUE(on_loop([&] { port.reset(); }).ok());
  EXPECT_EQ(holding.get().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(destroyed, made);
}

}  // namespace
}  // namespace weft::test
