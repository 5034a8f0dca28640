#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::conformance {

// Where the calls of one peer leave notes for each other: the steps `tell` and `await`. A note is
// taken by whoever awaits it. Threads: any; what waits is called without a lock.
class PeerBoard {
 public:
  using Then = std::function<void()>;

  void tell(std::string_view note);
  // Calls `then` once the note is there, at once if it is.
  void await(std::string_view note, Then then);

 private:
  std::mutex mutex_;
  std::multiset<std::string, std::less<>> notes_;
  std::vector<std::pair<std::string, Then>> waiting_;
};

}  // namespace weft::conformance
