#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "weft/adapters/detail/foreign_run.h"
#include "weft/adapters/detail/work.h"
#include "weft/api/block_on.h"

namespace weft::detail {

// A run of some work for some receiver.
template <class Work, class Receiver>
class RunOf final : public ForeignRun {
 public:
  RunOf(std::shared_ptr<PortState> port, Work work, Receiver receiver)
      : ForeignRun(std::move(port)), work_(std::move(work)), receiver_(std::move(receiver)) {}

 private:
  using Made = MadeFrom<Work>;
  using Result = ResultOf<Work>;
  using Kept = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
  using Stopping = StoppingOf<Made>;

  void begin() noexcept override {
    try {
      make();
    } catch (...) {
      error_ = std::current_exception();
    }
    if (!root_) return work_is_done();
    root_.start(&RunOf::coroutine_is_done, this, &cancellation());
  }

  void make() {
    if constexpr (Awaitable<Made>) {
      Made made = make_from(*work_);
      call_ = call_of(made);
      root_ = run_into<Kept>(std::move(made), result_);
    } else if constexpr (std::is_void_v<Result>) {
      make_from(*work_);
      result_.emplace();
    } else {
      result_.emplace(make_from(*work_));
    }
  }

  static std::coroutine_handle<> coroutine_is_done(void* context) noexcept {
    auto& self = *static_cast<RunOf*>(context);
    self.error_ = self.root_.take_error();
    self.work_is_done();
    return std::noop_coroutine();
  }

  bool interrupt(Stop how, const std::string& reason) noexcept override {
    const bool leave = Stopping::can_be_left &&
                       (how.leaves || (how.leaves_unchanged && !Stopping::begins_something));
    if (!leave && !how.ends) return false;
    if (!leave && call_ && !Stopping::watches) {
      call_->cancel(reason);  // what waits for it comes back with the truth
      return false;
    }
    if (!leave) cancellation().request(reason);
    tear_down();
    return true;
  }

  void tear_down() noexcept override { root_ = RootCoroutine(); }

  void deliver() noexcept override {
    Receiver receiver = let_go();
    std::optional<Kept> result = std::exchange(result_, std::nullopt);
    if (error_) {
      receiver.set_error(std::exchange(error_, nullptr));
    } else if constexpr (std::is_void_v<Result>) {
      receiver.set_value();
    } else {
      receiver.set_value(*std::move(result));
    }
  }
  void deliver_stopped(std::string_view reason) noexcept override {
    Receiver receiver = let_go();
    receiver.set_stopped(reason);
  }

  // Handles of the run may live on, on other threads; what the user gave must not.
  Receiver let_go() {
    Receiver receiver = *std::move(receiver_);
    receiver_.reset();
    root_ = RootCoroutine();
    cancellation().lose_followers();
    call_ = CallReference();
    work_.reset();
    return receiver;
  }

  std::optional<Work> work_;  // a coroutine of the user's may be a lambda, which must outlive it
  std::optional<Receiver> receiver_;
  CallReference call_;
  std::optional<Kept> result_;
  std::exception_ptr error_;
  RootCoroutine root_;
};

}  // namespace weft::detail
