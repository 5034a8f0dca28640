#pragma once

#include <string>

#include "service_model.h"

namespace weft::codegen {

// x.weft_fake.pb.h: for every service its fake, for the simulator.
std::string fake_header(const FileModel& file);

}  // namespace weft::codegen
