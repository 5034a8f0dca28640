#pragma once

#include <gmock/gmock.h>

#include <ostream>

#include "weft/api/read_result.h"

namespace weft {

// For GoogleTest.
template <class Message>
void PrintTo(const ReadResult<Message>& result, std::ostream* out) {
  if (result) {
    *out << "message " << result->ShortDebugString();
  } else {
    *out << (result.is_end() ? "the end" : result.status().ToString());
  }
}

}  // namespace weft

namespace weft::test {

// What a read may give.

MATCHER_P(IsMessage, index, "") {
  return arg && arg->index() == index;
}
MATCHER(IsEnd, "") {
  return arg.is_end();
}
MATCHER_P(IsFailure, how, "") {
  return arg.is_failed() && testing::ExplainMatchResult(how, arg.status(), result_listener);
}

}  // namespace weft::test
