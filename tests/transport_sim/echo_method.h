#pragma once

#include <string>

#include "weft/api/method_descriptor.h"

namespace weft::sim {

inline constexpr UnaryUnaryMethod<std::string, std::string> echo("/test.Echo/Echo");

}  // namespace weft::sim
