#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "manual_loop.h"
#include "recorded.h"
#include "scripted_transport.h"
#include "weft/transport/checked_transport.h"

namespace weft::test {

// A checked stream over a scripted one, whose violations are collected.
class CheckedTransportTest : public testing::Test {
 protected:
  CheckedTransportTest() { open_stream(); }
  ~CheckedTransportTest() override {
    loop.settle();
    scripted->break_off_all();
    loop.settle();
    stream.reset();
    loop.settle();
  }

  void open_stream() {
    stream = checked->create_stream(loop, StreamOptions("/a/b", CallKind::stream_stream));
    backend = scripted->streams.back().get();
  }
  // Everything a call starts, and the headers.
  void start_and_open() {
    start();
    backend->open();
    loop.settle();
  }
  void start() {
    EXPECT_TRUE(stream->start(started, headers).ok());
    EXPECT_TRUE(stream->status(ended).ok());
  }
  absl::Status send(std::string text = "m") {
    return stream->send_message(Bytes::from_string(std::move(text)), SendOptions(), sent);
  }
  std::vector<std::string> rules() const {
    std::vector<std::string> broken;
    for (const RuleViolation& violation : violations) broken.push_back(violation.rule);
    return broken;
  }

  ManualLoop loop;
  std::vector<RuleViolation> violations;
  // Held by the handler, which lives as long as the transport or any of its streams.
  std::shared_ptr<int> token = std::make_shared<int>();
  std::shared_ptr<ScriptedTransport> scripted = std::make_shared<ScriptedTransport>();
  std::shared_ptr<CheckedTransport> checked = std::make_shared<CheckedTransport>(
      scripted,
      [this, held = token](const RuleViolation& violation) { violations.push_back(violation); });
  StreamPtr stream;
  ScriptedStream* backend = nullptr;

  Recorded<OperationResult> started;
  Recorded<InitialMetadata> headers;
  Recorded<OperationResult> sent;
  Recorded<OperationResult> closed;
  Recorded<Received> received;
  Recorded<CallStatus> ended;
};

}  // namespace weft::test
