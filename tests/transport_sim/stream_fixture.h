#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recorded.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// A peer that does only what the test says, and keeps what it was told.
class Hand final : public sim::PeerProgram {
 public:
  // What it keeps; lives as long as the test.
  class Notes {
   public:
    sim::PeerCall* call = nullptr;  // until the program is destroyed
    std::vector<std::string> messages;
    bool half_closed = false;
    bool cancelled = false;
    bool destroyed = false;
    bool wants_messages = true;  // from the beginning
  };

  explicit Hand(Notes& notes) : notes_(notes) {}
  ~Hand() override {
    notes_.call = nullptr;
    notes_.destroyed = true;
  }

  void opened(sim::PeerCall& call) override {
    notes_.call = &call;
    call.want_message(notes_.wants_messages);
  }
  void message(sim::PeerCall&, Bytes message) override {
    notes_.messages.push_back(message.to_string());
  }
  void half_closed(sim::PeerCall&) override { notes_.half_closed = true; }
  void cancelled(sim::PeerCall&) override { notes_.cancelled = true; }
  bool cares_for_cancel() const override { return !notes_.cancelled; }

 private:
  Notes& notes_;
};

// One stream of a simulated transport, in a world of its own that runs when the test says so, with
// a peer in the test's hand. No rule of the seam may be broken, and nothing may be left.
class StreamTest : public testing::Test {
 protected:
  static constexpr const char* method = "/test.Service/Talk";

  // What one stream was asked for, and what it gave.
  class Client {
   public:
    StreamPtr stream;
    Recorded<OperationResult> started;
    Recorded<InitialMetadata> headers;
    Recorded<OperationResult> sent;
    Recorded<OperationResult> closed;
    Recorded<Received> received;
    Recorded<CallStatus> ended;

    void start() {
      EXPECT_TRUE(stream->start(started, headers).ok());
      EXPECT_TRUE(stream->status(ended).ok());
    }
    absl::Status send(std::string text) {
      return stream->send_message(Bytes::from_string(std::move(text)), SendOptions(), sent);
    }
    absl::Status close() { return stream->send_close(closed); }
    absl::Status receive() { return stream->recv_message(received); }
    bool cancel() { return stream->cancel(StatusCode::kCancelled, "enough"); }

    bool over() const { return ended.results.size() == 1; }
    const CallStatus& status() const { return ended.results.at(0); }
    StatusCode code() const { return over() ? status().code : StatusCode::kOk; }
    // "one", "two", "end", "failed"
    std::vector<std::string> got() const {
      std::vector<std::string> texts;
      for (const Received& each : received.results) {
        texts.push_back(each.kind == Received::Kind::message ? each.message.to_string()
                        : each.kind == Received::Kind::end   ? "end"
                                                             : "failed");
      }
      return texts;
    }
  };

  StreamTest() { connect(); }
  ~StreamTest() override {
    client.stream.reset();
    for (const auto& each : clients_) each->stream.reset();
    transport.reset();
    world.wind_up();
    for (const sim::Failure& failure : world.execution().failures()) {
      ADD_FAILURE() << failure.text;
    }
    EXPECT_THAT(world.leftovers(), testing::IsEmpty());
  }

  // The transport anew; streams of an earlier one go on.
  void connect(sim::SimTransportOptions options = sim::SimTransportOptions().connected()) {
    transport = world.transport("server", options);
    world.server().serve_program(method,
                                 [this](sim::PeerCall&) { return std::make_unique<Hand>(peer); });
  }

  // A stream that is not started.
  Client& open(StreamOptions options = StreamOptions(method, CallKind::stream_stream)) {
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->stream = transport->create_stream(world.loop(), std::move(options));
    return *clients_.back();
  }
  Client& start_another(StreamOptions options = StreamOptions(method, CallKind::stream_stream)) {
    Client& another = open(std::move(options));
    another.start();
    return another;
  }
  void start(StreamOptions options = StreamOptions(method, CallKind::stream_stream)) {
    client.stream = transport->create_stream(world.loop(), std::move(options));
    client.start();
  }
  // Started, and with the peer.
  void start_and_reach(StreamOptions options = StreamOptions(method, CallKind::stream_stream)) {
    start(std::move(options));
    run();
    ASSERT_NE(peer.call, nullptr);
  }

  // Everything that can happen without time passing, in the default order: until the mark is all
  // that there is.
  void run() {
    Mark mark;
    for (int steps = 0; steps != 1;) {
      world.enable(sim::EventClass::network, mark);
      for (steps = 0; mark.is_enabled(); ++steps) {
        world.settle();
        world.step();
      }
    }
    world.settle();
  }
  // Steps until it holds; timers come last.
  template <class Condition>
  void run_until(Condition holds) {
    while (world.settle() && !holds()) ASSERT_TRUE(world.step());
  }
  // ... and timers, until nothing is left.
  void run_all() {
    while (world.settle() && world.step()) {
    }
  }

  static StreamOptions with_deadline(absl::Duration after_the_beginning) {
    StreamOptions options(method, CallKind::stream_stream);
    options.deadline = Deadline::after(Instant(), after_the_beginning);
    return options;
  }

  sim::World world;
  std::shared_ptr<Transport> transport;
  Hand::Notes peer;
  Client client;

 private:
  class Mark final : public sim::EventSource {
   public:
    sim::Label label() const override { return sim::Label(name); }
    void fire() override {}

   private:
    static constexpr sim::Label::Name name{"test.mark"};
  };

  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace weft::test
