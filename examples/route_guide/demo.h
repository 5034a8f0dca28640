#pragma once

#include <vector>

#include "console.h"
#include "route_guide.weft.pb.h"
#include "weft/api/task.h"
#include "weft/transport/event_loop.h"

namespace routeguide {

// What every step of the demo works with. The places are read from the file that the server has
// read too: what the server should answer is worked out from them.
class Demo {
 public:
  Demo(RouteGuideClient the_client, weft::EventLoop& the_loop,
       const std::vector<Feature>& all_places, Console& the_console)
      : client(the_client), loop(the_loop), places(all_places), console(the_console) {}

  // Throws if there is no such place.
  const Feature& place(const std::string& name) const;

  const RouteGuideClient client;
  weft::EventLoop& loop;
  const std::vector<Feature>& places;
  Console& console;
};

Point point_at(double latitude, double longitude);
Rectangle area_between(const Point& lo, const Point& hi);
// "46.537 N    7.963 E", of constant width.
std::string location_text(const Point& point);

// basics.cc: the four kinds of call when all goes well.
weft::Task<void> show_get_feature(const Demo& demo);
weft::Task<void> show_list_features(const Demo& demo);
weft::Task<void> show_record_route(const Demo& demo);
weft::Task<void> show_route_chat(const Demo& demo);

// endings.cc: three ways not to end well.
weft::Task<void> show_cancel(const Demo& demo);
weft::Task<void> show_deadline(const Demo& demo);
weft::Task<void> show_unreachable(const Demo& demo);

}  // namespace routeguide
