#include "demo.h"

#include <cmath>
#include <stdexcept>

#include "absl/strings/str_format.h"
#include "places.h"

namespace routeguide {

const Feature& Demo::place(const std::string& name) const {
  for (const Feature& candidate : places) {
    if (candidate.name() == name) return candidate;
  }
  throw std::runtime_error("places.json has no " + name);
}

Point point_at(double latitude, double longitude) {
  Point point;
  point.set_latitude(static_cast<int>(std::lround(latitude * e7_per_degree)));
  point.set_longitude(static_cast<int>(std::lround(longitude * e7_per_degree)));
  return point;
}

Rectangle area_between(const Point& lo, const Point& hi) {
  Rectangle area;
  *area.mutable_lo() = lo;
  *area.mutable_hi() = hi;
  return area;
}

std::string location_text(const Point& point) {
  const double latitude = latitude_degrees(point);
  const double longitude = longitude_degrees(point);
  return absl::StrFormat("%6.2f %c  %7.2f %c", std::abs(latitude), latitude < 0 ? 'S' : 'N',
                         std::abs(longitude), longitude < 0 ? 'W' : 'E');
}

}  // namespace routeguide
