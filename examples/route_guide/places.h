#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "route_guide.pb.h"

namespace routeguide {

// Reads a JSON array of {"name": text, "latitude": E7, "longitude": E7}.
absl::StatusOr<std::vector<Feature>> load_places(const std::string& path);

inline constexpr double e7_per_degree = 1e7;

inline double latitude_degrees(const Point& point) {
  return point.latitude() / e7_per_degree;
}
inline double longitude_degrees(const Point& point) {
  return point.longitude() / e7_per_degree;
}

inline bool same_location(const Point& a, const Point& b) {
  return a.latitude() == b.latitude() && a.longitude() == b.longitude();
}

}  // namespace routeguide
