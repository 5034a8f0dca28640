#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "chat.weft.pb.h"
#include "weft/api/async_generator.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"

namespace chat {

// Somebody in a room. Lifetime: outlives what stay() gave.
class Guest {
 public:
  // Goes in.
  Guest(RoomClient room, std::string name) : name_(std::move(name)), call_(room.join()) {}

  // Says what `words` gives, when it gives it, and calls `heard` with what others say meanwhile.
  // Ends with the call: when all is said and the room has let us go, or earlier. The
  // generator is destroyed in any case.
  weft::Task<absl::Status> stay(weft::AsyncGenerator<std::string> words,
                                std::function<void(const Line&)> heard);

  // At once, whatever is going on.
  void leave() const { call_.cancel("left the room"); }

 private:
  weft::Task<> speak(weft::AsyncGenerator<std::string> words) const;
  weft::Task<> listen(std::function<void(const Line&)> heard) const;

  const std::string name_;
  const weft::StreamStreamCall<Line, Line> call_;
};

}  // namespace chat
