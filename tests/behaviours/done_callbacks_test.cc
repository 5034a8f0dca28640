// Callbacks that run when a call is done.

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "each_kind.h"

namespace weft::test {
namespace {

using testing::ElementsAre;

// A channel that keeps what left its calls' callbacks.
class ReportingChannel {
 public:
  explicit ReportingChannel(Setting& setting)
      : channel(setting.transport(), setting.loop(),
                ChannelOptions().on_callback_exception(
                    [this](std::exception_ptr thrown) { keep(std::move(thrown)); })) {}

  std::vector<std::string> reported;
  Channel channel;

 private:
  void keep(std::exception_ptr thrown) {
    try {
      std::rethrow_exception(std::move(thrown));
    } catch (const std::exception& error) {
      reported.emplace_back(error.what());
    } catch (...) {
      reported.emplace_back("not an exception");
    }
  }
};

BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, AreGivenTheCallWhichIsDone, "B240 B241") {
  auto call = open(setting.channel(), method, request("x"));
  int runs = 0;
  call.add_done_callback([&](const Call& done) {
    ++runs;
    EXPECT_TRUE(done.done());
    EXPECT_EQ(done.outcome(), call.outcome());
  });
  EXPECT_EQ(runs, 0);
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  EXPECT_EQ(runs, 1);
}

BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, AddedToACallThatIsDoneRunAtOnce, "B242") {
  auto call = open(setting.channel(), method, request("x"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  bool ran = false;
  call.add_done_callback([&](const Call& done) {
    ran = true;
    EXPECT_EQ(done.outcome(), call.outcome());
  });
  EXPECT_TRUE(ran);
}

BEHAVIOUR(DoneCallbacks, RunInTheirOrderEachAsOftenAsItWasAdded, "B243") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  std::string order;
  const auto note = [&](char letter) {
    return [&order, letter](const Call&) { order.push_back(letter); };
  };
  const auto twice = note('b');
  call.add_done_callback(note('a'));
  call.add_done_callback(twice);
  call.add_done_callback(note('c'));
  call.add_done_callback(twice);
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(order, "abcb");
  EXPECT_FALSE(call.cancel());
  EXPECT_EQ(order, "abcb");
}

// Decided: the outcome and what follows from it are one step, so whoever cancelled finds everything
// done.
BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, RunInsideTheCancelThatEndsTheCall, "B244") {
  auto call = open(setting.channel(), method, silent_request());
  int runs = 0;
  call.add_done_callback([&](const Call& done) {
    ++runs;
    EXPECT_TRUE(done.cancelled());
  });
  const auto cancel = setting.anytime("call1.cancel", [&] {
    EXPECT_EQ(runs, 0);
    EXPECT_TRUE(call.cancel());
    EXPECT_EQ(runs, 1);
  });
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), IsLocalCancel());
  EXPECT_EQ(runs, 1);
}

BEHAVIOUR(DoneCallbacks, MayAddOthersAndMayCancelInVain, "B245") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  std::string order;
  call.add_done_callback([&](const Call& done) {
    order += "begin ";
    EXPECT_FALSE(done.cancel());
    done.add_done_callback([&](const Call&) { order += "added "; });
    order += "end ";
  });
  call.add_done_callback([&](const Call&) { order += "next"; });
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_EQ(order, "begin added end next");
}

// Nothing takes a callback back, not even the end of the handle that it was added through.
BEHAVIOUR(DoneCallbacks, OnceAddedRunForSure, "B246") {
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  bool ran = false;
  std::optional copy(call);
  copy->add_done_callback([&](const Call&) { ran = true; });
  copy.reset();
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_TRUE(ran);
}

BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, ThatThrowAreReportedAndChangeNothing, "B247 R2-22") {
  ReportingChannel reporting(setting);
  auto call = open(reporting.channel, method, request("x"));
  std::string order;
  call.add_done_callback([&](const Call&) {
    order += "first ";
    throw std::runtime_error("the bell is cracked");
  });
  call.add_done_callback([&](const Call&) { order += "second "; });
  call.add_done_callback([&](const Call&) {
    order += "third";
    throw 5;
  });
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  auto again = end_of(call);
  EXPECT_EQ(co_await std::move(again), absl::OkStatus());
  EXPECT_EQ(order, "first second third");
  EXPECT_THAT(reporting.reported, ElementsAre("the bell is cracked", "not an exception"));
}

BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, ThatThrowDoNotKeepACancelFromTheServer, "B248 R2-21") {
  ReportingChannel reporting(setting);
  const std::string name = setting.new_name();
  auto call =
      open(reporting.channel, method, silent_request(), headers_at_once().metadata("watch", name));
  bool later_one_ran = false;
  call.add_done_callback([](const Call&) { throw std::runtime_error("the bell is cracked"); });
  call.add_done_callback([&](const Call&) { later_one_ran = true; });
  (void)co_await call.initial_metadata();
  EXPECT_TRUE(call.cancel());
  EXPECT_TRUE(later_one_ran);
  EXPECT_THAT(reporting.reported, ElementsAre("the bell is cracked"));
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
  EXPECT_THAT(co_await call.status(), IsLocalCancel());
}

// Decided: wherever a callback runs, what it throws goes to the channel's handler. Who adds one
// cannot know whether it runs now.
BEHAVIOUR(DoneCallbacks, AddedTooLateDoNotThrowToWhoeverAddsThem, "B249") {
  ReportingChannel reporting(setting);
  auto call = reporting.channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ(co_await call.code(), StatusCode::kOk);
  EXPECT_NO_THROW(
      call.add_done_callback([](const Call&) { throw std::runtime_error("the bell is cracked"); }));
  EXPECT_THAT(reporting.reported, ElementsAre("the bell is cracked"));
  EXPECT_EQ((co_await call)->payload(), "x");
}

BEHAVIOUR_OF_EACH_KIND(DoneCallbacks, HoldNoCall, "B250 B282 R1-10 R2-23") {
  const std::string name = setting.new_name();
  std::optional call(
      open(setting.channel(), method, silent_request(), headers_at_once().metadata("watch", name)));
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> owned_by_callback = owned;
  std::string details;
  call->add_done_callback([&details, owned = std::move(owned)](const Call& done) {
    details = done.outcome()->details;
  });
  (void)co_await call->initial_metadata();
  EXPECT_EQ(details, "");
  call.reset();
  EXPECT_EQ(details, dropped_details);
  EXPECT_TRUE(owned_by_callback.expired());
  EXPECT_EQ(co_await end_seen_by_server(setting, name), "cancelled");
}

// The server, the deadline and the application end it, and a write fails: one of them is first.
BEHAVIOUR(DoneCallbacks, RunOnceWhoeverEndsTheCall, "B251 R1-44 R2-03 R2-04") {
  auto call = setting.channel().stream_stream(stream_stream,
                                              CallOptions().timeout(absl::Milliseconds(100)));
  int runs = 0;
  std::string outcome;
  call.add_done_callback([&](const Call& done) {
    ++runs;
    outcome = done.to_string();
  });
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const EchoRequest last = failing_request(StatusCode::kNotFound, "gone");
  (void)co_await call.write(last);
  const EchoRequest large = request_beyond_any_window(setting);
  (void)co_await call.write(large);
  const absl::Status end = co_await call.status();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(call.to_string(), outcome);
  setting.sometimes("the server ended it", end.code() == StatusCode::kNotFound);
  setting.sometimes("the deadline ended it", end.code() == StatusCode::kDeadlineExceeded);
  setting.sometimes("the cancel ended it", end.code() == StatusCode::kCancelled);
}

}  // namespace
}  // namespace weft::test
