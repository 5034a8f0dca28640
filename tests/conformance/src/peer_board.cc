#include "weft/conformance/peer_board.h"

#include <algorithm>

namespace weft::conformance {

void PeerBoard::tell(std::string_view note) {
  Then then;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const auto& each) { return each.first == note; });
    if (found == waiting_.end()) {
      notes_.emplace(note);
      return;
    }
    then = std::move(found->second);
    waiting_.erase(found);
  }
  then();
}

void PeerBoard::await(std::string_view note, Then then) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = notes_.find(note);
    if (found == notes_.end()) {
      waiting_.emplace_back(std::string(note), std::move(then));
      return;
    }
    notes_.erase(found);
  }
  then();
}

}  // namespace weft::conformance
