// Retrying with an interceptor: what has to hold for one, shown with the simplest that is of use.

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "behaviour.h"
#include "weft/api/interceptor.h"
#include "weft/api/sleep.h"

namespace weft::test {
namespace {

// Tries a call that fails with UNAVAILABLE again, after a pause that doubles or that the server
// asks for, within its deadline.
class Retry final : public Interceptor {
 public:
  explicit Retry(int attempts_max, std::optional<absl::Duration> per_attempt = std::nullopt)
      : attempts_max_(attempts_max), per_attempt_(per_attempt) {}

  Task<CallStatus> intercept(InterceptedCall& call) override {
    call.keep_requests();
    const Deadline overall = call.options().deadline;
    absl::Duration pause = absl::Milliseconds(1);
    for (int attempt = 1;; ++attempt) {
      if (per_attempt_) {
        call.options().deadline =
            earlier_of(overall, Deadline::after(call.loop().now(), *per_attempt_));
      }
      CallStatus status = co_await call.proceed();
      const bool may = call.can_proceed() && attempt < attempts_max_ && is_passing(status);
      const std::optional<int> wanted = push_back_ms(status);
      if (!may || (wanted && *wanted < 0)) co_return status;
      // The back-off itself, as every retry has one; nothing waits for it to have happened.
      co_await sleep_for(call.loop(), wanted ? absl::Milliseconds(*wanted) : pause);
      pause *= 2;
    }
  }

 private:
  bool is_passing(const CallStatus& status) const {
    return status.code == StatusCode::kUnavailable ||
           (per_attempt_ && status.code == StatusCode::kDeadlineExceeded);
  }
  static std::optional<int> push_back_ms(const CallStatus& status) {
    const auto text = status.trailing_metadata.get("grpc-retry-pushback-ms");
    if (!text) return std::nullopt;
    int milliseconds = -1;
    std::from_chars(text->data(), text->data() + text->size(), milliseconds);
    return milliseconds;
  }

  int attempts_max_;
  std::optional<absl::Duration> per_attempt_;
};

// Stands for a server that fails at first: the attempts of a call end so, then it goes through.
class Flaky final : public Interceptor {
 public:
  explicit Flaky(std::vector<CallStatus> ends) : ends_(std::move(ends)) {}
  int attempts() const { return attempts_; }

  Task<CallStatus> intercept(InterceptedCall& call) override {
    const std::size_t number = attempts_++;
    if (number < ends_.size()) co_return ends_[number];
    co_return co_await call.proceed();
  }

 private:
  std::vector<CallStatus> ends_;
  int attempts_ = 0;
};

const CallStatus unavailable(StatusCode::kUnavailable, "not now");

CallStatus pushed_back(std::string milliseconds) {
  CallStatus status = unavailable;
  status.trailing_metadata.add("grpc-retry-pushback-ms", std::move(milliseconds));
  return status;
}

Channel retrying(Setting& setting, std::shared_ptr<Interceptor> retry,
                 std::shared_ptr<Interceptor> behind) {
  return Channel(setting.transport(), setting.loop(),
                 ChannelOptions().interceptors({std::move(retry), std::move(behind)}));
}

BEHAVIOUR(Retries, EndWithTheFirstSuccess, "B435") {
  const auto flaky = std::make_shared<Flaky>(std::vector<CallStatus>{unavailable, unavailable});
  Channel channel = retrying(setting, std::make_shared<Retry>(3), flaky);
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call)->payload(), "x");
  EXPECT_EQ(flaky->attempts(), 3);
}

BEHAVIOUR(Retries, StopAtTheirLimit, "B435") {
  const auto flaky = std::make_shared<Flaky>(std::vector<CallStatus>(5, unavailable));
  Channel channel = retrying(setting, std::make_shared<Retry>(3), flaky);
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call).status(), absl::UnavailableError("not now"));
  EXPECT_EQ(flaky->attempts(), 3);
}

BEHAVIOUR(Retries, LeaveOtherErrorsAlone, "B435") {
  Channel channel = retrying(setting, std::make_shared<Retry>(3),
                             std::make_shared<Flaky>(std::vector<CallStatus>()));
  auto call = channel.unary_unary(unary_unary, failing_request(StatusCode::kNotFound, "no"));
  EXPECT_EQ((co_await call).status(), absl::NotFoundError("no"));
}

BEHAVIOUR(Retries, ObeyTheServersPushBack, "B435") {
  const auto flaky =
      std::make_shared<Flaky>(std::vector<CallStatus>{pushed_back("2"), pushed_back("-1")});
  Channel channel = retrying(setting, std::make_shared<Retry>(5), flaky);
  auto call = channel.unary_unary(unary_unary, request("x"));
  EXPECT_EQ((co_await call).status(), absl::UnavailableError("not now"));
  EXPECT_EQ(flaky->attempts(), 2);
}

BEHAVIOUR(Retries, OfAStreamSendItsRequestsAgain, "B435",
          ::weft::sim::ExploreOptions().deviations(3)) {  // many messages
  const auto flaky = std::make_shared<Flaky>(std::vector<CallStatus>{unavailable});
  Channel channel = retrying(setting, std::make_shared<Retry>(2), flaky);
  auto call = channel.stream_stream(stream_stream);
  for (const char* text : {"a", "b"}) {
    EXPECT_EQ(co_await call.write(request(text)), absl::OkStatus());
    const auto response = co_await call.read();
    EXPECT_TRUE(response && response->payload() == text);
  }
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
  EXPECT_TRUE((co_await call.read()).is_end());
  EXPECT_EQ(flaky->attempts(), 2);
}

BEHAVIOUR(Retries, StopAtTheFirstResponseThatTheCallerSaw, "B435") {
  Channel channel = retrying(setting, std::make_shared<Retry>(3),
                             std::make_shared<Flaky>(std::vector<CallStatus>()));
  auto call =
      channel.unary_stream(unary_stream, failing_request(StatusCode::kUnavailable, "gone", 1));
  EXPECT_TRUE(static_cast<bool>(co_await call.read()));
  EXPECT_EQ((co_await call.read()).status(), absl::UnavailableError("gone"));
}

BEHAVIOUR(Retries, StopWhenTheRequestsGrowTooLarge, "B435",
          ::weft::sim::ExploreOptions().deviations(2)) {  // large messages in a small window
  bool could = true;
  const auto keep_little = make_interceptor([&](InterceptedCall& call) -> Task<CallStatus> {
    call.keep_requests(1000);
    CallStatus status = co_await call.proceed();
    could = call.can_proceed();
    co_return status;
  });
  Channel channel(setting.transport(), setting.loop(),
                  ChannelOptions().interceptors({keep_little}));
  auto call = channel.stream_unary(stream_unary);
  EXPECT_EQ(co_await call.write(request(std::string(2000, 'x'))), absl::OkStatus());
  EXPECT_EQ(co_await call.write(failing_request(StatusCode::kUnavailable, "gone")),
            absl::OkStatus());
  EXPECT_EQ((co_await call).status(), absl::UnavailableError("gone"));
  EXPECT_FALSE(could);
}

BEHAVIOUR(Retries, EndWithACancelAtAnyTime, "B435 B440") {
  const auto flaky = std::make_shared<Flaky>(std::vector<CallStatus>{unavailable, unavailable});
  Channel channel = retrying(setting, std::make_shared<Retry>(3), flaky);
  auto call = channel.unary_unary(unary_unary, request("x"));
  const auto cancel = setting.anytime("call1.cancel", [&] { call.cancel(); });
  const absl::StatusOr<EchoResponse>& response = co_await call;
  EXPECT_TRUE(response.ok() ||
              response.status() == absl::CancelledError(std::string(local_cancel_details)));
  setting.sometimes("cancelled in a pause", !response.ok() && flaky->attempts() < 3);
  setting.sometimes("cancelled in an attempt", !response.ok() && flaky->attempts() == 3);
  setting.sometimes("through", response.ok());
}

BEHAVIOUR(Retries, ShareTheCallersDeadline, "B233 B435") {
  const auto flaky = std::make_shared<Flaky>(std::vector<CallStatus>(1000, unavailable));
  Channel channel = retrying(setting, std::make_shared<Retry>(1000), flaky);
  auto call =
      channel.unary_unary(unary_unary, request("x"), CallOptions().timeout(absl::Milliseconds(40)));
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_LT(flaky->attempts(), 10);  // pauses of 1, 2, 4, ... ms
}

BEHAVIOUR(Retries, MayGiveEachAttemptADeadlineOfItsOwn, "B232 B435",
          ::weft::sim::ExploreOptions().deviations(3)) {  // three attempts and their deadlines
  Channel channel = retrying(setting, std::make_shared<Retry>(3, absl::Milliseconds(20)),
                             std::make_shared<Flaky>(std::vector<CallStatus>{unavailable}));
  auto call = channel.unary_unary(unary_unary, silent_request());
  EXPECT_THAT((co_await call).status(), HasCode(StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace weft::test
