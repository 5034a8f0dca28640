#pragma once

#include <string>
#include <string_view>

namespace weft::sim {

enum class FailureKind {
  assertion,       // of the test framework
  check,           // World::fail
  exception,       // left the body
  hang,            // nothing can happen, and the body is not finished
  endless,         // more steps, or more work in one step, than the bounds allow
  leak,            // something is left when all is over
  rule_violation,  // a transport rule, by its number
  invariant,       // World::invariant
  real_world,      // the body read the real clock or real randomness
  nondeterminism,  // two runs of one schedule differ
  divergence,      // a token does not fit the program any more
};
std::string_view to_string(FailureKind kind);

// What went wrong in one execution.
class Failure {
 public:
  Failure(FailureKind what_kind, std::string message) : kind(what_kind), text(std::move(message)) {}

  // Two failures of one kind at one place are the same failure, for shrinking.
  bool same_as(const Failure& other) const { return kind == other.kind && site() == other.site(); }
  // The first line of the text: where, or what.
  std::string_view site() const { return std::string_view(text).substr(0, text.find('\n')); }

  FailureKind kind;
  std::string text;
};

}  // namespace weft::sim
