// Two guests in a room of a real server.

#include <gtest/gtest.h>

#include <coroutine>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "chat.grpc.pb.h"
#include "guest.h"
#include "loopback_server.h"
#include "weft/api/block_on.h"
#include "weft/api/when_all.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

using chat::Line;

class RealRoom final : public chat::Room::Service {
 public:
  using Stream = grpc::ServerReaderWriter<Line, Line>;

  grpc::Status Join(grpc::ServerContext*, Stream* stream) override {
    {
      const std::lock_guard lock(mutex_);
      guests_.insert(stream);
      Line welcome;
      welcome.set_from("room");
      welcome.set_text("welcome");
      stream->Write(welcome);
    }
    for (Line line; stream->Read(&line);) {
      const std::lock_guard lock(mutex_);
      for (Stream* guest : guests_) {
        if (guest != stream) guest->Write(line);
      }
    }
    const std::lock_guard lock(mutex_);
    guests_.erase(stream);
    return grpc::Status::OK;
  }

 private:
  std::mutex mutex_;
  std::set<Stream*> guests_;
};

// Something that one coroutine waits for and another one says.
class Cue {
 public:
  explicit Cue(weft::EventLoop& loop) : loop_(loop) {}

  void give() {
    given_ = true;
    if (waiter_) loop_.post([waiter = std::exchange(waiter_, nullptr)] { waiter.resume(); });
  }

  bool await_ready() const { return given_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}

 private:
  weft::EventLoop& loop_;
  bool given_ = false;
  std::coroutine_handle<> waiter_;
};

weft::AsyncGenerator<std::string> after(Cue& cue, std::string text, Cue& last) {
  co_await cue;
  co_yield text;
  co_await last;
}

TEST(RealGuests, HearEachOther) {
  RealRoom room;
  LoopbackServer server(&room);
  weft::GrpcEventLoop loop;
  weft::Channel channel(weft::GrpcTransport::create(server.target()).value(), loop);
  Cue both_are_in(loop);
  Cue anna_has_spoken(loop);
  Cue ben_has_answered(loop);
  std::vector<std::string> anna_heard;
  std::vector<std::string> ben_heard;
  chat::Guest anna(chat::RoomClient(channel), "anna");
  chat::Guest ben(chat::RoomClient(channel), "ben");
  std::size_t welcomed = 0;
  const auto heard_by = [&](std::vector<std::string>& heard, Cue& cue) {
    return [&](const Line& line) {
      heard.push_back(line.from() + ": " + line.text());
      if (line.from() != "room") cue.give();
      if (line.from() == "room" && ++welcomed == 2) both_are_in.give();
    };
  };
  auto both = weft::when_all(anna.stay(after(both_are_in, "hello", ben_has_answered),
                                       heard_by(anna_heard, ben_has_answered)),
                             ben.stay(after(anna_has_spoken, "hello anna", anna_has_spoken),
                                      heard_by(ben_heard, anna_has_spoken)));
  const auto [anna_end, ben_end] = weft::block_on(loop, std::move(both));
  EXPECT_TRUE(anna_end.ok()) << anna_end;
  EXPECT_TRUE(ben_end.ok()) << ben_end;
  EXPECT_EQ(anna_heard, (std::vector<std::string>{"room: welcome", "ben: hello anna"}));
  EXPECT_EQ(ben_heard, (std::vector<std::string>{"room: welcome", "anna: hello"}));
}

TEST(RealGuests, LeaveAtOnce) {
  RealRoom room;
  LoopbackServer server(&room);
  weft::GrpcEventLoop loop;
  weft::Channel channel(weft::GrpcTransport::create(server.target()).value(), loop);
  Cue never(loop);
  chat::Guest guest(chat::RoomClient(channel), "anna");
  auto stay = guest.stay(after(never, "", never), [&](const Line&) { guest.leave(); });
  const absl::Status end = weft::block_on(loop, std::move(stay));
  EXPECT_EQ(end, absl::CancelledError("left the room"));
}

}  // namespace
