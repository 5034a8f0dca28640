#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "setting.h"
#include "weft/api/task.h"
#include "weft/transport/detail/text.h"

namespace weft::test {

class ProxiedSetting;

// One run of a scenario: where it plays, and what its client sees, in the order in which it sees
// it. The same for both worlds; what may happen by itself in one can be told from what may happen
// in the other by nothing but the sets of outcomes.
class Run {
 public:
  // `real` is the setting, over real gRPC; null in the simulator.
  Run(Setting& setting, ProxiedSetting* real) : setting_(setting), real_(real) {}

  Setting& setting() { return setting_; }
  EventLoop& loop() { return setting_.loop(); }
  Channel& channel() { return setting_.channel(); }

  // Awaits that any time has passed, none included.
  Task<> pause();
  // As Setting::anytime.
  std::unique_ptr<Floating> anytime(std::string_view label, absl::AnyInvocable<void() &&> action) {
    return setting_.anytime(label, std::move(action));
  }
  // Any of the numbers below `alternatives`.
  std::size_t choose(std::size_t alternatives, std::string_view what);
  // Connections may fail to be made, or be lost, at any time, once. Before the first is made.
  void may_lose_connection();

  // Adds a word to the outcome.
  template <class... Parts>
  void saw(const Parts&... parts) {
    add(*outcome_, weft::detail::text(parts...));
  }
  const std::string& outcome() const { return *outcome_; }

  // Adds "<name>.done:<status>" when the call is done.
  template <class AnyCall>
  void watch(const AnyCall& call, std::string name = "") {
    call.add_done_callback([outcome = outcome_, name = std::move(name)](const Call& ended) {
      add(*outcome, name + "done:" + text_of(*ended.outcome()));
    });
  }

 private:
  static void add(std::string& outcome, std::string_view word);
  static std::string text_of(const CallStatus& status);

  Setting& setting_;
  ProxiedSetting* real_;
  // Callbacks may outlive the run.
  std::shared_ptr<std::string> outcome_ = std::make_shared<std::string>();
};

}  // namespace weft::test
