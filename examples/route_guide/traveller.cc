#include "traveller.h"

#include <string>
#include <utility>

#include "weft/api/async_generator.h"
#include "weft/api/when_all.h"

namespace routeguide {
namespace {

// Where a real client would wait for its position between two points.
weft::AsyncGenerator<Point> travel(std::vector<Point> points) {
  for (const Point& point : points) co_yield point;
}

weft::Task<absl::Status> write_notes(Chat chat, const std::vector<RouteNote>& notes,
                                     ChatWatcher& watcher) {
  for (const RouteNote& note : notes) {
    watcher.writes(note);
    const absl::Status written = co_await chat.write(note);
    if (!written.ok()) co_return written;
  }
  co_return co_await chat.done_writing();
}

weft::Task<absl::Status> read_notes(Chat chat, ChatWatcher& watcher) {
  while (auto note = co_await chat.read()) watcher.came(*note);
  co_return co_await chat.status();
}

}  // namespace

weft::Task<absl::Status> list_area(RouteGuideClient client, Rectangle area,
                                   weft::CallOptions options,
                                   std::function<void(const Feature&)> each) {
  auto call = client.list_features(area, std::move(options));
  while (auto feature = co_await call.read()) each(*feature);
  co_return co_await call.status();
}

weft::Task<absl::StatusOr<RouteSummary>> record_journey(RouteGuideClient client,
                                                        std::vector<Point> points,
                                                        weft::CallOptions options) {
  auto call = client.record_route(travel(std::move(points)), std::move(options));
  co_return co_await call;
}

weft::Task<absl::Status> converse(RouteGuideClient client, std::vector<RouteNote> notes,
                                  weft::CallOptions options, ChatWatcher& watcher) {
  const Chat chat = client.route_chat(std::move(options));
  watcher.began(chat);
  auto both = weft::when_all(write_notes(chat, notes, watcher), read_notes(chat, watcher));
  const auto [written, status] = co_await std::move(both);
  if (!status.ok()) co_return status;
  co_return written;
}

RouteNote note_at(const Point& location, std::string message) {
  RouteNote note;
  *note.mutable_location() = location;
  note.set_message(std::move(message));
  return note;
}

}  // namespace routeguide
