#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "weft/api/method_descriptor.h"
#include "weft/transport_sim/body.h"
#include "weft/transport_sim/world.h"

namespace weft::test {

// What bodies are written in.
using sim::Anytime;
using sim::Body;
using sim::SimTransportOptions;
using sim::World;
namespace fault = sim::fault;

// What a user does with calls, to be explored with mutants of the library in place: ordinary code
// with few checks of its own. `faults` of those that make sense for it may strike in an execution.
class MutantBody {
 public:
  using Play = Body (*)(World& world, std::size_t faults);
  std::string_view name;
  Play play;
};

std::span<const MutantBody> mutant_bodies();

inline constexpr UnaryUnaryMethod<std::string, std::string> ask("/mutants.Desk/Ask");
inline constexpr UnaryStreamMethod<std::string, std::string> list("/mutants.Desk/List");
inline constexpr StreamUnaryMethod<std::string, std::string> collect("/mutants.Desk/Collect");
inline constexpr StreamStreamMethod<std::string, std::string> talk("/mutants.Desk/Talk");

Body unary_plain(World& world, std::size_t faults);
Body unary_cancelled(World& world, std::size_t faults);
Body unary_deadline(World& world, std::size_t faults);
Body unary_stream_plain(World& world, std::size_t faults);
Body unary_stream_cancelled(World& world, std::size_t faults);
Body unary_stream_deadline(World& world, std::size_t faults);
Body stream_unary_plain(World& world, std::size_t faults);
Body stream_unary_cancelled(World& world, std::size_t faults);
Body stream_unary_deadline(World& world, std::size_t faults);
Body stream_stream_plain(World& world, std::size_t faults);
Body stream_stream_cancelled(World& world, std::size_t faults);
Body stream_stream_deadline(World& world, std::size_t faults);
Body two_calls(World& world, std::size_t faults);
Body channel_connecting(World& world, std::size_t faults);
Body channel_closing(World& world, std::size_t faults);

}  // namespace weft::test
