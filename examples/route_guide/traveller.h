#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "route_guide.weft.pb.h"
#include "weft/api/channel.h"
#include "weft/api/task.h"

namespace routeguide {

// What a traveller does with RouteGuide: the client code of this demo, written once. Each function
// makes its call with the client that it is given and cannot tell what is behind it, so the demo
// runs it over real gRPC first and in the simulator then.
//
// Lifetime: what is given by reference outlives the task.

using Chat = weft::StreamStreamCall<RouteNote, RouteNote>;

// Calls `each` with every feature of the area, as it comes. Gives the call's status.
weft::Task<absl::Status> list_area(RouteGuideClient client, Rectangle area,
                                   weft::CallOptions options,
                                   std::function<void(const Feature&)> each);

// Sends the points one by one, as they would come from a real journey.
weft::Task<absl::StatusOr<RouteSummary>> record_journey(RouteGuideClient client,
                                                        std::vector<Point> points,
                                                        weft::CallOptions options);

// Is told what happens in a chat.
class ChatWatcher {
 public:
  virtual ~ChatWatcher() = default;
  // The call was made. Keep a copy of the handle to end it early.
  virtual void began(const Chat& chat) { (void)chat; }
  virtual void writes(const RouteNote& note) { (void)note; }
  virtual void came(const RouteNote& note) = 0;
};

// Leaves the notes, reading what comes back meanwhile. Gives the call's status or, if the call went
// well all the same, why a note could not be written.
weft::Task<absl::Status> converse(RouteGuideClient client, std::vector<RouteNote> notes,
                                  weft::CallOptions options, ChatWatcher& watcher);

RouteNote note_at(const Point& location, std::string message);

}  // namespace routeguide
