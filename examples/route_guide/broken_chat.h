#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "flag.h"
#include "traveller.h"
#include "weft/api/when_all.h"

namespace routeguide {

// A chat that writes nothing before it is connected, and that can be left at any time. It has a bug
// on purpose, which broken_chat.cc has found.
class BrokenChat {
 public:
  BrokenChat(const RouteGuideClient& client, weft::EventLoop& loop, std::vector<RouteNote> notes)
      : chat_(client.route_chat()), connected_(loop), notes_(std::move(notes)) {}

  weft::Task<absl::Status> run() {
    auto all = weft::when_all(watch_connection(), write_notes(), read_notes());
    co_await std::move(all);
    co_return co_await chat_.status();
  }

  void hang_up() { chat_.cancel("the user hung up"); }

 private:
  // [broken_chat]
  weft::Task<void> watch_connection() {
    const absl::Status connected = co_await chat_.wait_for_connection();
    if (!connected.ok()) co_return;  // the call is over, and its status says why
    connected_.set();
  }

  weft::Task<void> write_notes() {
    co_await connected_;
    for (const RouteNote& note : notes_) {
      const absl::Status written = co_await chat_.write(note);
      if (!written.ok()) co_return;
    }
    (void)co_await chat_.done_writing();  // what it would say, the status says too
  }
  // [/broken_chat]

  weft::Task<void> read_notes() {
    while (auto note = co_await chat_.read()) {
    }
  }

  Chat chat_;
  Flag connected_;
  std::vector<RouteNote> notes_;
};

}  // namespace routeguide
