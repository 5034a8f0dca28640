#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "weft/api/call.h"

namespace weft {

namespace detail {

class StopBinding {
 public:
  StopBinding(CallReference call, std::string reason)
      : call_(std::move(call)), reason_(std::move(reason)) {}

  void listen(const std::stop_token& token) { callback_.emplace(token, Cancel(*this)); }
  void forget() { callback_.reset(); }

 private:
  class Cancel {
   public:
    explicit Cancel(StopBinding& binding) : binding_(&binding) {}
    // The call's end forgets the binding, perhaps before this returns.
    void operator()() const {
      const CallReference call = binding_->call_;
      const std::string reason = binding_->reason_;
      call->cancel(reason);
    }

   private:
    StopBinding* binding_;
  };

  CallReference call_;
  std::string reason_;
  std::optional<std::stop_callback<Cancel>> callback_;
};

}  // namespace detail

// Cancels `call` when `token` is asked to stop: from then on it is as if cancel(reason) had been
// called on the thread that asked, once, so that a call that is done stays as it ended (B183).
//
//   std::stop_source user;
//   auto call = channel.unary_unary(get, key);
//   weft::cancel_on_stop(call, user.get_token(), "the user left");
//   ...
//   user.request_stop();   // any thread
//
// A stop that was requested before cancels here and now, and nothing of the call is sent.
// Lifetime: the token's registration ends with the call, or with the call's last handle, which
// cancels it; neither keeps the other alive. A stop that is being requested while the call ends is
// waited for, which takes no time: it only hands over.
// Threads: the loop's thread; stops come from any.
inline void cancel_on_stop(const Call& call, const std::stop_token& token,
                           std::string reason = "") {
  if (call.done() || !token.stop_possible()) return;
  if (token.stop_requested()) {
    call.cancel(reason);
    return;
  }
  auto binding = std::make_shared<detail::StopBinding>(call.status().call(), std::move(reason));
  call.add_done_callback([binding](const Call&) { binding->forget(); });
  binding->listen(token);
  // Asked in between: the end found nothing to forget yet.
  if (call.done()) binding->forget();
}

}  // namespace weft
