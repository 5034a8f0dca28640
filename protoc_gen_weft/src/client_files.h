#pragma once

#include <string>

#include "service_model.h"

namespace weft::codegen {

// x.weft.pb.h: for every service its methods and its client.
std::string client_header(const FileModel& file);
// x.weft.pb.cc
std::string client_source(const FileModel& file);

}  // namespace weft::codegen
