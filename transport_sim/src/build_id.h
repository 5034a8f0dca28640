#pragma once

#include <string>

namespace weft::sim::detail {

// Names the program that runs, and the library that this is in if that is another file: the build
// ids that the linker gave them, in hexadecimal; where there is none, a hash of the file. The same
// on every machine that runs the same files.
const std::string& build_id();

}  // namespace weft::sim::detail
