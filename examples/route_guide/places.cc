#include "places.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace routeguide {

absl::StatusOr<std::vector<Feature>> load_places(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError("cannot open " + path);
  std::vector<Feature> places;
  try {
    for (const nlohmann::json& entry : nlohmann::json::parse(file)) {
      Feature& place = places.emplace_back();
      place.set_name(entry.at("name").get<std::string>());
      place.mutable_location()->set_latitude(entry.at("latitude").get<int>());
      place.mutable_location()->set_longitude(entry.at("longitude").get<int>());
    }
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(path + ": " + error.what());
  }
  return places;
}

}  // namespace routeguide
