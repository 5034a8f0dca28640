#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "weft/api/method_descriptor.h"
#include "weft/transport_sim/body.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// What a user does with calls, to be explored with mutants of the library in place: ordinary code
// with few checks of its own. `faults` of those that make sense for it may strike in an execution.
class MutantBody {
 public:
  using Play = sim::Body (*)(sim::World& world, std::size_t faults);
  std::string_view name;
  Play play;
};

std::span<const MutantBody> mutant_bodies();

inline constexpr UnaryUnaryMethod<std::string, std::string> ask("/mutants.Desk/Ask");
inline constexpr UnaryStreamMethod<std::string, std::string> list("/mutants.Desk/List");
inline constexpr StreamUnaryMethod<std::string, std::string> collect("/mutants.Desk/Collect");
inline constexpr StreamStreamMethod<std::string, std::string> talk("/mutants.Desk/Talk");

sim::Body unary_plain(sim::World& world, std::size_t faults);
sim::Body unary_cancelled(sim::World& world, std::size_t faults);
sim::Body unary_deadline(sim::World& world, std::size_t faults);
sim::Body unary_stream_plain(sim::World& world, std::size_t faults);
sim::Body unary_stream_cancelled(sim::World& world, std::size_t faults);
sim::Body unary_stream_deadline(sim::World& world, std::size_t faults);
sim::Body stream_unary_plain(sim::World& world, std::size_t faults);
sim::Body stream_unary_cancelled(sim::World& world, std::size_t faults);
sim::Body stream_unary_deadline(sim::World& world, std::size_t faults);
sim::Body stream_stream_plain(sim::World& world, std::size_t faults);
sim::Body stream_stream_cancelled(sim::World& world, std::size_t faults);
sim::Body stream_stream_deadline(sim::World& world, std::size_t faults);
sim::Body two_calls(sim::World& world, std::size_t faults);
sim::Body channel_connecting(sim::World& world, std::size_t faults);
sim::Body channel_closing(sim::World& world, std::size_t faults);

}  // namespace weft::test
