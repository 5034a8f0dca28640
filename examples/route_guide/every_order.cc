#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "demo.h"
#include "simulated.h"
#include "traveller.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"
#include "weft/transport_sim/explore.h"

namespace routeguide {
namespace {

namespace sim = weft::sim;

constexpr absl::Duration patience = absl::Seconds(2);

// What the three below have in common: a client of a simulated server, made anew for each order.
class Journey {
 public:
  explicit Journey(sim::World& world)
      : places(few_places()), channel(world.transport(), world.loop()), client(channel) {
    serve_route_guide(world.server(), places);
  }

  const std::vector<Feature> places;
  weft::Channel channel;
  const RouteGuideClient client;
};

weft::Task<void> explore_listing(sim::World& world) {
  world.allow(sim::fault::connection_lost());
  const Journey journey(world);
  const Rectangle area = area_between(point_at(45, 6), point_at(48, 11));
  std::size_t came = 0;
  auto listing = list_area(
      journey.client, area, weft::CallOptions().timeout(patience), [&](const Feature& feature) {
        world.note(feature.name());
        if (came >= journey.places.size() || feature.name() != journey.places[came].name()) {
          world.fail("a feature is lost, doubled or out of turn");
        }
        ++came;
      });
  const absl::Status status = co_await std::move(listing);
  if (status.ok() && came != journey.places.size()) world.fail("OK, but features are missing");
  if (world.elapsed() > patience) world.fail("it outlived its deadline");
  world.outcome(absl::StrFormat("%s after %d of %d features", code_name(status), came,
                                journey.places.size()));
}

weft::Task<void> explore_recording(sim::World& world) {
  const Journey journey(world);
  std::vector<Point> points;
  for (const Feature& place : journey.places) points.push_back(place.location());
  auto recording = record_journey(journey.client, points, weft::CallOptions().timeout(patience));
  const absl::StatusOr<RouteSummary> summary = co_await std::move(recording);
  if (summary.ok() && summary->point_count() != static_cast<int>(points.size())) {
    world.fail("OK, but points are missing");
  }
  if (world.elapsed() > patience) world.fail("it outlived its deadline");
  world.outcome(summary.ok() ? absl::StrFormat("OK, %d points", summary->point_count())
                             : code_name(summary.status()));
}

// Somebody who may hang up at any time.
class FicklePartner final : public ChatWatcher {
 public:
  explicit FicklePartner(sim::World& world) : world_(world) {}

  void began(const Chat& chat) override {
    hang_up_.emplace(world_, "user.hangs_up", [chat] { chat.cancel("the user hung up"); });
  }
  void came(const RouteNote& note) override {
    world_.note(note.message());
    ++notes_;
  }
  std::size_t notes() const { return notes_; }

 private:
  sim::World& world_;
  std::optional<sim::Anytime> hang_up_;
  std::size_t notes_ = 0;
};

weft::Task<void> explore_chat(sim::World& world) {
  const Journey journey(world);
  const Point pier = point_at(47.36, 8.54);
  const std::vector<RouteNote> notes = {note_at(pier, "the boat leaves at nine"),
                                        note_at(pier, "found a seat")};
  FicklePartner partner(world);
  auto conversation = converse(journey.client, notes, weft::CallOptions(), partner);
  const absl::Status status = co_await std::move(conversation);
  if (status.ok() && partner.notes() != 1) world.fail("OK, but the note is missing");
  world.outcome(absl::StrFormat("%s, %d of 1 note came", code_name(status), partner.notes()));
}

using ClientBody = weft::Task<void> (*)(sim::World&);

void explore_one(Console& console, const std::string& name, const std::string& what_may_happen,
                 ClientBody body) {
  console.field("client", name);
  console.field("may come", what_may_happen);
  const sim::Report report = sim::explore(sim::ExploreOptions().name(name), body);
  print_report(console, report);
  for (const std::string& problem : report.problems) console.differs(problem);
  console.expect(report.verdict == sim::Verdict::complete, name + " is explored to the end");
  console.expect(report.failed_executions == 0, name + " passes in every order");
  console.expect(report.outcomes.size() > 1, name + " can end in more than one way");
}

}  // namespace

void show_every_order(Console& console) {
  console.heading("Every order", "the same client code, in the simulator");
  console.paragraph(
      "The calls above met one order of events each: the one that happened to happen. Now the "
      "functions that made them (traveller.h) get a client whose channel is simulated. There is no "
      "network and no waiting: time is a number, and wherever two things could happen next, each "
      "of them is tried, with all that can follow.");
  explore_one(console, "list_area",
              "a deadline at any moment, and a connection that is lost at any moment",
              &explore_listing);
  explore_one(console, "record_journey", "a deadline at any moment", &explore_recording);
  explore_one(console, "converse", "a user who hangs up at any moment, even before the connection",
              &explore_chat);
  console.conclude("COMPLETE: there is no order of these events in which the client goes wrong");
}

}  // namespace routeguide
