// What docs/senders.md shows: a call as a sender, for a library with connect, start and receivers.

#include <concepts>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "each_kind.h"
#include "told_once.h"
#include "weft/adapters/loop_port.h"

namespace weft::test {
namespace {

// [operation]
// One run of some work for a receiver. It stays where it is from start() to its end.
template <class Work, class Receiver>
class WeftOperation {
 public:
  WeftOperation(weft::LoopPort& port, Work work, Receiver receiver)
      : port_(port), work_(std::move(work)), receiver_(std::move(receiver)) {}
  WeftOperation(const WeftOperation&) = delete;
  WeftOperation& operator=(const WeftOperation&) = delete;

  // From begin() on the receiver may be told, and destroy this, on the loop's thread.
  void start() noexcept {
    const weft::Running running = weft::prepare(port_, std::move(work_), Inner(*this));
    stop_callback_.emplace(receiver_.stop_token(), Stop(running));
    running.begin();
  }

 private:
  // A stop is a cancel of the run, which then says itself how it ended.
  class Stop {
   public:
    explicit Stop(weft::Running running) : running_(std::move(running)) {}
    void operator()() const { running_.cancel("stopped"); }

   private:
    weft::Running running_;
  };

  // The receiver may destroy the operation: nothing of it is touched any more.
  class Inner {
   public:
    explicit Inner(WeftOperation& operation) : operation_(&operation) {}
    template <class... Value>
    void set_value(Value&&... value) noexcept {
      over().set_value(std::forward<Value>(value)...);
    }
    void set_error(std::exception_ptr error) noexcept { over().set_error(std::move(error)); }
    void set_stopped(std::string_view) noexcept { over().set_stopped(); }

   private:
    Receiver over() noexcept {
      operation_->stop_callback_.reset();
      return std::move(operation_->receiver_);
    }
    WeftOperation* operation_;
  };

  weft::LoopPort& port_;
  Work work_;
  Receiver receiver_;
  std::optional<std::stop_callback<Stop>> stop_callback_;
};
// [/operation]

// [sender]
template <class Work>
class WeftSender {
 public:
  WeftSender(weft::LoopPort& port, Work work) : port_(&port), work_(std::move(work)) {}

  template <class Receiver>
  WeftOperation<Work, Receiver> connect(Receiver receiver) && {
    return WeftOperation<Work, Receiver>(*port_, std::move(work_), std::move(receiver));
  }

 private:
  weft::LoopPort* port_;
  Work work_;
};
// [/sender]

using Response = absl::StatusOr<EchoResponse>;

// How an operation ended, of a library's three ways.
class Ending {
 public:
  enum class Way { value, error, stopped };
  explicit Ending(Way its_way) : way(its_way) {}
  explicit Ending(Response its_response) : way(Way::value), response(std::move(its_response)) {}
  Way way;
  Response response;
};

class TellingReceiver {
 public:
  TellingReceiver(ToldOnce<Ending>& told, std::stop_token token)
      : told_(&told), token_(std::move(token)) {}
  void set_value(Response response) noexcept { told_->teller()(Ending(std::move(response))); }
  void set_value(int) noexcept { told_->teller()(Ending(Ending::Way::value)); }
  void set_error(std::exception_ptr) noexcept { told_->teller()(Ending(Ending::Way::error)); }
  void set_stopped() noexcept { told_->teller()(Ending(Ending::Way::stopped)); }
  std::stop_token stop_token() const noexcept { return token_; }

 private:
  ToldOnce<Ending>* told_;
  std::stop_token token_;
};

BEHAVIOUR(Sender, OfACallGivesHowItEndedAndAStopOnlyCancelsIt, "B183") {
  LoopPort port(setting.loop());
  ToldOnce<Ending> told(setting.loop());
  std::stop_source user;
  auto call = setting.channel().unary_unary(unary_unary, request("x"));
  auto operation = WeftSender(port, call).connect(TellingReceiver(told, user.get_token()));
  operation.start();
  const auto stop = setting.anytime("user.stop", [&] { user.request_stop(); });
  setting.expect_schedules(20);
  co_await told.known();
  EXPECT_EQ(told->way, Ending::Way::value);
  EXPECT_EQ(told->response.ok(), !call.cancelled()) << told->response.status();
  setting.sometimes("the stop was first", call.cancelled());
  setting.sometimes("the response was first", !call.cancelled());
}

Task<int> give_up_on(UnaryUnaryCall<EchoRequest, EchoResponse> call) {
  const Response response = co_await call;
  if (!response.ok()) throw RpcError(*call.outcome(), Metadata());
  co_return 1;
}

BEHAVIOUR(Sender, OfATaskIsStoppedByAStop, "B191") {
  LoopPort port(setting.loop());
  ToldOnce<Ending> told(setting.loop());
  std::stop_source user;
  auto call = setting.channel().unary_unary(unary_unary, silent_request());
  auto operation =
      WeftSender(port, give_up_on(call)).connect(TellingReceiver(told, user.get_token()));
  operation.start();
  const auto stop = setting.anytime("user.stop", [&] { user.request_stop(); });
  co_await told.known();
  EXPECT_EQ(told->way, Ending::Way::stopped);
  EXPECT_EQ(co_await call.code(), StatusCode::kCancelled);
}

BEHAVIOUR(Sender, OfATaskThatThrowsGivesTheError, "") {
  LoopPort port(setting.loop());
  ToldOnce<Ending> told(setting.loop());
  auto call =
      setting.channel().unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "gone"));
  auto operation =
      WeftSender(port, give_up_on(call)).connect(TellingReceiver(told, std::stop_token()));
  operation.start();
  co_await told.known();
  EXPECT_EQ(told->way, Ending::Way::error);
}

}  // namespace
}  // namespace weft::test
