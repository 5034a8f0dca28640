#pragma once

#include <string>
#include <vector>

#include "setting.h"

namespace weft::test {

// The messages that a stream had left, and how it ended.
class Rest {
 public:
  std::vector<std::string> payloads;
  std::vector<int> indices;
  absl::Status status;
};

// True for a message, which is kept.
template <class Result>
bool keep(const Result& next, Rest& rest) {
  rest.status = next.status();
  if (!next) return false;
  rest.payloads.push_back(next->payload());
  rest.indices.push_back(next->index());
  return true;
}

template <class TypedCall>
Task<Rest> iterate(TypedCall call) {
  Rest rest;
  auto responses = call.responses();
  while (keep(co_await responses.next(), rest)) {
  }
  co_return rest;
}

template <class TypedCall>
Task<Rest> read_all(TypedCall call) {
  Rest rest;
  while (keep(co_await call.read(), rest)) {
  }
  co_return rest;
}

}  // namespace weft::test
