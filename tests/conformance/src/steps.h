#pragma once

#include <string>
#include <vector>

#include "weft/conformance/bench.h"
#include "weft/conformance/check.h"

// What many checks do.
namespace weft::conformance {

using Texts = std::vector<std::string>;

// Receives until there is no more: "m:..." for each message, then "end" or "failed".
Task<Texts> drain(ObservedStream& stream);
// What the peer reports in its next message; an empty report, and a failure, if that is none.
Task<PeerReport> receive_report(ObservedStream& stream);
// A whole call over `transport` that comes back with `text`.
Task<> echo_once(Bench& bench, Transport& transport, std::string text);
// Sends `text`, and expects it back.
Task<> echo(ObservedStream& stream, std::string text);

// "numbered_message(0, size)" and so on, as drain() tells them, and the end.
Texts numbered(std::size_t count, std::size_t size);

// "Unary", "ServerStream", "ClientStream", "Bidi": for names.
std::string name_of(CallKind kind);
inline constexpr CallKind all_kinds[] = {CallKind::unary_unary, CallKind::unary_stream,
                                         CallKind::stream_unary, CallKind::stream_stream};

// Why checks are bounded where orders are tried.
inline constexpr const char* independent_calls =
    "the calls one after the other do not know each other: two deviations in one call are tried, "
    "and one in each of two";
inline constexpr const char* endless_attempts = "attempts to connect follow each other without end";
inline constexpr const char* wide_calls =
    "the calls run side by side, and the orders of all their events are too many";

}  // namespace weft::conformance
