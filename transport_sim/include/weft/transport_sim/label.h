#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::sim {

// FNV-1a, so that hashes are the same with every compiler.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

// Folds `value` into `seed`.
constexpr std::uint64_t mix_hash(std::uint64_t seed, std::uint64_t value) {
  std::uint64_t x = (seed ^ value) * 0x9e3779b97f4a7c15u;
  return x ^ (x >> 29);
}

// The name of something that may happen next, such as "call1.message#2": an actor ("call1"), what
// happens to it ("message"), and which one of those it is ("#2"; the first has none). Made of
// numbers that come from the program's own order of doing things, never of addresses, so it is the
// same in every run and every build. A label refers to its names; it owns nothing.
class Label {
 public:
  // A name with its hash, meant to be a constant.
  class Name {
   public:
    constexpr explicit Name(std::string_view text_of_name)
        : text(text_of_name), hash(stable_hash(text_of_name)) {}
    std::string_view text;
    std::uint64_t hash;
  };

  Label() = default;
  // "call" 2, "message", 3: "call2.message#3". An actor number of 0 is not shown.
  Label(const Name& actor_kind, std::uint32_t number_of_actor, const Name& what_happens,
        std::uint32_t ordinal_number = 1)
      : actor(&actor_kind),
        what(&what_happens),
        actor_number(number_of_actor),
        ordinal(ordinal_number) {}
  // A name of the user's, as it is.
  explicit Label(const Name& name, std::uint32_t ordinal_number = 1)
      : what(&name), ordinal(ordinal_number) {}

  std::uint64_t hash() const {
    const std::uint64_t who = actor == nullptr ? 0 : mix_hash(actor->hash, actor_number);
    return mix_hash(mix_hash(who, what->hash), ordinal);
  }

  const Name* actor = nullptr;
  const Name* what = nullptr;
  std::uint32_t actor_number = 0;
  std::uint32_t ordinal = 1;
};

std::string to_string(const Label& label);
// The actor's part: "call2". What comes before the first '.' in a name of the user's, else "body".
std::string actor_of(const Label& label);

}  // namespace weft::sim
