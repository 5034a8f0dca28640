#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/transport/detail/text.h"
#include "weft/transport/wait_observer.h"
#include "weft/transport_sim/trace.h"

namespace weft::sim {

// The coroutines that wait, in the order in which they began to.
class WaitList final : public WaitObserver {
 public:
  void waits(const void* coroutine, std::string_view awaitable, std::string subject,
             const std::source_location& where) override {
    waits_no_more(coroutine);
    SuspendedCoroutine suspended;
    suspended.awaitable = std::string(awaitable);
    suspended.subject = std::move(subject);
    const std::string_view path = where.file_name();
    suspended.location = weft::detail::text(path.substr(path.rfind('/') + 1), ":", where.line());
    waiting_.emplace_back(coroutine, std::move(suspended));
  }
  void waits_no_more(const void* coroutine) noexcept override {
    std::erase_if(waiting_, [coroutine](const auto& entry) { return entry.first == coroutine; });
  }

  std::vector<SuspendedCoroutine> all() const {
    std::vector<SuspendedCoroutine> found;
    for (const auto& [coroutine, suspended] : waiting_) found.push_back(suspended);
    return found;
  }

 private:
  std::vector<std::pair<const void*, SuspendedCoroutine>> waiting_;
};

}  // namespace weft::sim
