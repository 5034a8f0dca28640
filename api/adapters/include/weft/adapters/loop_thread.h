#pragma once

#include <future>
#include <latch>
#include <thread>
#include <utility>

#include "weft/adapters/loop_port.h"

namespace weft {

// A loop that runs on a thread of its own, with a port for everybody else: what a program needs
// that blocks, or that lives on somebody else's threads.
//
//   weft::LoopThread<weft::GrpcEventLoop> background;
//   weft::start_future(background.port(), [&] { ... });
//
// Lifetime: the destructor closes the port, which stops what runs, then ends the loop and waits for
// the thread. What belongs to the loop (channels, calls) is made by work and gone before: owned by
// work, or dropped by it.
// Threads: any but its own; nobody uses it any more when it is destroyed.
template <class Loop>
class LoopThread {
 public:
  LoopThread() : thread_([this] { run(); }) { begun_.get_future().wait(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() {
    loop_->post([this] {
      port_->close();
      loop_->stop();
    });
    posted_.count_down();
    thread_.join();
  }

  LoopPort& port() { return *port_; }
  Loop& loop() { return *loop_; }

 private:
  // The loop's thread is the one that makes it.
  void run() {
    Loop loop;
    LoopPort port(loop);
    loop_ = &loop;
    port_ = &port;
    begun_.set_value();
    loop.run();
    posted_.wait();  // a post may still be waking the loop that has run what it posted
  }

  std::promise<void> begun_;
  std::latch posted_{1};
  Loop* loop_ = nullptr;
  LoopPort* port_ = nullptr;
  std::thread thread_;
};

}  // namespace weft
