#pragma once

#include <gmock/gmock.h>

#include <string>

#include "weft/api/usage_error.h"
#include "weft/transport/call_status.h"

namespace weft::test {

// What operations and accessors of a call may give.

MATCHER_P2(IsError, code, text, "") {
  return arg.code() == code && std::string(arg.message()) == text;
}
MATCHER_P(IsUsageError, text, "") {
  return is_usage_error(arg) && std::string(arg.message()) == text;
}

// The outcome of cancel() without a reason.
inline auto IsLocalCancel() {
  return IsError(StatusCode::kCancelled, std::string(local_cancel_details));
}

}  // namespace weft::test
