#include "simulated.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "demo.h"
#include "places.h"
#include "route_guide.weft_fake.pb.h"
#include "weft/api/task.h"

namespace routeguide {
namespace {

using ListingCall = RouteGuideFake::ListFeaturesCall;
using RecordingCall = RouteGuideFake::RecordRouteCall;
using ChatCall = RouteGuideFake::RouteChatCall;

bool contains(const Rectangle& area, const Point& point) {
  return area.lo().latitude() <= point.latitude() && point.latitude() <= area.hi().latitude() &&
         area.lo().longitude() <= point.longitude() && point.longitude() <= area.hi().longitude();
}

weft::Task<absl::Status> list(const std::vector<Feature>& places, const Rectangle& area,
                              ListingCall& call) {
  for (const Feature& place : places) {
    if (contains(area, place.location())) co_await call.write(place);
  }
  co_return absl::OkStatus();
}

weft::Task<absl::StatusOr<RouteSummary>> record(const std::vector<Feature>& places,
                                                RecordingCall& call) {
  RouteSummary summary;
  while (auto point = co_await call.read()) {
    summary.set_point_count(summary.point_count() + 1);
    const bool known = std::ranges::any_of(
        places, [&](const Feature& place) { return same_location(place.location(), *point); });
    if (known) summary.set_feature_count(summary.feature_count() + 1);
  }
  co_return summary;
}

weft::Task<absl::Status> chat(std::vector<RouteNote>& notes, ChatCall& call) {
  while (auto note = co_await call.read()) {
    const std::size_t earlier = notes.size();
    notes.push_back(*note);
    for (std::size_t i = 0; i < earlier; ++i) {
      if (same_location(notes[i].location(), note->location())) co_await call.write(notes[i]);
    }
  }
  co_return absl::OkStatus();
}

}  // namespace

void serve_route_guide(weft::sim::Server& server, const std::vector<Feature>& places) {
  RouteGuideFake(server)
      .list_features(
          [&places](const Rectangle& area, ListingCall& call) { return list(places, area, call); })
      .record_route([&places](RecordingCall& call) { return record(places, call); })
      .route_chat([notes = std::make_shared<std::vector<RouteNote>>()](ChatCall& call) {
        return chat(*notes, call);
      });
}

std::vector<Feature> few_places() {
  std::vector<Feature> places;
  const auto add = [&](const std::string& name, double latitude, double longitude) {
    Feature& place = places.emplace_back();
    place.set_name(name);
    *place.mutable_location() = point_at(latitude, longitude);
  };
  add("Eiger", 46.58, 8.01);
  add("Matterhorn", 45.98, 7.66);
  add("Bern", 46.95, 7.45);
  return places;
}

std::string code_name(const absl::Status& status) {
  return absl::StatusCodeToString(status.code());
}

void print_report(Console& console, const weft::sim::Report& report) {
  const std::string found = report.failed_executions == 0
                                ? "all passed"
                                : absl::StrFormat("%d failed", report.failed_executions);
  console.field("verdict", absl::StrFormat("%s: %d orders tried, %s",
                                           std::string(weft::sim::to_string(report.verdict)),
                                           report.executions, found));
  console.field("bounds", report.conditions);
  std::vector<std::pair<std::size_t, std::string>> rows;
  for (const auto& [name, outcome] : report.outcomes) rows.emplace_back(outcome.count, name);
  std::ranges::stable_sort(rows, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, name] : rows) {
    console.field(absl::StrFormat("%8d", count), name);
  }
}

}  // namespace routeguide
