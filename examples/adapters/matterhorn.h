#pragma once

#include "route_guide.pb.h"

inline routeguide::Point where_the_matterhorn_is() {
  routeguide::Point point;
  point.set_latitude(459'766'000);
  point.set_longitude(76'585'000);
  return point;
}
