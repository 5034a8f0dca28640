#pragma once

#include <string>
#include <string_view>

namespace weft::codegen {

// "GetHTTPStatus" is "get_http_status".
std::string snake_case(std::string_view name);

// The name, or with an underscore behind it what C++ or the C library's macros have taken.
std::string usable_name(std::string name);

}  // namespace weft::codegen
