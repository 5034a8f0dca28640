#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "weft/api/when_all.h"

namespace weft {

namespace detail {

// Resumes one coroutine when the first of some is done, and knows which that was.
class First final : public Countdown {
 public:
  First() : Countdown(1) {}

  // One of the coroutines.
  class Branch {
   public:
    Branch(First& first, std::size_t index) : first_(&first), index_(index) {}
    // A RootCoroutine::Done.
    static std::coroutine_handle<> done(void* context) noexcept {
      const auto& self = *static_cast<const Branch*>(context);
      if (!self.first_->reached()) self.first_->index_ = self.index_;
      return count(static_cast<Countdown*>(self.first_));
    }

   private:
    First* first_;
    std::size_t index_;
  };

  std::size_t index() const { return index_; }

 private:
  std::size_t index_ = 0;
};

template <class... Awaited, std::size_t... index>
Task<std::variant<ValueOf<Awaited>...>> when_any_of(std::index_sequence<index...>,
                                                    Awaited... awaited) {
  std::tuple<std::optional<ValueOf<Awaited>>...> results;
  First first;
  Cancellation* cancellation = co_await CurrentCancellation();
  std::vector<RootCoroutine> coroutines;
  coroutines.reserve(sizeof...(Awaited));
  (coroutines.push_back(run_into<ValueOf<Awaited>>(std::move(awaited), std::get<index>(results))),
   ...);
  std::array branches{First::Branch(first, index)...};
  for (std::size_t i = 0; i < coroutines.size() && !first.reached(); ++i) {
    coroutines[i].start(&First::Branch::done, &branches[i], cancellation);
  }
  co_await first;
  if (std::exception_ptr error = coroutines[first.index()].take_error()) {
    std::rethrow_exception(error);
  }
  std::optional<std::variant<ValueOf<Awaited>...>> winner;
  (void)((index == first.index() &&
          (winner.emplace(std::in_place_index<index>, *std::move(std::get<index>(results))),
           true)) ||
         ...);
  co_return *std::move(winner);
}

}  // namespace detail

// Awaits the first of them, started in order; the variant's index tells which, and holds its
// result, void as std::monostate. The others are destroyed where they wait: nothing that they
// waited for is lost or ended by it, unless they owned it (T39, B197), so
//
//   auto first = co_await weft::when_any(call.read(), weft::sleep_for(loop, absl::Seconds(1)));
//
// is a read with a timeout that leaves the call alive and the message for the next read. When one
// is done at once, those after it are not started. An exception of the first is rethrown.
//
// Since the others are destroyed, none of them may be running: one that is resumed by the loop must
// not resume another on its own stack, as an event of yours might. Weft's awaitables never do; an
// event that resumes its waiters through EventLoop::defer or post is safe.
template <class... Awaited>
  requires(detail::Awaitable<Awaited> && ...)
auto when_any(Awaited... awaited) {
  return detail::when_any_of(std::index_sequence_for<Awaited...>(), std::move(awaited)...);
}

}  // namespace weft
