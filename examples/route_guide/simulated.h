#pragma once

#include <string>
#include <vector>

#include "console.h"
#include "route_guide.pb.h"
#include "weft/transport_sim/report.h"
#include "weft/transport_sim/server.h"

namespace routeguide {

// Makes a simulated server a RouteGuide of these places: what the real server does, in a few lines.
// Its notes last as long as its world, so no execution sees those of another.
// Lifetime: the places outlive the server.
void serve_route_guide(weft::sim::Server& server, const std::vector<Feature>& places);

// Enough for every order to differ: Eiger, Matterhorn, Bern.
std::vector<Feature> few_places();

// "DEADLINE_EXCEEDED"
std::string code_name(const absl::Status& status);

// What an exploration says of itself: its verdict, and how often its executions ended in which way.
void print_report(Console& console, const weft::sim::Report& report);

// every_order.cc: the traveller's calls under every order of events.
void show_every_order(Console& console);

// broken_chat.cc: the same for a chat that has a bug.
void show_broken_chat(Console& console);

}  // namespace routeguide
