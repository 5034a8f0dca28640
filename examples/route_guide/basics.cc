#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <random>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "demo.h"
#include "places.h"
#include "traveller.h"

namespace routeguide {
namespace {

constexpr std::size_t name_width = 26;

std::string row(const Feature& feature) {
  const std::string name = feature.name().empty() ? "(nothing known)" : feature.name();
  return pad(name, name_width) + location_text(feature.location());
}

std::string sorted_names(const std::vector<Feature>& features) {
  std::vector<std::string> names;
  for (const Feature& feature : features) names.push_back(feature.name());
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += name + "; ";
  return text;
}

// The angle between two directions from the Earth's centre, times its radius: not the formula that
// the server uses.
double metres_between(const Point& from, const Point& to) {
  constexpr double radius_metres = 6371e3;
  constexpr double radians_per_degree = std::numbers::pi / 180;
  const auto direction = [](const Point& point, double(&axes)[3]) {
    const double latitude = latitude_degrees(point) * radians_per_degree;
    const double longitude = longitude_degrees(point) * radians_per_degree;
    axes[0] = std::cos(latitude) * std::cos(longitude);
    axes[1] = std::cos(latitude) * std::sin(longitude);
    axes[2] = std::sin(latitude);
  };
  double a[3];
  double b[3];
  direction(from, a);
  direction(to, b);
  const double chord = std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  return 2 * radius_metres * std::asin(chord / 2);
}

Point halfway(const Point& a, const Point& b) {
  return point_at((latitude_degrees(a) + latitude_degrees(b)) / 2,
                  (longitude_degrees(a) + longitude_degrees(b)) / 2);
}

std::vector<Point> journey_through(const std::vector<Feature>& stops) {
  std::vector<Point> points;
  for (const Feature& stop : stops) {
    if (!points.empty()) points.push_back(halfway(points.back(), stop.location()));
    points.push_back(stop.location());
  }
  return points;
}

// A server keeps its notes, so each run leaves them at spots of its own, a few hundred metres
// apart.
Point spot_near(double latitude, double longitude) {
  std::random_device random;
  std::uniform_int_distribution<int> offset(-40'000, 40'000);
  Point spot = point_at(latitude, longitude);
  spot.set_latitude(spot.latitude() + offset(random));
  spot.set_longitude(spot.longitude() + offset(random));
  return spot;
}

// Prints a chat as it happens, and keeps what came.
class PrintedChat final : public ChatWatcher {
 public:
  explicit PrintedChat(Console& console) : console_(console) {}

  void writes(const RouteNote& note) override { print("-> ", note); }
  void came(const RouteNote& note) override {
    print("<- ", note);
    notes_.push_back(note);
  }
  const std::vector<RouteNote>& notes() const { return notes_; }

 private:
  void print(const std::string& arrow, const RouteNote& note) {
    console_.line(arrow + location_text(note.location()) + "   " + note.message());
  }

  Console& console_;
  std::vector<RouteNote> notes_;
};

}  // namespace

weft::Task<void> show_get_feature(const Demo& demo) {
  demo.console.heading("GetFeature", "one request, one response");
  const Feature& known = demo.place("Matterhorn");
  const absl::StatusOr<Feature> found = co_await demo.client.get_feature(known.location());
  if (demo.console.expect_ok("the call", found.status())) {
    demo.console.line(row(*found));
    demo.console.expect_equal("the name", found->name(), known.name());
  }

  const Point open_sea = point_at(0, 0);
  const absl::StatusOr<Feature> nothing = co_await demo.client.get_feature(open_sea);
  if (demo.console.expect_ok("the call", nothing.status())) {
    demo.console.line(row(*nothing));
    demo.console.expect_equal<std::string>("the name", nothing->name(), "");
    demo.console.expect(same_location(nothing->location(), open_sea),
                        "the location is the one asked for");
  }
  demo.console.conclude("a place by its location, and no name where there is none");
}

weft::Task<void> show_list_features(const Demo& demo) {
  constexpr double south = 45.8;
  constexpr double north = 47.2;
  constexpr double west = 6.6;
  constexpr double east = 10.6;
  demo.console.heading("ListFeatures", "one request, a stream of responses");
  demo.console.faint_line(
      absl::StrFormat("the Alps from %.1f to %.1f N, %.1f to %.1f E", south, north, west, east));
  const Rectangle area = area_between(point_at(south, west), point_at(north, east));

  std::vector<Feature> came;
  auto listing = list_area(demo.client, area, weft::CallOptions(), [&](const Feature& feature) {
    demo.console.line(row(feature));
    came.push_back(feature);
  });
  const absl::Status status = co_await std::move(listing);

  std::vector<Feature> expected;
  std::ranges::copy_if(demo.places, std::back_inserter(expected), [&](const Feature& place) {
    const double latitude = latitude_degrees(place.location());
    const double longitude = longitude_degrees(place.location());
    return south <= latitude && latitude <= north && west <= longitude && longitude <= east;
  });
  demo.console.expect_ok("the call", status);
  demo.console.expect_equal("the number of features", came.size(), expected.size());
  demo.console.expect_equal("the list", sorted_names(came), sorted_names(expected));
  demo.console.conclude(
      absl::StrFormat("%d features, those that places.json has there, of %d in all", came.size(),
                      demo.places.size()));
}

weft::Task<void> show_record_route(const Demo& demo) {
  demo.console.heading("RecordRoute", "a stream of requests, one response");
  std::vector<Feature> stops;
  std::string names;
  for (const char* name : {"London", "Paris", "Strasbourg", "Munich", "Vienna", "Budapest",
                           "Belgrade", "Sofia", "Istanbul"}) {
    stops.push_back(demo.place(name));
    names += (names.empty() ? "" : " - ") + stops.back().name();
  }
  const std::vector<Point> points = journey_through(stops);
  demo.console.line(names);
  demo.console.faint_line("and a point halfway between any two of them");

  auto recording = record_journey(demo.client, points, weft::CallOptions());
  const absl::StatusOr<RouteSummary> summary = co_await std::move(recording);
  if (!demo.console.expect_ok("the call", summary.status())) co_return;
  demo.console.field("points", absl::StrFormat("%d", summary->point_count()));
  demo.console.field("features", absl::StrFormat("%d", summary->feature_count()));
  demo.console.field("distance", absl::StrFormat("%d km", summary->distance() / 1000));
  demo.console.field("elapsed", absl::StrFormat("%d s", summary->elapsed_time()));

  double metres = 0;
  for (std::size_t i = 1; i < points.size(); ++i)
    metres += metres_between(points[i - 1], points[i]);
  demo.console.expect_equal<std::size_t>("the number of points", summary->point_count(),
                                         points.size());
  demo.console.expect_equal<std::size_t>("the number of features", summary->feature_count(),
                                         stops.size());
  demo.console.expect(std::abs(summary->distance() - metres) < 10,
                      absl::StrFormat("%d m are close to %.0f m", summary->distance(), metres));
  demo.console.expect(summary->elapsed_time() >= 0, "time does not run backwards");
  demo.console.conclude("the distance agrees with another formula to 10 m");
}

weft::Task<void> show_route_chat(const Demo& demo) {
  demo.console.heading("RouteChat", "both sides stream, reading while writing");
  const Point pier = spot_near(47.36, 8.54);
  const Point summit = spot_near(47.35, 8.49);
  const std::vector<RouteNote> notes = {
      note_at(pier, "the boat leaves at nine"), note_at(summit, "mind the last few steps"),
      note_at(pier, "it is full on Sundays"), note_at(summit, "the whole range is in view"),
      note_at(pier, "found a seat")};
  PrintedChat chat(demo.console);
  auto conversation = converse(demo.client, notes, weft::CallOptions(), chat);
  const absl::Status status = co_await std::move(conversation);

  demo.console.expect_ok("the chat", status);
  std::string expected;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (!same_location(notes[earlier].location(), notes[i].location())) continue;
      expected += notes[earlier].message() + "; ";
    }
  }
  std::string actual;
  for (const RouteNote& note : chat.notes()) actual += note.message() + "; ";
  demo.console.expect_equal("the conversation", actual, expected);
  demo.console.conclude("every note brought the earlier ones of its place, in order");
}

}  // namespace routeguide
