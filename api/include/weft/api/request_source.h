#pragma once

#include <concepts>
#include <ranges>
#include <type_traits>

#include "weft/api/async_generator.h"

namespace weft {

namespace detail {

template <class Source, class Request>
inline constexpr bool is_generator_of = std::same_as<Source, AsyncGenerator<Request>>;

}  // namespace detail

// Where a call's requests may come from: any range of requests (a vector, a view), or an
// AsyncGenerator. The call takes it over, pulls one item at a time, the next when the transport has
// taken the one before, half-closes at the end, and destroys the source as soon as the call ends
// (B260-B271). A range that blocks, blocks the loop (B270).
// Errors: an exception that leaves the source cancels the call; debug_error_string() says what it
// was (B264). An item that cannot be serialised ends the call with INTERNAL (B272).
template <class Source, class Request>
concept RequestSource =
    detail::is_generator_of<std::remove_cvref_t<Source>, Request> ||
    (std::ranges::input_range<Source> &&
     std::convertible_to<std::ranges::range_reference_t<Source>, const Request&>);

}  // namespace weft
