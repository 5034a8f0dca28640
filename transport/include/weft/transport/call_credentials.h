#pragma once

#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "weft/transport/metadata.h"

namespace weft {

// Credentials of a single call or of every call of a channel: metadata made freshly for each call,
// such as a bearer token.
class CallCredentials {
 public:
  virtual ~CallCredentials() = default;

  // What the credentials may depend on. Valid during fetch() only.
  class Request {
   public:
    Request(std::string_view url, std::string_view name) : service_url(url), method_name(name) {}
    std::string_view service_url;  // "https://host/package.Service"
    std::string_view method_name;  // "Method"
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<Metadata>) &&>;

  // Calls `done` once with the metadata to add, or with the reason why there is none, which becomes
  // the call's status as UNAVAILABLE; an exception that leaves fetch() before is such a reason. It
  // may do so at once or later, on any thread. Never calling it stalls the call until its deadline
  // or a cancel (B486).
  // Threads: called on a thread of the transport's, concurrently for concurrent calls; must not
  // block it for long.
  virtual void fetch(const Request& request, Done done) = 0;

  // For debug strings. Must not contain secrets.
  virtual std::string debug_string() const { return "call credentials"; }
};

}  // namespace weft
