#include "bodies.h"

namespace weft::test {

std::span<const MutantBody> mutant_bodies() {
  static constexpr MutantBody all[] = {
      {"unary.plain", &unary_plain},
      {"unary.cancelled", &unary_cancelled},
      {"unary.deadline", &unary_deadline},
      {"unary_stream.plain", &unary_stream_plain},
      {"unary_stream.cancelled", &unary_stream_cancelled},
      {"unary_stream.deadline", &unary_stream_deadline},
      {"stream_unary.plain", &stream_unary_plain},
      {"stream_unary.cancelled", &stream_unary_cancelled},
      {"stream_unary.deadline", &stream_unary_deadline},
      {"stream_stream.plain", &stream_stream_plain},
      {"stream_stream.cancelled", &stream_stream_cancelled},
      {"stream_stream.deadline", &stream_stream_deadline},
      {"two_calls", &two_calls},
      {"channel.connecting", &channel_connecting},
      {"channel.closing", &channel_closing},
  };
  return all;
}

}  // namespace weft::test
